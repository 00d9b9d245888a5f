import type { Metrics } from '../domain/index.ts';
import { screened } from '../estimators/index.ts';
import type { Clock } from '../platform/index.ts';
import { compareContenders, type PairedComparison } from './compare-contenders.ts';
import {
  type ContenderName,
  type ContenderResult,
  crossValidate,
  type EvaluationSplit,
  splitsByFolds,
} from './cross-validate.ts';
import type { AnyEstimator } from './fit-calibrated.ts';
import { type EvaluationFile, type EvaluationSet, loadEvaluationSet, rowsOfSide } from './flat-file/index.ts';
import { assertFolds, FOLD_COUNT, foldsByHash, repeatNames } from './folds.ts';

export type EvaluateRequest = {
  readonly file: EvaluationFile;
  readonly estimators: readonly AnyEstimator[];
  /** Name in the fold rule; unset: the file's name. */
  readonly foldName?: string;
  /** Repeats of the whole cross-validation under the names NAME, NAME/r1, NAME/r2 …; default 1. */
  readonly repeats?: number;
  readonly seed: number;
  readonly nthread: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Share of the whole, 0..1. */
  readonly onProgress?: (share: number, note: string) => void;
};

export type EvaluationPlan =
  | { readonly kind: 'folds'; readonly names: readonly string[]; readonly folds: number }
  | {
      readonly kind: 'out_of_time';
      readonly column: string;
      readonly until: string;
      readonly trainRows: number;
      readonly testRows: number;
    };

export type Evaluation = {
  readonly set: EvaluationSet;
  readonly positive: readonly string[];
  readonly targetColumn: string;
  readonly plan: EvaluationPlan;
  readonly seed: number;
  readonly splits: readonly EvaluationSplit[];
  readonly results: readonly ContenderResult[];
  readonly comparisons: readonly PairedComparison[];
  readonly seconds: number;
};

/** Share of the progress bar given to reading. */
const READING_SHARE = 0.03;

/**
 * What `assay evaluate` does: reads a flat file, types it, and cross-validates every estimator on it (or tests it out of time).
 * Same file, options and seed give the same figures. Of a wide file each fit looks at the columns that tell most by themselves
 * (see `screened`): thousands of columns would take hours, and noise among them costs more than what is lost.
 * @throws AssayError bad_input or not_found for the file and the options, cancelled by the signal.
 */
export async function evaluateFile(request: EvaluateRequest): Promise<Evaluation> {
  const { file, clock, seed, signal, onProgress } = request;
  const started = clock.now().getTime();
  onProgress?.(0, 'reading the file');
  const set = await loadEvaluationSet({ ...file, ...(signal && { signal }) });
  const { plan, splits } = planOf(set, request);
  const results = await crossValidate({
    frame: set.frame,
    target: set.target,
    splits,
    estimators: request.estimators.map((estimator) => screened(estimator)),
    clock,
    context: {
      seed,
      nthread: request.nthread,
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: ({ done, total, note }) =>
          onProgress(READING_SHARE + ((1 - READING_SHARE) * done) / total, note ?? ''),
      }),
    },
  });
  return {
    set,
    positive: file.positive,
    targetColumn: file.target,
    plan,
    seed,
    splits,
    results,
    comparisons: compareContenders(results, splits, set.target),
    seconds: (clock.now().getTime() - started) / 1000,
  };
}

function planOf(set: EvaluationSet, request: EvaluateRequest): { plan: EvaluationPlan; splits: EvaluationSplit[] } {
  const { isTraining, target } = set;
  if (isTraining && request.file.outOfTime) {
    const train = rowsOfSide(isTraining, 'train');
    const test = rowsOfSide(isTraining, 'test');
    assertFolds(isTraining, target, 2);
    const plan = {
      kind: 'out_of_time',
      ...request.file.outOfTime,
      trainRows: train.length,
      testRows: test.length,
    } as const;
    const time = set.time && Float64Array.from(train, (row) => set.time![row]!);
    return { plan, splits: [{ label: 'out of time', repeat: 0, train, test, ...(time && { time }) }] };
  }
  const names = repeatNames(request.foldName ?? set.name, request.repeats ?? 1);
  for (const name of names) assertFolds(foldsByHash(name, target.length), target);
  return { plan: { kind: 'folds', names, folds: FOLD_COUNT }, splits: splitsByFolds(names, target.length) };
}

/** The contender with the highest mean AUC. */
export function bestOf(results: readonly ContenderResult[]): ContenderResult {
  return results.reduce((a, b) => (b.meanAuc.value > a.meanAuc.value ? b : a));
}

/** The evaluation as plain data, for machines: everything but the predictions. */
export function evaluationJson(evaluation: Evaluation): Record<string, unknown> {
  const { set, plan, results, comparisons } = evaluation;
  const defaults = set.target.reduce((sum, value) => sum + value, 0);
  return {
    format: 'assay-evaluation/1',
    file: set.path,
    target: evaluation.targetColumn,
    positive: evaluation.positive,
    rows: set.target.length,
    defaults,
    defaultRate: defaults / set.target.length,
    funnel: set.funnel,
    plan,
    seed: evaluation.seed,
    seconds: evaluation.seconds,
    best: bestOf(results).estimator,
    estimators: results.map(estimatorJson),
    comparisons: comparisons.map(({ a, b, auc }) => ({
      a,
      b,
      difference: auc.difference,
      z: auc.z,
      pValue: auc.pValue,
    })),
    columns: set.columns.map(({ name, type, form, distinct, missing, reason }) => ({
      name,
      type,
      form,
      distinct,
      missing,
      reason,
    })),
    signals: set.signals.map(({ feature, auc }) => ({ feature, auc })),
    warnings: set.warnings,
  };
}

type EstimatorJson = {
  readonly estimator: ContenderName;
  readonly auc: ContenderResult['meanAuc'];
  readonly sdAuc: number;
  readonly pooled: Metrics;
  readonly splits: readonly { label: string; auc: number; rows: number; defaults: number }[];
  readonly seconds: number;
  readonly calibrations: readonly string[];
  readonly importance: ContenderResult['importance'];
};

function estimatorJson(result: ContenderResult): EstimatorJson {
  const { estimator, meanAuc, sdAuc, metrics, splits, seconds, calibrations, importance } = result;
  return {
    estimator,
    auc: meanAuc,
    sdAuc,
    pooled: metrics,
    splits: splits.map(({ label, auc, rows, defaults }) => ({ label, auc, rows, defaults })),
    seconds,
    calibrations,
    importance,
  };
}

/**
 * Out-of-fold predictions as CSV: row (0-based, rows with an outcome in file order: the i of the fold rule), fold ('test' when
 * out of time), estimator, pd; with repeats a further column `repeat`.
 */
export function* predictionsCsv({ splits, results }: Evaluation): Generator<string> {
  const repeats = new Set(splits.map(({ repeat }) => repeat)).size;
  const isOutOfTime = splits.length === 1;
  yield `row,fold,estimator,pd${repeats > 1 ? ',repeat' : ''}\n`;
  for (const { estimator, pdByRepeat } of results) {
    for (const [i, { repeat, test }] of splits.entries()) {
      const fold = isOutOfTime ? 'test' : String(i % FOLD_COUNT);
      const suffix = repeats > 1 ? `,${repeat}` : '';
      let lines = '';
      for (const row of test) lines += `${row},${fold},${estimator},${pdByRepeat[repeat]![row]}${suffix}\n`;
      yield lines;
    }
  }
}
