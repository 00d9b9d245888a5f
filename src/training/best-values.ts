import type { BestValues } from '../domain/index.ts';
import type { FittedScorecard } from '../estimators/index.ts';

/**
 * By numeric feature of a scorecard where a missing value scores better than any other: the bin that scores best of the others. Of who
 * is in it, the text of the feature ("Late payments …") would be false: what lowers the score is that there is a figure at all.
 */
export function bestValues({ characteristics }: FittedScorecard): Map<string, Omit<BestValues, 'text'>> {
  const found = new Map<string, Omit<BestValues, 'text'>>();
  for (const { feature, coefficient, bins } of characteristics) {
    const contribution = (woe: number): number => coefficient * woe;
    const missing = bins.find(({ rule }) => rule.kind === 'missing');
    const intervals = bins.flatMap(({ rule, woe }) => (rule.kind === 'interval' ? [{ rule, woe }] : []));
    const [best] = intervals.toSorted((a, b) => contribution(a.woe) - contribution(b.woe));
    if (!best || !missing || contribution(missing.woe) >= contribution(best.woe)) continue;
    found.set(feature, { lower: best.rule.lower, upper: best.rule.upper });
  }
  return found;
}
