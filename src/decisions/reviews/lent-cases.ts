import type { Interval } from '../../domain/index.ts';
import { jeffreysInterval } from '../../training/index.ts';

/** One decided case in which money was lent. */
export type LentCase = {
  readonly applicationId: string;
  readonly reviewer: string;
  readonly code: string;
  /** Against what the policy leans to; see `overrideOf`. */
  readonly override: 'none' | 'high' | 'low';
  /** Of the decision that was reviewed. */
  readonly pd: number;
};

/** What became of the loans of one person, code or kind of override. */
export type LentReport = {
  readonly by: 'reviewer' | 'code' | 'override';
  readonly name: string;
  readonly lent: number;
  /** Of the lent: those whose outcome window is over. */
  readonly known: number;
  readonly defaulted: number;
  /** Observed among the known, with its Jeffreys interval; null where none is known. */
  readonly badRate: Interval | null;
  /** What the model expected of the same loans; null where none is known. */
  readonly meanPd: number | null;
};

/**
 * Outcomes fed back to those who lent: by person, by code and by kind of override. Declined cases have no outcome and say nothing here;
 * an outcome that is not known yet is no outcome.
 */
export function lentReports(cases: readonly LentCase[], outcomes: ReadonlyMap<string, boolean>): LentReport[] {
  return (['reviewer', 'code', 'override'] as const).flatMap((by) =>
    [...Map.groupBy(cases, (one) => one[by])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, some]) => reportOf(by, name, some, outcomes)),
  );
}

function reportOf(
  by: LentReport['by'],
  name: string,
  cases: readonly LentCase[],
  outcomes: ReadonlyMap<string, boolean>,
): LentReport {
  const known = cases.filter(({ applicationId }) => outcomes.has(applicationId));
  const defaulted = known.filter(({ applicationId }) => outcomes.get(applicationId)).length;
  const counts = { by, name, lent: cases.length, known: known.length, defaulted };
  if (known.length === 0) return { ...counts, badRate: null, meanPd: null };
  const meanPd = known.reduce((sum, { pd }) => sum + pd, 0) / known.length;
  return { ...counts, badRate: jeffreysInterval(defaulted, known.length), meanPd };
}
