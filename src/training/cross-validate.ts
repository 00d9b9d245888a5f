import type { EstimatorName, FeatureImportance, Frame, Interval, Metrics } from '../domain/index.ts';
import { mapConcurrently, selectRows } from '../domain/index.ts';
import type { FitContext } from '../estimators/index.ts';
import type { Clock } from '../platform/index.ts';
import {
  type AnyEstimator,
  type CalibratedEstimator,
  fitCalibrated,
  partOfProgress,
  pdsOf,
  progressOfParts,
  subset,
} from './fit-calibrated.ts';
import { foldsByHash, rowsWhere } from './folds.ts';
import { attributionImportance } from './importance.ts';
import { delongAuc, logit, measurePredictions, Z_95 } from './measures/index.ts';
import { withoutRareLevels } from './rare-levels.ts';

/** One division of the rows: fit on `train`, predict `test`. */
export type EvaluationSplit = {
  readonly label: string;
  /** Splits of one repeat cover each row at most once. */
  readonly repeat: number;
  readonly train: Uint32Array;
  readonly test: Uint32Array;
  /** When each row of `train` was, where rows are tested later than trained on: calibration then looks forward too. */
  readonly time?: Float64Array;
};

export function splitsByFolds(names: readonly string[], rowCount: number, folds = 5): EvaluationSplit[] {
  return names.flatMap((name, repeat) => {
    const foldOf = foldsByHash(name, rowCount, folds);
    return Array.from({ length: folds }, (_, fold) => ({
      label: `${name} fold ${fold}`,
      repeat,
      train: rowsWhere((row) => foldOf[row] !== fold, rowCount),
      test: rowsWhere((row) => foldOf[row] === fold, rowCount),
    }));
  });
}

export type ContenderName = EstimatorName | 'blend';

export type SplitResult = {
  readonly label: string;
  readonly repeat: number;
  readonly rows: number;
  readonly defaults: number;
  readonly auc: number;
  /** DeLong. */
  readonly aucVariance: number;
};

export type ContenderResult = {
  readonly estimator: ContenderName;
  readonly splits: readonly SplitResult[];
  /** Mean of the splits' AUCs; interval from DeLong's variance of the splits of one repeat. */
  readonly meanAuc: Interval;
  /** Standard deviation over splits. */
  readonly sdAuc: number;
  /** Over the test predictions of the first repeat, pooled. */
  readonly metrics: Metrics;
  /** By row of the frame, first repeat; NaN where a row is in no test part. */
  readonly pd: Float64Array;
  /** By repeat and row: what the paired comparison reads. */
  readonly pdByRepeat: readonly Float64Array[];
  readonly seconds: number;
  readonly calibrations: readonly string[];
  readonly importance: readonly FeatureImportance[];
  /** Information value of each feature by the scorecard's bins; empty for other estimators. */
  readonly informationValues: Readonly<Record<string, number>>;
};

export type CrossValidation = {
  readonly frame: Frame;
  readonly target: Uint8Array;
  readonly splits: readonly EvaluationSplit[];
  readonly estimators: readonly AnyEstimator[];
  readonly context: FitContext;
  readonly clock: Clock;
};

/**
 * Fits every estimator on the training part of every split, with binning, imputation, tuning and calibration inside it, and
 * predicts the test part. One estimator after another, the splits of each side by side as far as there are threads. With two estimators or more, a blend (mean of
 * their calibrated log-odds) is a further contender.
 */
export async function crossValidate(request: CrossValidation): Promise<ContenderResult[]> {
  const runs: Run[] = [];
  const { estimators, context } = request;
  for (const [i, estimator] of estimators.entries()) {
    const share = partOfProgress(context, i / estimators.length, (i + 1) / estimators.length);
    runs.push(await runEstimator(estimator, request, share));
  }
  const results = runs.map((run) => summarise(run, request));
  return runs.length < 2 ? results : [...results, summarise(blendOf(runs), request)];
}

type Run = Pick<
  ContenderResult,
  'estimator' | 'pdByRepeat' | 'seconds' | 'calibrations' | 'importance' | 'informationValues'
>;

async function runEstimator(estimator: AnyEstimator, request: CrossValidation, context: FitContext): Promise<Run> {
  const { splits, clock } = request;
  const started = clock.now().getTime();
  const pdByRepeat = emptyPredictions(request);
  const calibrations = new Set<string>();
  let first = undefined as { model: CalibratedEstimator; frame: Frame } | undefined;
  const parts = progressOfParts(context, splits.length);
  await mapConcurrently(splits, context.nthread, async (split, i) => {
    const frame = withoutRareLevels(request.frame, split.train);
    const train = subset({ frame, target: request.target }, split.train);
    const model = await fitCalibrated(estimator, train, {
      context: noted(parts[i]!, `${estimator.name}: ${split.label}`),
      ...(split.time && { time: split.time }),
    });
    const test = selectRows(frame, split.test);
    const pds = pdsOf(model, test);
    for (const [j, row] of split.test.entries()) pdByRepeat[split.repeat]![row] = pds[j]!;
    calibrations.add(model.calibration.kind);
    if (i === 0) first = { model, frame: test };
  });
  const seconds = (clock.now().getTime() - started) / 1000;
  return {
    estimator: estimator.name,
    pdByRepeat,
    seconds,
    calibrations: [...calibrations].sort(),
    importance: first ? attributionImportance(first.model.compiled, first.frame, { seed: context.seed }) : [],
    informationValues: first ? informationValuesOf(first.model) : {},
  };
}

function emptyPredictions({ splits, target }: CrossValidation): Float64Array[] {
  const repeats = Math.max(...splits.map((split) => split.repeat)) + 1;
  return Array.from({ length: repeats }, () => new Float64Array(target.length).fill(Number.NaN));
}

function noted(context: FitContext, label: string): FitContext {
  const { onProgress } = context;
  return onProgress ? { ...context, onProgress: (progress) => onProgress({ ...progress, note: label }) } : context;
}

function informationValuesOf({ fitted }: CalibratedEstimator): Record<string, number> {
  if (fitted.kind !== 'scorecard') return {};
  return Object.fromEntries(fitted.characteristics.map(({ feature, iv }) => [feature, iv]));
}

function blendOf(runs: readonly Run[]): Run {
  const repeats = runs[0]!.pdByRepeat.length;
  const pdByRepeat = Array.from({ length: repeats }, (_, repeat) =>
    runs[0]!.pdByRepeat[repeat]!.map((_, row) => {
      let sum = 0;
      for (const run of runs) sum += logit(run.pdByRepeat[repeat]![row]!);
      return 1 / (1 + Math.exp(-sum / runs.length));
    }),
  );
  return {
    estimator: 'blend',
    pdByRepeat,
    seconds: runs.reduce((sum, run) => sum + run.seconds, 0),
    calibrations: [],
    importance: [],
    informationValues: {},
  };
}

function summarise(run: Run, request: CrossValidation): ContenderResult {
  const { splits, target } = request;
  const found = splits.map((split) => {
    const pd = Float64Array.from(split.test, (row) => run.pdByRepeat[split.repeat]![row]!);
    const outcomes = Uint8Array.from(split.test, (row) => target[row]!);
    const { auc, variance } = delongAuc({ scores: pd, target: outcomes });
    const defaults = outcomes.reduce((sum, value) => sum + value, 0);
    return { label: split.label, repeat: split.repeat, rows: pd.length, defaults, auc, aucVariance: variance };
  });
  const pd = run.pdByRepeat[0]!;
  const predicted = rowsWhere((row) => !Number.isNaN(pd[row]), pd.length);
  const metrics = measurePredictions(
    {
      scores: Float64Array.from(predicted, (row) => pd[row]!),
      target: Uint8Array.from(predicted, (row) => target[row]!),
    },
    { seed: request.context.seed },
  );
  return { ...run, splits: found, ...meanOver(found), metrics, pd };
}

function meanOver(splits: readonly SplitResult[]): Pick<ContenderResult, 'meanAuc' | 'sdAuc'> {
  const mean = splits.reduce((sum, { auc }) => sum + auc, 0) / splits.length;
  const spread = splits.reduce((sum, { auc }) => sum + (auc - mean) ** 2, 0) / Math.max(1, splits.length - 1);
  const halfWidth = Z_95 * Math.sqrt(varianceOfMean(splits));
  return {
    meanAuc: { value: mean, lower: Math.max(0, mean - halfWidth), upper: Math.min(1, mean + halfWidth) },
    sdAuc: Math.sqrt(spread),
  };
}

/** Splits of one repeat test different rows; repeats test the same rows again and add no information of their own. */
function varianceOfMean(splits: readonly SplitResult[]): number {
  const repeats = new Set(splits.map(({ repeat }) => repeat)).size;
  const perRepeat = splits.length / repeats;
  const meanVariance = splits.reduce((sum, { aucVariance }) => sum + aucVariance, 0) / splits.length;
  return meanVariance / perRepeat;
}
