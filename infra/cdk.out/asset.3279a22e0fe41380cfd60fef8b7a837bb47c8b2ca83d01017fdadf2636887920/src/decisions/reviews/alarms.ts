import type { ReviewOutcome } from './review.ts';

/** One answer of a person, newest first in a list of them. */
export type ReviewerAnswer = { readonly by: string; readonly outcome: ReviewOutcome; readonly dwellMs: number };

/** Answers looked at per person. */
export const ALARM_WINDOW = 50;
/** Fewer answers say nothing about a person. */
export const ALARM_MINIMUM = 10;
/** Nobody reads a case in less. */
export const QUICK_MS = 30_000;
/** From this share of quick answers on it is an alarm. */
export const QUICK_SHARE = 0.5;

export type ReviewerReport = {
  readonly reviewer: string;
  readonly answers: number;
  readonly medianDwellMs: number;
  /** Share of answers given in less than QUICK_MS. */
  readonly quickShare: number;
  readonly outcomes: Readonly<Record<ReviewOutcome, number>>;
  readonly alarms: readonly ('too_quick' | 'always_the_same')[];
};

/**
 * Whether people look before they decide, over the last ALARM_WINDOW answers of each: a human in the loop who signs whatever comes
 * is none (EU AI Act Art. 14, GDPR Art. 22). `too_quick`: half or more answered in under 30 seconds; `always_the_same`: one outcome
 * in all of twenty answers or more.
 */
export function reviewerReports(answers: readonly ReviewerAnswer[]): ReviewerReport[] {
  const reviewers = [...new Set(answers.map(({ by }) => by))].sort();
  return reviewers.map((reviewer) =>
    reportOf(reviewer, answers.filter(({ by }) => by === reviewer).slice(0, ALARM_WINDOW)),
  );
}

function reportOf(reviewer: string, answers: readonly ReviewerAnswer[]): ReviewerReport {
  const outcomes = { approved: 0, declined: 0, counter_offer: 0 };
  for (const { outcome } of answers) outcomes[outcome] += 1;
  const dwells = answers.map(({ dwellMs }) => dwellMs).sort((a, b) => a - b);
  const quickShare = dwells.filter((dwellMs) => dwellMs < QUICK_MS).length / dwells.length;
  const isTooQuick = answers.length >= ALARM_MINIMUM && quickShare >= QUICK_SHARE;
  const isSame = answers.length >= 2 * ALARM_MINIMUM && Math.max(...Object.values(outcomes)) === answers.length;
  return {
    reviewer,
    answers: answers.length,
    medianDwellMs: dwells[dwells.length >> 1] ?? 0,
    quickShare,
    outcomes,
    alarms: [...(isTooQuick ? ['too_quick' as const] : []), ...(isSame ? ['always_the_same' as const] : [])],
  };
}
