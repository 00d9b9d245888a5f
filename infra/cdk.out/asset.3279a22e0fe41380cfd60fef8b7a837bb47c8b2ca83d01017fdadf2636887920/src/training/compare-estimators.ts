import { AssayError, type EstimatorName, type Interval, type Metrics } from '../domain/index.ts';
import { delongTest } from './measures/index.ts';
import type { TrainingResult } from './train-estimator.ts';

export type EstimatorComparison = {
  readonly format: 'assay-comparison/1';
  readonly snapshotHash: string;
  /** Split the ranking rests on: out of fold, where every training row was predicted by a model that did not see it. */
  readonly comparedOn: 'out_of_fold';
  readonly best: EstimatorName;
  readonly estimators: readonly {
    readonly estimator: EstimatorName;
    readonly metrics: Readonly<Record<string, Metrics>>;
    readonly seconds: number;
  }[];
  /** Each estimator against the best, on the same rows. */
  readonly pairs: readonly {
    readonly split: 'out_of_fold' | 'out_of_time';
    readonly a: EstimatorName;
    readonly b: EstimatorName;
    readonly difference: Interval;
    readonly pValue: number;
  }[];
};

/** What the comparison needs of one estimator's training. */
export type Comparable = {
  readonly estimator: EstimatorName;
  readonly snapshotHash: string;
  readonly metrics: Readonly<Record<string, Metrics>>;
  readonly seconds: number;
  /** Same rows in the same order for every estimator of a snapshot. */
  readonly outOfFold: Scored;
  readonly test: Scored;
};

type Scored = { readonly pd: ArrayLike<number>; readonly target: ArrayLike<number> };

export function comparableOf({ draft, outOfFold, test, seconds }: TrainingResult): Comparable {
  const { estimator, snapshotHash, metrics } = draft;
  return { estimator, snapshotHash, metrics, seconds, outOfFold, test };
}

/**
 * Compares the estimators of one snapshot: figures per split, and DeLong's paired test against the best out of fold.
 * @throws RangeError without results; AssayError conflict when they come from different snapshots.
 */
export function compareEstimators(trained: readonly Comparable[]): EstimatorComparison {
  if (trained.length === 0) throw new RangeError('nothing to compare');
  const aucOf = ({ metrics }: Comparable): number => metrics['out_of_fold']!.auc.value;
  const best = trained.reduce((a, b) => (aucOf(b) > aucOf(a) ? b : a));
  assertOneSnapshot(trained);
  const others = trained.filter((one) => one !== best);
  return {
    format: 'assay-comparison/1',
    snapshotHash: best.snapshotHash,
    comparedOn: 'out_of_fold',
    best: best.estimator,
    estimators: trained.map(({ estimator, metrics, seconds }) => ({ estimator, metrics, seconds })),
    pairs: [
      ...others.map((other) => pairOf('out_of_fold', best, other)),
      ...(best.metrics['out_of_time'] ? others.map((other) => pairOf('out_of_time', best, other)) : []),
    ],
  };
}

function assertOneSnapshot(trained: readonly Comparable[]): void {
  const hashes = [...new Set(trained.map(({ snapshotHash }) => snapshotHash))];
  if (hashes.length === 1) return;
  throw new AssayError('conflict', {
    what: 'estimators trained on different snapshots cannot be compared',
    given: hashes.join(', '),
    fix: 'train them again on the present snapshot',
  });
}

function pairOf(
  split: 'out_of_fold' | 'out_of_time',
  a: Comparable,
  b: Comparable,
): EstimatorComparison['pairs'][number] {
  const [ofA, ofB] = split === 'out_of_fold' ? [a.outOfFold, b.outOfFold] : [a.test, b.test];
  const { difference, pValue } = delongTest(ofA.pd, ofB.pd, ofA.target);
  return { split, a: a.estimator, b: b.estimator, difference, pValue };
}
