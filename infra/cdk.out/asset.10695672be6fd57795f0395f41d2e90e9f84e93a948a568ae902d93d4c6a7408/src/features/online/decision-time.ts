import { type BookState, type BorrowerFacts, bookTime } from '../../platform/index.ts';

/**
 * The time as of which a borrower's features are computed for a decision made now, in whole milliseconds.
 *
 * It is now, by the time of the book (docs/adr/0025): the wall clock for a live lender, and for a book whose data ends in the
 * past a time that goes on from its last fact. Two things move it on, since facts are seen strictly before it: a streamed fact of
 * this borrower with a time of its own up to now lies before it, even in this very millisecond; and where the clock went back
 * since a fact was applied, that moment counts as now. A fact that lies after now, or is said to become known after now, waits.
 * @example decisionTime({ book, facts, now: clock.now() })
 */
export function decisionTime(request: {
  readonly book: Pick<BookState, 'aheadMs'>;
  readonly facts: Pick<BorrowerFacts, 'streamedMicroseconds' | 'appliedAt'>;
  readonly now: Date;
}): Date {
  const { book, facts, now } = request;
  const wall = facts.appliedAt !== null && facts.appliedAt > now ? facts.appliedAt : now;
  let asOf = bookTime(book, wall).getTime();
  for (const microseconds of facts.streamedMicroseconds) {
    const milliseconds = Math.floor(microseconds / 1000);
    if (milliseconds <= wall.getTime() && milliseconds >= asOf) asOf = milliseconds + 1;
  }
  return new Date(asOf);
}
