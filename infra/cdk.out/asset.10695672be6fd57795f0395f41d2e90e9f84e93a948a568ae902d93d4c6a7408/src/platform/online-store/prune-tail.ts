import type { Database } from '../contract.ts';
import type { StoredTable } from './apply-facts.ts';
import { momentOf, readParts, type TableParts, type TailFact } from './read-facts.ts';
import { foundInBase } from './stored-facts.ts';

/** Borrowers looked at in one round trip. */
const PAGE_BORROWERS = 500;

/**
 * Removes streamed facts that the base holds by now; what came or changed meanwhile stays. `untilMicroseconds`: facts after
 * it stay in the tail, where they move the time of their borrower on; null: no limit.
 */
export async function pruneTail(
  database: Database,
  portfolio: string,
  tables: readonly StoredTable[],
  untilMicroseconds: number | null,
): Promise<number> {
  let pruned = 0;
  let after: string | null = null;
  for (;;) {
    const borrowers: string[] = await nextBorrowers(database, tables, after);
    if (borrowers.length === 0) return pruned;
    after = borrowers.at(-1)!;
    const read = await readParts(database, portfolio, tables, borrowers);
    const parts = [...read.borrowers.values()].flatMap((borrower) => borrower.tables);
    pruned += await remove(
      database,
      parts.flatMap((part) => superseded(part, untilMicroseconds)),
    );
  }
}

async function nextBorrowers(
  database: Database,
  tables: readonly StoredTable[],
  after: string | null,
): Promise<string[]> {
  const rows = await database.query<{ borrower_id: string }>(
    `SELECT DISTINCT borrower_id FROM online_tail
     WHERE table_id = ANY($1::smallint[]) AND ($2::text IS NULL OR borrower_id > $2) ORDER BY borrower_id LIMIT ${PAGE_BORROWERS}`,
    [tables.map(({ id }) => id), after],
  );
  return rows.map((row) => row.borrower_id);
}

type Superseded = { readonly table: StoredTable; readonly fact: TailFact };

function superseded({ table, base, tail }: TableParts, untilMicroseconds: number | null): Superseded[] {
  const { schema } = table;
  const old = tail.filter(({ row }) => untilMicroseconds === null || momentOf(schema, row) <= untilMicroseconds);
  return foundInBase(schema, base, old).map((fact) => ({ table, fact }));
}

/** Only while the row says what was read: a version that took its place since is another fact. */
async function remove(database: Database, facts: readonly Superseded[]): Promise<number> {
  if (facts.length === 0) return 0;
  const gone = await database.query(
    `DELETE FROM online_tail t USING unnest($1::smallint[], $2::text[], $3::text[]) AS old (table_id, fact_key, content)
     WHERE t.table_id = old.table_id AND t.fact_key = old.fact_key AND t.content = old.content RETURNING 1`,
    [
      facts.map(({ table }) => table.id),
      facts.map(({ fact }) => fact.key),
      facts.map(({ fact }) => JSON.stringify(fact.content)),
    ],
  );
  return gone.length;
}
