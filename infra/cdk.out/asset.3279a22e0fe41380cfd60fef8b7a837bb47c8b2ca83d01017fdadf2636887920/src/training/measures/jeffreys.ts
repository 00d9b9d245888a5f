import betaCdf from '@stdlib/stats-base-dists-beta-cdf';
import betaQuantile from '@stdlib/stats-base-dists-beta-quantile';
import type { GradeBand, Interval } from '../../domain/index.ts';
import { assertLabelled, type LabelledScores } from './labelled-scores.ts';

/**
 * Jeffreys interval of a default rate: the middle 95 % of Beta(defaults + 1/2, count - defaults + 1/2); the lower end
 * is 0 without a default, the upper end 1 without a non-default (Brown, Cai and DasGupta 2001).
 */
export function jeffreysInterval(defaults: number, count: number, level = 0.95): Interval {
  const a = defaults + 0.5;
  const b = count - defaults + 0.5;
  return {
    value: count > 0 ? defaults / count : Number.NaN,
    lower: defaults === 0 ? 0 : betaQuantile((1 - level) / 2, a, b),
    upper: defaults === count ? 1 : betaQuantile((1 + level) / 2, a, b),
  };
}

/**
 * Jeffreys test of the ECB's instructions for validating pd estimates: probability, given what was observed, that the
 * true rate is at most the pd in use. Small (say < 0.05) = pd too low.
 */
export function jeffreysPValue(pd: number, defaults: number, count: number): number {
  return betaCdf(pd, defaults + 0.5, count - defaults + 0.5);
}

export type GradeOutcome = {
  readonly grade: string;
  readonly lowerPd: number;
  readonly upperPd: number;
  readonly count: number;
  readonly defaults: number;
  /** Mean pd of the rows in the grade; NaN when empty. */
  readonly meanPd: number;
  readonly observed: Interval;
  /** NaN when empty. */
  readonly pValue: number;
};

/** One row per grade: predicted against observed, with the Jeffreys interval and test. */
export function gradeTable({ scores, target }: LabelledScores, grades: readonly GradeBand[]): GradeOutcome[] {
  assertLabelled({ scores, target });
  const sums = grades.map(() => ({ count: 0, defaults: 0, pd: 0 }));
  for (let i = 0; i < scores.length; i++) {
    const found = grades.findIndex((band) => scores[i]! <= band.upperPd);
    const sum = sums[found < 0 ? sums.length - 1 : found]!;
    sum.count += 1;
    sum.defaults += target[i]!;
    sum.pd += scores[i]!;
  }
  return grades.map(({ grade, upperPd }, i) => {
    const { count, defaults, pd } = sums[i]!;
    const meanPd = pd / count;
    return {
      grade,
      lowerPd: grades[i - 1]?.upperPd ?? 0,
      upperPd,
      count,
      defaults,
      meanPd,
      observed: jeffreysInterval(defaults, count),
      pValue: count > 0 ? jeffreysPValue(meanPd, defaults, count) : Number.NaN,
    };
  });
}
