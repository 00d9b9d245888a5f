import type { Database } from '../contract.ts';

/**
 * The latest moment an event was stamped with, or a decision was made as of: a clock that was set back does not undo it. What
 * comes next counts as no earlier, so that no decision would have seen a fact that came after it.
 */
export async function latestMoment(database: Database, portfolio: string): Promise<Date | null> {
  const [row] = await database.prepared<{ moment: Date | null }>(
    'book_moment',
    'SELECT max(moment) AS moment FROM book_moments WHERE portfolio = $1',
    [portfolio],
  );
  return row?.moment ?? null;
}

/** For the `WITH` of a statement, or alone: within the transaction of what the moment was given to. */
export const rememberMomentSql = (givenTo: 'event' | 'decision', portfolio: string, moment: string): string =>
  `INSERT INTO book_moments AS m (portfolio, given_to, moment) VALUES (${portfolio}, '${givenTo}', ${moment}::timestamptz)
   ON CONFLICT (portfolio, given_to) DO UPDATE SET moment = EXCLUDED.moment WHERE m.moment < EXCLUDED.moment`;

export const later = (a: Date, b: Date | null): Date => (b !== null && b > a ? b : a);
