import type { EstimatorName, Interval, Metrics } from '../domain/index.ts';
import { type AucDifference, delongTest } from './measures/index.ts';
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

/** What the comparison needs of a result; `TrainingResult` has it. */
export type Comparable = Pick<TrainingResult, 'draft' | 'outOfFold' | 'test' | 'seconds'>;

/**
 * Compares the estimators of one snapshot: figures per split, and DeLong's paired test against the best out of fold.
 * @throws RangeError without results.
 */
export function compareEstimators(results: readonly Comparable[]): EstimatorComparison {
  if (results.length === 0) throw new RangeError('nothing to compare');
  const aucOf = ({ draft }: Comparable): number => draft.metrics['out_of_fold']!.auc.value;
  const best = results.reduce((a, b) => (aucOf(b) > aucOf(a) ? b : a));
  const others = results.filter((result) => result !== best);
  return {
    format: 'assay-comparison/1',
    snapshotHash: best.draft.snapshotHash,
    comparedOn: 'out_of_fold',
    best: best.draft.estimator,
    estimators: results.map(({ draft, seconds }) => ({ estimator: draft.estimator, metrics: draft.metrics, seconds })),
    pairs: [
      ...others.map((other) => pairOf('out_of_fold', best, other, best.outOfFold, other.outOfFold)),
      ...(best.draft.metrics['out_of_time']
        ? others.map((other) => pairOf('out_of_time', best, other, best.test, other.test))
        : []),
    ],
  };
}

type Scored = { readonly pd: Float64Array; readonly target: Uint8Array };

function pairOf(split: 'out_of_fold' | 'out_of_time', a: Comparable, b: Comparable, ofA: Scored, ofB: Scored) {
  const { difference, pValue }: AucDifference = delongTest(ofA.pd, ofB.pd, ofA.target);
  return { split, a: a.draft.estimator, b: b.draft.estimator, difference, pValue };
}
