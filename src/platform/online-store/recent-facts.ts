import type { Database } from '../contract.ts';

/** A streamed fact as it was applied. */
export type RecentFact = {
  readonly table: string;
  readonly key: string;
  /** '' for a table that belongs to no borrower. */
  readonly borrowerId: string;
  /** JSON object of the other columns. */
  readonly content: string;
  readonly knownAt: Date | null;
  readonly appliedAt: Date;
};

type Row = {
  name: string;
  fact_key: string;
  borrower_id: string;
  content: string;
  known_us: string | null;
  applied_at: Date;
};

const MICROS_PER_MS = 1000;

/** The facts applied last, newest first: of those streamed since the last snapshot of the lake. */
export async function recentFacts(
  database: Database,
  portfolio: string,
  { limit, borrowerId }: { readonly limit: number; readonly borrowerId?: string | undefined },
): Promise<RecentFact[]> {
  const rows = await database.query<Row>(
    `SELECT t.name, tail.fact_key, tail.borrower_id, tail.content, tail.known_us::text AS known_us, tail.applied_at
     FROM online_tail tail JOIN online_tables t USING (table_id)
     WHERE t.portfolio = $1 AND ($2::text IS NULL OR tail.borrower_id = $2)
     ORDER BY tail.applied_at DESC, tail.table_id, tail.fact_key LIMIT $3`,
    [portfolio, borrowerId ?? null, limit],
  );
  return rows.map((row) => ({
    table: row.name,
    key: row.fact_key,
    borrowerId: row.borrower_id,
    content: row.content,
    knownAt: row.known_us === null ? null : new Date(Number(row.known_us) / MICROS_PER_MS),
    appliedAt: row.applied_at,
  }));
}
