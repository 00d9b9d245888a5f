import { AssayError, type TableSchema } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import { type ApplyOutcome, type OnlineFact, settle, storedKey, type Version, versionOf } from './fact.ts';

/** Facts taken in one call: a statement's parameters stay within a few megabytes. */
export const MAX_FACTS = 5_000;

export type StoredTable = { readonly id: number; readonly schema: TableSchema };

/** All facts of a call that share a key, in the order they came. */
type Candidates = {
  readonly table: StoredTable;
  readonly key: string;
  readonly versions: Version[];
  readonly positions: number[];
};
type TailRow = {
  table_id: number;
  fact_key: string;
  borrower_id: string;
  known_us: number | null;
  content: string;
};
/** What holds the key after the call; `outcomes` are those of its candidates. */
type Settled = Candidates & { readonly kept: Version; readonly outcomes: readonly ApplyOutcome[] };

/**
 * Adds facts to the tail within the caller's transaction; the outcome of each, in order. Any number of deliveries in any
 * order leave the same rows behind.
 * @throws AssayError bad_input for more than MAX_FACTS facts, or a table that is not of this book
 */
export async function applyFacts(
  database: Database,
  tables: ReadonlyMap<string, StoredTable>,
  facts: readonly OnlineFact[],
  appliedAt: Date,
): Promise<{ outcomes: ApplyOutcome[]; changedReferences: boolean }> {
  if (facts.length > MAX_FACTS) throw tooMany(facts.length);
  const all = candidatesOf(tables, facts).map((candidates) => settleAll(candidates, undefined));
  const inserted = await insert(database, all, appliedAt);
  const repeated = all.filter(({ table, key }) => !inserted.has(idOf(table.id, key)));
  const against = repeated.length === 0 ? [] : await settleStored(database, repeated, appliedAt);
  const outcomes = new Array<ApplyOutcome>(facts.length);
  const fresh = all.filter(({ table, key }) => inserted.has(idOf(table.id, key)));
  for (const { settled } of [...fresh.map((settled) => ({ settled })), ...against])
    for (const [i, position] of settled.positions.entries()) outcomes[position] = settled.outcomes[i]!;
  const changed = [...fresh, ...against.filter((entry) => entry.changed).map((entry) => entry.settled)];
  return { outcomes, changedReferences: changed.some(({ kept }) => kept.borrowerId === '') };
}

const idOf = (tableId: number, key: string): string => `${tableId} ${key}`;

function candidatesOf(tables: ReadonlyMap<string, StoredTable>, facts: readonly OnlineFact[]): Candidates[] {
  const byId = new Map<string, Candidates>();
  for (const [position, fact] of facts.entries()) {
    const table = tables.get(fact.table) ?? unknownTable(fact.table, tables);
    const key = storedKey(fact.key);
    const id = idOf(table.id, key);
    const known = byId.get(id) ?? { table, key, versions: [], positions: [] };
    byId.set(id, known);
    known.versions.push(versionOf(table.schema, fact));
    known.positions.push(position);
  }
  // one order for every writer: two transactions never wait for each other
  return [...byId.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, candidates]) => candidates);
}

function settleAll(candidates: Candidates, stored: Version | undefined): Settled {
  let kept = stored;
  const outcomes = candidates.versions.map((version) => {
    const settled = settle(candidates.table.schema, kept, version);
    kept = settled.kept;
    return settled.outcome;
  });
  return { ...candidates, kept: kept!, outcomes };
}

async function insert(database: Database, all: readonly Settled[], appliedAt: Date): Promise<Set<string>> {
  const rows = await database.prepared<Pick<TailRow, 'table_id' | 'fact_key'>>(
    'online_tail_insert',
    `INSERT INTO online_tail (table_id, fact_key, borrower_id, known_us, content, applied_at)
     SELECT *, $6::timestamptz FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::text[])
     ON CONFLICT (table_id, fact_key) DO NOTHING RETURNING table_id, fact_key`,
    [...keysOf(all), ...versionsOf(all), appliedAt],
  );
  return new Set(rows.map((row) => idOf(row.table_id, row.fact_key)));
}

/** Those whose key was there before. */
async function settleStored(
  database: Database,
  repeated: readonly Settled[],
  appliedAt: Date,
): Promise<{ settled: Settled; changed: boolean }[]> {
  const rows = await database.prepared<TailRow>(
    'online_tail_lock',
    `SELECT t.table_id, t.fact_key, t.borrower_id, t.known_us, t.content
     FROM unnest($1::smallint[], $2::text[]) WITH ORDINALITY AS k (table_id, fact_key, nth)
     JOIN online_tail t USING (table_id, fact_key) ORDER BY nth FOR UPDATE OF t`,
    keysOf(repeated),
  );
  const stored = new Map(rows.map((row) => [idOf(row.table_id, row.fact_key), row]));
  const settled = repeated.map((entry) => {
    const row = stored.get(idOf(entry.table.id, entry.key));
    const before = row && { borrowerId: row.borrower_id, knownMicroseconds: row.known_us, content: row.content };
    const after = settleAll(entry, before);
    return { settled: after, changed: after.kept !== before };
  });
  const changed = settled.filter((entry) => entry.changed).map((entry) => entry.settled);
  if (changed.length > 0) await update(database, changed, appliedAt);
  return settled;
}

/** Also brings back a row that was pruned between the two statements. */
async function update(database: Database, changed: readonly Settled[], appliedAt: Date): Promise<void> {
  await database.prepared(
    'online_tail_update',
    `INSERT INTO online_tail (table_id, fact_key, borrower_id, known_us, content, applied_at)
     SELECT *, $6::timestamptz FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[], $5::text[])
     ON CONFLICT (table_id, fact_key) DO UPDATE SET borrower_id = EXCLUDED.borrower_id, known_us = EXCLUDED.known_us,
       content = EXCLUDED.content, applied_at = EXCLUDED.applied_at`,
    [...keysOf(changed), ...versionsOf(changed), appliedAt],
  );
}

function keysOf(entries: readonly Settled[]): [number[], string[]] {
  return [entries.map((entry) => entry.table.id), entries.map((entry) => entry.key)];
}

function versionsOf(entries: readonly Settled[]): [string[], (number | null)[], string[]] {
  return [
    entries.map(({ kept }) => kept.borrowerId),
    entries.map(({ kept }) => kept.knownMicroseconds),
    entries.map(({ kept }) => kept.content),
  ];
}

function unknownTable(name: string, tables: ReadonlyMap<string, StoredTable>): never {
  throw new AssayError('bad_input', {
    what: 'a fact of a table that this book does not have',
    given: name,
    allowed: [...tables.keys()].join(', '),
    fix: 'add a source that fills the table to portfolio.ts',
  });
}

function tooMany(count: number): AssayError {
  return new AssayError('bad_input', {
    what: 'too many facts at once',
    given: String(count),
    allowed: `at most ${MAX_FACTS}`,
    fix: 'apply them in batches',
  });
}
