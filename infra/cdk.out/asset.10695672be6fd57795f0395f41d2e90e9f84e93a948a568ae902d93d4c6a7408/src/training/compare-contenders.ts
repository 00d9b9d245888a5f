import type { ContenderName, ContenderResult, EvaluationSplit } from './cross-validate.ts';
import { type AucDifference, aucDifference, delongTest } from './measures/index.ts';

export type PairedComparison = {
  readonly a: ContenderName;
  readonly b: ContenderName;
  /** Mean over the splits of AUC(a) - AUC(b), on the same rows. */
  readonly auc: AucDifference;
};

/** Every contender against the best by mean AUC, by DeLong's paired test within each split, averaged over splits. */
export function compareContenders(
  results: readonly ContenderResult[],
  splits: readonly EvaluationSplit[],
  target: Uint8Array,
): PairedComparison[] {
  const best = results.reduce((a, b) => (b.meanAuc.value > a.meanAuc.value ? b : a));
  return results
    .filter((result) => result !== best)
    .map((other) => ({ a: best.estimator, b: other.estimator, auc: compareTwo(best, other, splits, target) }));
}

function compareTwo(
  a: ContenderResult,
  b: ContenderResult,
  splits: readonly EvaluationSplit[],
  target: Uint8Array,
): AucDifference {
  const tests = splits.map(({ repeat, test }) =>
    delongTest(
      Float64Array.from(test, (row) => a.pdByRepeat[repeat]![row]!),
      Float64Array.from(test, (row) => b.pdByRepeat[repeat]![row]!),
      Uint8Array.from(test, (row) => target[row]!),
    ),
  );
  const repeats = new Set(splits.map(({ repeat }) => repeat)).size;
  const mean = (read: (test: AucDifference) => number): number =>
    tests.reduce((sum, test) => sum + read(test), 0) / tests.length;
  // Repeats test the same rows: only the splits of one repeat shrink the variance.
  const variance = mean((test) => test.variance) / (splits.length / repeats);
  return aucDifference(
    mean((test) => test.aucA),
    mean((test) => test.aucB),
    variance,
  );
}
