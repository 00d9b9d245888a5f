import { AssayError } from '../domain/index.ts';
import { countFolds, rowsWhere } from './folds.ts';
import { type AucDifference, aucDifference, delongTest } from './measures/index.ts';

/** Predictions of rows that the model did not see. */
export type UnseenPredictions = {
  readonly pd: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  /** Set where each row was predicted by the model of its fold. */
  readonly fold?: ArrayLike<number>;
};

/**
 * What features add: AUC with minus AUC without, on the same unseen rows, by DeLong's paired test. Pds of different folds come from
 * different models and are not ranked against each other: out of fold it is the mean over the folds, its variance the mean over their
 * number.
 * @throws AssayError conflict when the two are not of the same rows; bad_input for one class only
 * @example measureLift({ pd: [0.1, 0.9], target: [0, 1] }, { pd: [0.5, 0.5], target: [0, 1] }).difference.value // 0.5
 */
export function measureLift(withFeatures: UnseenPredictions, without: UnseenPredictions): AucDifference {
  assertSameRows(withFeatures, without);
  const tests = partsOf(withFeatures).map((rows) => {
    const of = (values: ArrayLike<number>): Float64Array => Float64Array.from(rows, (row) => values[row]!);
    return delongTest(of(withFeatures.pd), of(without.pd), of(withFeatures.target));
  });
  const mean = (read: (test: AucDifference) => number): number =>
    tests.reduce((sum, test) => sum + read(test), 0) / tests.length;
  return aucDifference(
    mean(({ aucA }) => aucA),
    mean(({ aucB }) => aucB),
    mean(({ variance }) => variance) / tests.length,
  );
}

function partsOf({ target, fold }: UnseenPredictions): Uint32Array[] {
  if (!fold) return [rowsWhere(() => true, target.length)];
  return Array.from({ length: countFolds(fold) }, (_, part) => rowsWhere((row) => fold[row] === part, target.length));
}

function assertSameRows(a: UnseenPredictions, b: UnseenPredictions): void {
  const isSame = (x: ArrayLike<number> = [], y: ArrayLike<number> = []): boolean =>
    x.length === y.length && Array.from(x).every((value, row) => value === y[row]);
  if (isSame(a.target, b.target) && isSame(a.fold, b.fold)) return;
  throw new AssayError('conflict', {
    what: 'a lift is measured on the same rows, outcomes and folds with and without',
    given: `${a.target.length} and ${b.target.length} rows that differ`,
    fix: 'train both on the present snapshot',
  });
}

/**
 * The rows approved when a share of them is: those with the lowest pd, the earlier row first among equals.
 * @returns 1 = approved, by row
 */
export function approveLowest(pd: ArrayLike<number>, share: number): Uint8Array {
  const order = Array.from(pd, (_, row) => row).sort((a, b) => pd[a]! - pd[b]! || a - b);
  const approved = new Uint8Array(pd.length);
  for (const row of order.slice(0, Math.round(share * pd.length))) approved[row] = 1;
  return approved;
}
