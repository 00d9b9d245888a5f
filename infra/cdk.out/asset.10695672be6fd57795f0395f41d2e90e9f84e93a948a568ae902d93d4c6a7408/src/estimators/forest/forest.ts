import { inputColumnsOf } from '../../domain/index.ts';
import type { XgboostEngine } from '../../platform/index.ts';
import type { Estimator, FitContext, TrainingSet } from '../contract.ts';
import { threadsFor } from '../trees/index.ts';
import { boosterMatrix, type ClassCounts, countClasses, monotoneParameter } from '../trees/training-matrix.ts';
import { robustBaseScore } from '../trees/tree-model.ts';

/** null = chosen from the data, see `sizedDefaults`. */
export type ForestParameters = {
  readonly trees: number | null;
  readonly maxDepth: number | null;
  /** Least rows in a leaf, counted as hessian / (p (1 - p)): of each row at the overall default rate. */
  readonly minLeafRows: number | null;
  /** Share of rows each tree sees, drawn without replacement. */
  readonly subsample: number;
  /** Share of columns tried at each split. */
  readonly colsampleByNode: number | null;
  readonly maxBin: number;
  readonly maxCatToOnehot: number;
};

const DEFAULTS: ForestParameters = {
  trees: null,
  maxDepth: null,
  minLeafRows: null,
  subsample: 0.63,
  colsampleByNode: null,
  maxBin: 256,
  maxCatToOnehot: 4,
};

type Sized = { readonly [Key in keyof ForestParameters]: number };

function sizedDefaults(counts: ClassCounts, columnCount: number, given: Partial<ForestParameters>): Sized {
  const merged = { ...DEFAULTS, ...given };
  const isSmall = counts.rows < 5000;
  return {
    ...merged,
    trees: merged.trees ?? (isSmall ? 500 : 200),
    maxDepth: merged.maxDepth ?? (isSmall ? 20 : 12),
    minLeafRows: merged.minLeafRows ?? (isSmall ? 3 : 30),
    colsampleByNode: merged.colsampleByNode ?? Math.min(1, Math.max(0.3, 1 / Math.sqrt(columnCount))),
  };
}

/**
 * Random forest, grown by XGBoost as one round of parallel trees with learning rate 1.
 *
 * From base score p every row has gradient p - y and hessian p (1 - p), so a leaf's Newton step with no penalty is
 * (share of defaults in the leaf - p) / (p (1 - p)): the margin is an increasing linear function of the mean leaf share,
 * which is what a random forest predicts. Calibration turns it into a pd.
 * @throws AssayError bad_input for one class only or no column; cancelled when the signal fires.
 */
export function createForest(engine: XgboostEngine): Estimator<ForestParameters> {
  return {
    name: 'forest',
    defaults: DEFAULTS,
    async fit(train, { parameters = {}, context }) {
      const counts = countClasses(train);
      const sized = sizedDefaults(counts, train.frame.columns.length, parameters);
      context.onProgress?.({ done: 0, total: sized.trees, note: 'growing trees' });
      const { modelJson } = await engine.train(
        {
          train: boosterMatrix(train.frame, train.target, train.weights),
          parameters: nativeParameters(train, counts, sized, context),
          rounds: 1,
        },
        context.signal ? { signal: context.signal } : {},
      );
      context.onProgress?.({ done: sized.trees, total: sized.trees, note: 'growing trees' });
      const inputs = inputColumnsOf(train.frame);
      return { kind: 'trees', estimator: 'forest', inputs, modelJson, rounds: 1, settled: sized };
    },
  };
}

/** Leaves are not shrunk; a trace of penalty keeps a leaf without weight finite. */
const LAMBDA = 1e-3;

function nativeParameters(
  train: TrainingSet,
  counts: ClassCounts,
  sized: Sized,
  context: FitContext,
): Readonly<Record<string, string>> {
  const base = robustBaseScore(counts.prevalence);
  return {
    objective: 'binary:logistic',
    tree_method: 'hist',
    nthread: String(threadsFor(train, context)),
    seed: String(context.seed),
    base_score: String(base),
    eta: '1',
    num_parallel_tree: String(sized.trees),
    max_depth: String(sized.maxDepth),
    min_child_weight: String(sized.minLeafRows * base * (1 - base)),
    lambda: String(LAMBDA),
    subsample: String(sized.subsample),
    colsample_bynode: String(sized.colsampleByNode),
    max_bin: String(sized.maxBin),
    max_cat_to_onehot: String(sized.maxCatToOnehot),
    ...monotoneParameter(train.frame, context.monotone),
  };
}
