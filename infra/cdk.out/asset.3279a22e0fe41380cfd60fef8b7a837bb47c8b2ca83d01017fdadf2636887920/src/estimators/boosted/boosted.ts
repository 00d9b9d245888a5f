import { AssayError, inputColumnsOf, mapConcurrently, selectRows } from '../../domain/index.ts';
import type { TrainedBooster, XgboostEngine } from '../../platform/index.ts';
import type { Estimator, FitContext, FittedTrees, TrainingSet } from '../contract.ts';
import { threadsFor } from '../trees/index.ts';
import { stratifiedFolds } from '../trees/stratified-folds.ts';
import { boosterMatrix, type ClassCounts, countClasses, monotoneParameter } from '../trees/training-matrix.ts';
import { robustBaseScore } from '../trees/tree-model.ts';

/** Parameters in libxgboost's sense. null = chosen from the data, see `sizedDefaults`. */
export type BoostedParameters = {
  /** Boosting rounds; null = chosen by log loss on rows held out of `train`, then fitted again on all of them. */
  readonly rounds: number | null;
  readonly maxRounds: number;
  readonly earlyStoppingRounds: number;
  readonly eta: number | null;
  readonly maxDepth: number | null;
  /** Least sum of hessians in a child. */
  readonly minChildWeight: number | null;
  readonly lambda: number | null;
  readonly gamma: number;
  readonly subsample: number | null;
  readonly colsampleByNode: number | null;
  /** Trees averaged in each round: bagging for small sets. */
  readonly parallelTrees: number | null;
  readonly maxBin: number;
  /** Categorical columns with fewer levels are split one level against the rest, others by sets of levels. */
  readonly maxCatToOnehot: number;
};

const DEFAULTS: BoostedParameters = {
  rounds: null,
  maxRounds: 1500,
  earlyStoppingRounds: 40,
  eta: null,
  maxDepth: null,
  minChildWeight: null,
  lambda: null,
  gamma: 0,
  subsample: null,
  colsampleByNode: null,
  parallelTrees: null,
  maxBin: 256,
  maxCatToOnehot: 4,
};

type Sized = { readonly [Key in keyof BoostedParameters]: Key extends 'rounds' ? number | null : number };

const FEW_EVENTS = 1500;
const MANY_ROWS = 50_000;
const FOLDS = 5;

/** What a set of this size can bear: few events call for many averaged, randomised trees a round and strong regularisation. */
function sizedDefaults(counts: ClassCounts, columnCount: number, given: Partial<BoostedParameters>): Sized {
  const isSmall = counts.events < FEW_EVENTS;
  const merged = { ...DEFAULTS, ...given };
  return {
    ...merged,
    eta: merged.eta ?? 0.05,
    maxDepth: merged.maxDepth ?? (isSmall ? 5 : 4),
    minChildWeight: merged.minChildWeight ?? (isSmall ? 1 : 20),
    lambda: merged.lambda ?? (isSmall ? 5 : 10),
    subsample: merged.subsample ?? (isSmall ? 0.5 : 0.7),
    // At least two columns to choose from, else a narrow table would be split at random.
    colsampleByNode: merged.colsampleByNode ?? Math.min(1, Math.max(isSmall ? 0.15 : 0.4, 2 / columnCount)),
    parallelTrees: merged.parallelTrees ?? (isSmall ? 8 : 1),
  };
}

/**
 * Gradient-boosted trees (XGBoost, histogram method, logistic loss), categorical splits and missing values native.
 * With `validation`, rounds stop early on its log loss and the model is cut there. Without, rounds are the median of what
 * early stopping finds on 5, 3 or 1 held-out fifths (fewer for larger sets), and the model is fitted on all rows.
 */
export function createBoosted(engine: XgboostEngine): Estimator<BoostedParameters> {
  return {
    name: 'boosted',
    defaults: DEFAULTS,
    async fit(train, { parameters = {}, validation, context }) {
      const counts = countClasses(train);
      const sized = sizedDefaults(counts, train.frame.columns.length, parameters);
      const fit: Fit = { engine, context, sized, parameters: nativeParameters(train, counts, sized, context) };
      const trained = validation
        ? await stopEarly(fit, train, validation, progress(context, 'boosting', 0, 1))
        : await fitAll(fit, train, counts);
      return fitted(train, trained, sized);
    },
  };
}

type Fit = {
  readonly engine: XgboostEngine;
  readonly context: FitContext;
  readonly sized: Sized;
  readonly parameters: Readonly<Record<string, string>>;
};

type OnRound = (round: number, rounds: number) => void;

function fitted(train: TrainingSet, { modelJson, rounds }: TrainedBooster, sized: Sized): FittedTrees {
  const settled = { ...sized, rounds };
  return { kind: 'trees', estimator: 'boosted', inputs: inputColumnsOf(train.frame), modelJson, rounds, settled };
}

function nativeParameters(
  train: TrainingSet,
  counts: ClassCounts,
  sized: Sized,
  context: FitContext,
): Readonly<Record<string, string>> {
  return {
    objective: 'binary:logistic',
    eval_metric: 'logloss',
    tree_method: 'hist',
    nthread: String(threadsFor(train, context)),
    seed: String(context.seed),
    base_score: String(robustBaseScore(counts.prevalence)),
    eta: String(sized.eta),
    max_depth: String(sized.maxDepth),
    min_child_weight: String(sized.minChildWeight),
    lambda: String(sized.lambda),
    gamma: String(sized.gamma),
    subsample: String(sized.subsample),
    colsample_bynode: String(sized.colsampleByNode),
    num_parallel_tree: String(sized.parallelTrees),
    max_bin: String(sized.maxBin),
    max_cat_to_onehot: String(sized.maxCatToOnehot),
    ...monotoneParameter(train.frame, context.monotone),
  };
}

async function fitAll(fit: Fit, train: TrainingSet, counts: ClassCounts): Promise<TrainedBooster> {
  const chosen = fit.sized.rounds ?? (await chooseRounds(fit, train, counts));
  const share = fit.sized.rounds === null ? 0.5 : 0;
  return fit.engine.train(
    { train: matrixOf(train), parameters: fit.parameters, rounds: chosen },
    engineOptions(fit.context, progress(fit.context, 'fitting on all rows', share, 1)),
  );
}

async function chooseRounds(fit: Fit, train: TrainingSet, counts: ClassCounts): Promise<number> {
  const folds = stratifiedFolds(train.target, FOLDS, fit.context.seed);
  const used = heldOutFolds(counts);
  const shares = new Float64Array(used);
  const report = progress(fit.context, 'choosing rounds', 0, 0.5);
  const places = Array.from({ length: used }, (_, fold) => fold);
  const rounds = await mapConcurrently(places, fit.context.nthread, async (fold) => {
    const onRound: OnRound = (round, of) => {
      shares[fold] = round / of;
      report(
        shares.reduce((sum, share) => sum + share, 0),
        used,
      );
    };
    const [inner, heldOut] = [rowsWhere(train, folds, fold, false), rowsWhere(train, folds, fold, true)];
    return (await stopEarly(fit, inner, heldOut, onRound)).rounds;
  });
  return median(rounds);
}

/** The smaller the set, the noisier one held-out fifth, and the cheaper another. */
function heldOutFolds(counts: ClassCounts): number {
  if (counts.events < FEW_EVENTS) return FOLDS;
  return counts.rows < MANY_ROWS ? 3 : 1;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}

function stopEarly(fit: Fit, train: TrainingSet, validation: TrainingSet, onRound: OnRound): Promise<TrainedBooster> {
  const { sized } = fit;
  const rounds = sized.rounds ?? sized.maxRounds;
  return fit.engine.train(
    {
      train: matrixOf(train),
      validation: matrixOf(validation),
      parameters: fit.parameters,
      rounds,
      earlyStoppingRounds: sized.earlyStoppingRounds,
    },
    engineOptions(fit.context, onRound),
  );
}

function matrixOf(set: TrainingSet) {
  if (set.frame.rowCount === 0) throw new AssayError('bad_input', { what: 'a data set without rows' });
  return boosterMatrix(set.frame, set.target, set.weights);
}

function rowsWhere(set: TrainingSet, folds: Uint8Array, fold: number, inFold: boolean): TrainingSet {
  const rows: number[] = [];
  for (let i = 0; i < folds.length; i++) if ((folds[i] === fold) === inFold) rows.push(i);
  const { target, weights } = set;
  return {
    frame: selectRows(set.frame, rows),
    target: Uint8Array.from(rows, (row) => target[row]!),
    ...(weights && { weights: Float64Array.from(rows, (row) => weights[row]!) }),
  };
}

function engineOptions(context: FitContext, onProgress: OnRound) {
  return { onProgress, ...(context.signal && { signal: context.signal }) };
}

/** Rounds of one phase shown as its part of the whole; in thousandths, as phases differ in length. */
function progress(context: FitContext, note: string, from: number, to: number): OnRound {
  const report: OnRound = (round, rounds) => {
    const done = Math.round(1000 * (from + ((to - from) * round) / rounds));
    context.onProgress?.({ done, total: 1000, note });
  };
  report(0, 1);
  return report;
}
