import type { Database } from '../contract.ts';
import type { StoredTable } from './apply-facts.ts';

/** What is true of a whole book at the moment of a read. */
export type BookState = {
  /** Of the base; 0 before the first. */
  readonly generation: number;
  readonly snapshotId: string | null;
  /** Up to when the base is complete, microseconds since 1970; null when it holds no events. */
  readonly horizonMicroseconds: number | null;
  /** Wall clock minus the time in this book, ms: 0 for a live lender. */
  readonly aheadMs: number;
  readonly referencesVersion: number;
};

export const EMPTY_BOOK: BookState = {
  generation: 0,
  snapshotId: null,
  horizonMicroseconds: null,
  aheadMs: 0,
  referencesVersion: 0,
};

export type BookRow = {
  generation: number;
  snapshot_id: string | null;
  horizon_us: number | null;
  ahead_ms: number | null;
  references_version: number;
};

export function bookFromRow(row: BookRow | undefined): BookState {
  if (!row) return EMPTY_BOOK;
  return {
    generation: Number(row.generation),
    snapshotId: row.snapshot_id,
    horizonMicroseconds: row.horizon_us === null ? null : Number(row.horizon_us),
    aheadMs: Number(row.ahead_ms ?? 0),
    referencesVersion: Number(row.references_version),
  };
}

export async function readBook(database: Database, portfolio: string): Promise<BookState> {
  const [row] = await database.prepared<BookRow>(
    'online_book',
    'SELECT generation, snapshot_id, horizon_us, ahead_ms, references_version FROM online_books WHERE portfolio = $1',
    [portfolio],
  );
  return bookFromRow(row);
}

/** The time in a book while the wall clock shows `now`. */
export function bookTime(book: Pick<BookState, 'aheadMs'>, now: Date): Date {
  return new Date(now.getTime() - book.aheadMs);
}

export async function resumeBook(
  database: Database,
  portfolio: string,
  tables: readonly StoredTable[],
  now: Date,
): Promise<void> {
  await database.transaction(async (transaction) => {
    const [row] = await transaction.query<{ ahead_ms: number | null; horizon_us: number | null }>(
      'SELECT ahead_ms, horizon_us FROM online_books WHERE portfolio = $1 FOR UPDATE',
      [portfolio],
    );
    if (!row || row.ahead_ms === null) return;
    // stamped on arrival with the time of the book; a fact with a later time of its own moves its borrower alone
    const [last] = await transaction.query<{ known_us: number | null }>(
      `SELECT max(known_us) AS known_us FROM online_tail
       WHERE table_id = ANY($1::smallint[]) AND known_us <= (extract(epoch FROM applied_at) * 1000 - $2) * 1000`,
      [tables.map(({ id }) => id), row.ahead_ms],
    );
    const times = [row.horizon_us, last?.known_us ?? null].filter((time) => time !== null);
    const horizon = times.length === 0 ? null : Math.max(...times);
    await transaction.query('UPDATE online_books SET ahead_ms = $2, horizon_us = $3 WHERE portfolio = $1', [
      portfolio,
      aheadOf(horizon, now, null),
      horizon,
    ]);
  });
}

/**
 * How far the wall clock is ahead of a book whose data ends in the past: its time goes on from the last fact known. A new base
 * never sets it back.
 */
export function aheadOf(horizonMicroseconds: number | null, now: Date, before: number | null): number {
  if (horizonMicroseconds === null) return 0;
  const afterLast = Math.floor(horizonMicroseconds / 1000) + 1;
  return Math.max(0, Math.min(now.getTime() - afterLast, before ?? Number.POSITIVE_INFINITY));
}
