import { chainRecord, type DecisionBody, type DecisionRecord } from '../../../src/decisions/index.ts';
import { canonicalJson, sha256Hex } from '../../../src/domain/index.ts';
import { type Database, GENESIS_HASH } from '../../../src/platform/index.ts';

/** Rows of one statement. */
const BATCH = 1_000;
const POLICY = canonicalJson({ version: 'audited/1' });

/**
 * Fills the register of decisions with records as the system writes them, chained, from `from + 1` on. `features`: how many
 * feature values each holds; forty make a record of about two kilobytes.
 */
export async function fillDecisions(
  database: Database,
  options: { readonly portfolio: string; readonly records: number; readonly features?: number },
): Promise<void> {
  const { portfolio, records, features = 40 } = options;
  await database.query(
    `INSERT INTO credit_policies (policy_hash, portfolio, version, body, first_used_at) VALUES ($1, $2, 'audited/1', $3, now())
     ON CONFLICT DO NOTHING`,
    [sha256Hex(POLICY), portfolio, POLICY],
  );
  let head = { sequence: 0, hash: GENESIS_HASH };
  while (head.sequence < records) {
    const batch: DecisionRecord[] = [];
    while (batch.length < BATCH && head.sequence < records) {
      const record = chainRecord(entryOf(portfolio, head.sequence + 1, features), head);
      head = { sequence: record.body.sequence, hash: record.hash };
      batch.push(record);
    }
    await insert(database, batch);
  }
}

function entryOf(portfolio: string, number: number, features: number) {
  const pd = (number % 997) / 1000;
  const response = JSON.stringify({ decisionId: `d-${portfolio}-${number}`, outcome: 'approved', pd });
  const body: Omit<DecisionBody, 'sequence'> = {
    format: 'assay-decision/1',
    portfolio,
    currency: 'EUR',
    decisionId: `d-${portfolio}-${number}`,
    decidedAt: new Date(Date.UTC(2026, 0, 1) + number * 1_000).toISOString(),
    actor: 'underwriter',
    idempotencyKey: `key-${number}`,
    requestHash: sha256Hex(String(number)),
    application: { applicationId: `a-${number}`, borrowerId: `b-${number % 1000}`, columns: { amount_minor: 1000 } },
    request: { borrowerId: `b-${number % 1000}`, amountMinor: 1000 },
    missing: [],
    asOf: '2026-01-01T00:00:00.000Z',
    features: Object.fromEntries(
      Array.from({ length: features }, (_, index) => [`feature_number_${index}`, (number * 7919 + index) % 100_003]),
    ),
    provenance: { snapshot: 'none' },
    catalogHash: sha256Hex('catalog'),
    modelVersion: 'audited-logistic-1',
    policyVersion: 'audited/1',
    policyHash: sha256Hex(POLICY),
    result: {
      margin: -pd,
      pd,
      score: 600 - pd,
      grade: 'A1',
      reasons: [],
      outcome: 'approved',
      outcomeReasons: [],
      offer: null,
      trace: [],
    },
    responseHash: sha256Hex(response),
  };
  return { body, response };
}

async function insert(database: Database, batch: readonly DecisionRecord[]): Promise<void> {
  const of = (pick: (record: DecisionRecord) => unknown): unknown[] => batch.map(pick);
  await database.query(
    `INSERT INTO decisions (portfolio, sequence, decision_id, application_id, borrower_id, decided_at, actor, outcome, pd, score,
       grade, model_version, policy_hash, body, response, previous_hash, hash)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
       $9::float8[], $10::float8[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])`,
    [
      of(({ body }) => body.portfolio),
      of(({ body }) => body.sequence),
      of(({ body }) => body.decisionId),
      of(({ body }) => body.application.applicationId),
      of(({ body }) => body.application.borrowerId),
      of(({ body }) => body.decidedAt),
      of(({ body }) => body.actor),
      of(({ body }) => body.result.outcome),
      of(({ body }) => body.result.pd),
      of(({ body }) => body.result.score),
      of(({ body }) => body.result.grade),
      of(({ body }) => body.modelVersion),
      of(({ body }) => body.policyHash),
      of((record) => record.bodyText),
      of((record) => record.response),
      of((record) => record.previousHash),
      of((record) => record.hash),
    ],
  );
}

/** What somebody with the database's own password can do: triggers and constraints out of the way. */
export async function tamper(database: Database, sql: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query('ALTER TABLE decisions DISABLE TRIGGER USER');
    await transaction.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
    await transaction.query('ALTER TABLE audit_checkpoints DISABLE TRIGGER USER');
    await transaction.query('ALTER TABLE credit_policies DISABLE TRIGGER USER');
    await transaction.query(sql);
  });
}

/** Redoes every hash from a record on, as a forger who knows the format would. */
export const rechain = (portfolio: string, from: number): string => `
  DO $$
  DECLARE
    entry record;
    before text := coalesce((SELECT hash FROM decisions WHERE portfolio = '${portfolio}' AND sequence = ${from - 1}), repeat('0', 64));
  BEGIN
    FOR entry IN SELECT sequence, body FROM decisions WHERE portfolio = '${portfolio}' AND sequence >= ${from} ORDER BY sequence LOOP
      UPDATE decisions SET previous_hash = before, hash = encode(sha256(convert_to(before || E'\\n' || entry.body, 'UTF8')), 'hex')
        WHERE portfolio = '${portfolio}' AND sequence = entry.sequence RETURNING hash INTO before;
    END LOOP;
  END $$`;
