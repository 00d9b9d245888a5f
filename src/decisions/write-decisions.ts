import { linkArrays, linkInsertSql, type StoredLink } from '../fraud/index.ts';
import { type Database, GENESIS_HASH, rememberMomentSql } from '../platform/index.ts';
import { chainRecord, type DecisionBody, type DecisionRecord } from './record.ts';
import type { StoredDecision } from './sealed-record.ts';

export type IdempotencyKey = { readonly actor: string; readonly key: string; readonly requestHash: string };

export type NewDecision = {
  readonly body: Omit<DecisionBody, 'sequence'>;
  readonly response: string;
  /** As it is stored; see sealed-record.ts. */
  readonly stored: StoredDecision;
  /** Keys that other borrowers should not share; kept with the decision, or not at all. */
  readonly links?: readonly StoredLink[] | undefined;
  readonly claim?: { readonly key: IdempotencyKey; readonly lease: string };
};

type HeadRow = { sequence: string | null; hash: string | null; held: string[] | null };

/**
 * Writes decisions to the end of the portfolio's chain, inside a transaction: three statements, however many there are.
 * Nobody else appends to this chain before the transaction ends.
 * @returns a record for each entry; undefined where the lease of its idempotency key was lost meanwhile
 */
export async function writeDecisions(
  database: Database,
  portfolio: string,
  entries: readonly NewDecision[],
): Promise<(DecisionRecord | undefined)[]> {
  // a statement of its own: the next one must see what the holder of the lock before us committed
  await database.prepared('decision_lock', "SELECT pg_advisory_xact_lock(hashtext('assay.decisions'), hashtext($1))", [
    portfolio,
  ]);
  const { held, ...found } = await readHead(database, portfolio, entries);
  let { head } = found;
  const records = entries.map((entry) => {
    if (entry.claim && !held.has(entry.claim.lease)) return undefined;
    const record = chainRecord({ ...entry, envelope: entry.stored.envelope }, head);
    head = { sequence: record.body.sequence, hash: record.hash };
    return { entry, record };
  });
  const written = records.filter((one) => one !== undefined);
  if (written.length > 0) await insert(database, portfolio, written);
  return records.map((one) => one?.record);
}

/** The end of the chain, and which of the entries' leases still hold: their rows are locked until commit. */
async function readHead(database: Database, portfolio: string, entries: readonly NewDecision[]) {
  const claims = entries.flatMap(({ claim }) => (claim ? [claim] : []));
  const [row] = await database.prepared<HeadRow>(
    'decision_head',
    `WITH held AS MATERIALIZED (
       SELECT k.lease FROM idempotency_keys k
       JOIN unnest($2::text[], $3::text[], $4::text[]) AS c (actor, key, lease) USING (actor, key, lease)
       WHERE k.decision_id IS NULL FOR UPDATE OF k
     )
     SELECT (SELECT array_agg(lease) FROM held) AS held, last.sequence, last.hash
     FROM (VALUES (1)) AS one LEFT JOIN LATERAL
       (SELECT sequence, hash FROM decisions WHERE portfolio = $1 ORDER BY sequence DESC LIMIT 1) AS last ON true`,
    [portfolio, claims.map(({ key }) => key.actor), claims.map(({ key }) => key.key), claims.map(({ lease }) => lease)],
  );
  const head =
    row?.hash && row.sequence !== null
      ? { sequence: Number(row.sequence), hash: row.hash }
      : { sequence: 0, hash: GENESIS_HASH };
  return { head, held: new Set(row?.held ?? []) };
}

/** What arrives later is stamped no earlier; both are UTC in ISO 8601 and compare as texts. */
function latestOf(written: readonly Written[]): string {
  const moments = written.flatMap(({ record: { body } }) => [body.decidedAt, body.asOf]);
  return moments.sort().at(-1)!;
}

type Written = { readonly entry: NewDecision; readonly record: DecisionRecord };

/** Records, the keys they complete and those of fraud checks, in one statement: all are there after a crash, or none. */
async function insert(database: Database, portfolio: string, written: readonly Written[]): Promise<void> {
  const column = <T>(value: (record: DecisionRecord) => T): T[] => written.map(({ record }) => value(record));
  const keyed = written.filter(({ entry }) => entry.claim !== undefined);
  await database.prepared(
    'decision_insert',
    `WITH written AS (
       INSERT INTO decisions (portfolio, sequence, decision_id, application_id, borrower_id, decided_at, actor, outcome, pd,
         score, grade, model_version, policy_hash, body, response, previous_hash, hash)
       SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
         $9::float8[], $10::float8[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
     ), linked AS (${linkInsertSql('decision', 21)}),
     remembered AS (${rememberMomentSql('decision', '$1', '$26')})
     UPDATE idempotency_keys k SET decision_id = done.decision_id
     FROM unnest($18::text[], $19::text[], $20::text[]) AS done (actor, key, decision_id)
     WHERE k.actor = done.actor AND k.key = done.key`,
    [
      portfolio,
      column(({ body }) => body.sequence),
      column(({ body }) => body.decisionId),
      column(({ body }) => body.application.applicationId),
      written.map(({ entry }) => entry.stored.person),
      column(({ body }) => body.decidedAt),
      column(({ body }) => body.actor),
      column(({ body }) => body.result.outcome),
      column(({ body }) => body.result.pd),
      column(({ body }) => body.result.score),
      column(({ body }) => body.result.grade),
      column(({ body }) => body.modelVersion),
      column(({ body }) => body.policyHash),
      column((record) => record.bodyText),
      written.map(({ entry }) => entry.stored.response),
      column((record) => record.previousHash),
      column((record) => record.hash),
      keyed.map(({ entry }) => entry.claim?.key.actor),
      keyed.map(({ entry }) => entry.claim?.key.key),
      keyed.map(({ record }) => record.body.decisionId),
      ...linkArrays(written.flatMap(({ entry }) => entry.links ?? [])),
      latestOf(written),
    ],
  );
}
