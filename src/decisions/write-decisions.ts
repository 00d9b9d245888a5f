import { canonicalJson } from '../domain/index.ts';
import { linkArrays, linkInsertSql, type StoredLink } from '../fraud/index.ts';
import { type Database, rememberMomentSql } from '../platform/index.ts';
import type { DecisionBody, DecisionRecord } from './record.ts';
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

type Written = {
  readonly place: number;
  readonly sequence: number;
  readonly previous_hash: string;
  readonly hash: string;
};

/**
 * Writes decisions to the end of the portfolio's chain, in one statement that is a transaction: records, the keys they complete and those
 * of fraud checks are all there after a crash, or none. See sql/migrations/0063_append_decisions.sql.
 * @returns a record for each entry; undefined where the lease of its idempotency key was lost meanwhile
 */
export async function writeDecisions(
  database: Database,
  portfolio: string,
  entries: readonly NewDecision[],
): Promise<(DecisionRecord | undefined)[]> {
  const texts = entries.map(({ stored }) => textBeforeSequence(stored.envelope));
  const rows = await database.write<Written>('decisions_append', APPEND_SQL, valuesOf(portfolio, entries, texts));
  const records: (DecisionRecord | undefined)[] = entries.map(() => undefined);
  for (const { place, sequence, previous_hash: previousHash, hash } of rows) {
    const { body, response } = entries[place - 1]!;
    const bodyText = `${texts[place - 1]}${sequence}}`;
    records[place - 1] = { body: { ...body, sequence }, bodyText, response, previousHash, hash };
  }
  return records;
}

/** Canonical JSON sorts its members, and `sequence` is the last of a record's. */
function textBeforeSequence(envelope: StoredDecision['envelope']): string {
  return canonicalJson({ ...envelope, sequence: 0 }).slice(0, -'0}'.length);
}

const APPEND_SQL = `
  WITH written AS MATERIALIZED (
    SELECT w.*, ($3::text[])[w.place] AS application_id, ($2::text[])[w.place] AS decision_id, ($6::text[])[w.place] AS actor,
      ($15::text[])[w.place] AS key
    FROM append_decisions($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS w
  ), linked AS (${linkInsertSql('decision', 17, 'written')}),
  remembered AS (${rememberMomentSql('decision', '$1', '$22')}),
  completed AS (
    UPDATE idempotency_keys k SET decision_id = w.decision_id FROM written w WHERE k.actor = w.actor AND k.key = w.key
  )
  SELECT place, sequence, previous_hash, hash FROM written`;

function valuesOf(portfolio: string, entries: readonly NewDecision[], texts: readonly string[]): unknown[] {
  const column = <T>(value: (body: NewDecision['body']) => T): T[] => entries.map(({ body }) => value(body));
  return [
    portfolio,
    column((body) => body.decisionId),
    column((body) => body.application.applicationId),
    entries.map(({ stored }) => stored.person),
    column((body) => body.decidedAt),
    column((body) => body.actor),
    column((body) => body.result.outcome),
    column((body) => body.result.pd),
    column((body) => body.result.score),
    column((body) => body.result.grade),
    column((body) => body.modelVersion),
    column((body) => body.policyHash),
    texts,
    entries.map(({ stored }) => stored.response),
    entries.map(({ claim }) => claim?.key.key ?? null),
    entries.map(({ claim }) => claim?.lease ?? null),
    ...linkArrays(entries.flatMap(({ links }) => links ?? [])),
    latestOf(entries),
  ];
}

/** What arrives later is stamped no earlier; both are UTC in ISO 8601 and compare as texts. */
function latestOf(entries: readonly NewDecision[]): string {
  return entries
    .flatMap(({ body }) => [body.decidedAt, body.asOf])
    .sort()
    .at(-1)!;
}
