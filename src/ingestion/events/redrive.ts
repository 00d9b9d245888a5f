import type { Database } from '../../platform/index.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import type { EventIssue } from './event.ts';
import type { EventIntake, EventResult } from './intake.ts';
import type { Submission } from './prepare.ts';

export type RedriveResult = {
  /** On the stream now. */
  readonly accepted: number;
  /** Had been taken before: nothing was put again. */
  readonly duplicates: number;
  /** Still refused; they wait on with the present reason. */
  readonly refused: number;
};

const LETTERS_PER_COMMIT = 1_000;

/**
 * Tries waiting dead letters again, as the program reads them now. Each is taken and marked in one transaction: however often
 * and wherever this runs, an event is applied once.
 */
export async function redriveDeadLetters(
  { database, letters, intake }: { database: Database; letters: DeadLetters; intake: EventIntake },
  options: { readonly ids?: readonly string[]; readonly onProgress?: (done: number) => void } = {},
): Promise<RedriveResult> {
  const total = { accepted: 0, duplicates: 0, refused: 0 };
  let after: DeadLetter | null = null;
  for (;;) {
    const taken: DeadLetter[] = await database.transaction(async (transaction) => {
      const batch = await letters.take(transaction, after, { ids: options.ids, limit: LETTERS_PER_COMMIT });
      const results = await intake.takeWithin(transaction, batch.map(submissionOf));
      const done = batch.filter((_, i) => results[i]!.status !== 'rejected').map(({ deadLetterId }) => deadLetterId);
      await letters.markRedriven(transaction, done);
      await letters.markRefused(transaction, refusedOf(batch, results));
      total.accepted += results.filter(({ status }) => status === 'accepted').length;
      total.duplicates += results.filter(({ status }) => status === 'duplicate').length;
      total.refused += results.filter(({ status }) => status === 'rejected').length;
      return batch;
    });
    after = taken.at(-1) ?? null;
    if (after === null) break;
    options.onProgress?.(total.accepted + total.duplicates + total.refused);
  }
  return total;
}

function refusedOf(
  batch: readonly DeadLetter[],
  results: readonly EventResult[],
): (EventIssue & { deadLetterId: string })[] {
  return batch.flatMap(({ deadLetterId }, i) => {
    const result = results[i]!;
    return result.status === 'rejected' ? [{ deadLetterId, field: result.field, reason: result.reason }] : [];
  });
}

function submissionOf({ original, place, stage }: DeadLetter): Submission {
  return { value: jsonOf(original), original, again: stage === 'consumer', ...(place !== null && { place }) };
}

/** What never was JSON stays a text, and is refused again. */
function jsonOf(original: string): unknown {
  try {
    return JSON.parse(original);
  } catch {
    return original;
  }
}
