import type { Database } from '../platform/index.ts';

/** How far the chain of decisions was looked through, and for what. */
export type CursorTable = 'review_cursors' | 'notice_cursors';

export async function readCursor(database: Database, table: CursorTable, portfolio: string): Promise<number> {
  const [row] = await database.query<{ sequence: number }>(`SELECT sequence FROM ${table} WHERE portfolio = $1`, [
    portfolio,
  ]);
  return row?.sequence ?? 0;
}

/** Inside the transaction that keeps what was found. True for the one who moves it: of several who read the same, one. */
export async function moveCursor(
  transaction: Database,
  table: CursorTable,
  portfolio: string,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO ${table} (portfolio, sequence) VALUES ($1, $3)
     ON CONFLICT (portfolio) DO UPDATE SET sequence = EXCLUDED.sequence WHERE ${table}.sequence = $2 RETURNING 1`,
    [portfolio, from, to],
  );
  return rows.length > 0;
}
