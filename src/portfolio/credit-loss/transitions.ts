/** States a loan can be in at a month end; the last two are final. */
export const STATES = ['current', '1-29', '30-59', '60-89', '90+', 'charged_off', 'paid'] as const;
export type LoanStateName = (typeof STATES)[number];
const DEFAULT_FROM = STATES.indexOf('90+');

/** Counts by state at one month end (rows) and at the next (columns). */
export type TransitionCounts = readonly (readonly number[])[];

/** Roll rates: each row as shares of it; a row nobody was in stays in its state. */
export function transitionMatrix(counts: TransitionCounts): number[][] {
  return counts.map((row, from) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, to) => (total === 0 ? (from === to ? 1 : 0) : count / total));
  });
}

/**
 * Probability of reaching 90 days past due (or charge-off) within `months`, from each state: the chain of monthly roll rates with
 * default made final. A Markov chain forgets how a loan came to its state; the page says so.
 */
export function defaultWithin(matrix: readonly (readonly number[])[], months: number): number[] {
  let reached: number[] = matrix.map((_, state) => (isDefault(state) ? 1 : 0));
  for (let month = 0; month < months; month++) {
    reached = matrix.map((row, state) =>
      isDefault(state) ? 1 : row.reduce((sum, share, to) => sum + share * reached[to]!, 0),
    );
  }
  return reached;
}

const isDefault = (state: number): boolean => state === DEFAULT_FROM || STATES[state] === 'charged_off';

/** Share of the loans that were 90 days past due at one month end and less than 30 at the next. */
export function cureRate(counts: TransitionCounts): number | null {
  const row = counts[DEFAULT_FROM] ?? [];
  const total = row.reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : ((row[0] ?? 0) + (row[1] ?? 0) + (row[STATES.indexOf('paid')] ?? 0)) / total;
}
