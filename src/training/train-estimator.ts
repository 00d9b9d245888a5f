import { createHash } from 'node:crypto';
import {
  AssayError,
  type Calibration,
  type FeatureDefinition,
  type Frame,
  inputColumnsOf,
  type Metrics,
  type ModelManifest,
  mapConcurrently,
  type ReasonEntry,
  reasonDictionaryHash,
  reasonDictionaryIssues,
  reasonEntryOf,
  selectRows,
} from '../domain/index.ts';
import {
  applyCalibration,
  chooseCalibration,
  compileEstimator,
  DEFAULT_GRADES,
  type FitContext,
  type FittedEstimator,
  type ManifestDraft,
  type TrainingSet,
} from '../estimators/index.ts';
import { bestValues } from './best-values.ts';
import { forwardMargins, marginsOf, partOfProgress, progressOfParts, subset } from './fit-calibrated.ts';
import { countFolds, rowsWhere } from './folds.ts';
import { attributionImportance } from './importance.ts';
import { measurePredictions } from './measures/index.ts';
import { withoutRareLevels } from './rare-levels.ts';
import type { TrainingRequest, TrainingSnapshot } from './training-request.ts';

/** Predictions of some rows of the snapshot. */
export type RowPredictions = {
  /** Rows of the snapshot, ascending. */
  readonly rows: Uint32Array;
  readonly target: Uint8Array;
  readonly margin: Float64Array;
  readonly pd: Float64Array;
};

export type TrainingResult = {
  readonly draft: ManifestDraft;
  readonly fitted: FittedEstimator;
  /** What the calibration was chosen on: all training rows out of fold, or the latest of them by a model of the earlier ones. */
  readonly calibratedOn: 'out_of_fold' | 'latest_quarter';
  /** Of training rows, each by a model that did not see it. */
  readonly outOfFold: RowPredictions & { readonly fold: Uint8Array };
  /** Of training rows by the final model: what it was fitted on. */
  readonly train: RowPredictions;
  /** Of the test split by the final model; no rows when the plan has no test split. */
  readonly test: RowPredictions;
  readonly seconds: number;
};

/** Everything a model version follows from; equal keys give equal model versions. */
export function trainingKey({
  snapshot,
  estimator,
  parameters,
  seed,
  codeVersion,
  portfolio,
}: TrainingRequest): string {
  const { snapshotHash, catalogHash } = snapshot.manifest;
  const settings = parametersOf(estimator.defaults, parameters);
  const parts = [
    portfolio.name,
    estimator.name,
    snapshotHash,
    catalogHash,
    codeVersion,
    seed,
    settings,
    portfolio.scale,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * Trains one estimator of a portfolio: out-of-fold margins by the fold rule, the final fit on the whole training split, its
 * calibration, figures on every split. Deterministic: the same request gives the same model, whatever the clock.
 *
 * Of a book that is tested out of time the calibration is chosen forward, on the latest quarter of the training rows by a model of
 * the earlier ones (see `fitCalibrated`), else on the out-of-fold margins.
 *
 * Out-of-fold pds are calibrated by the margins of the other folds, so that no row is calibrated by its own outcome.
 * @throws AssayError bad_input when a split lacks one class; cancelled.
 */
export async function trainEstimator(request: TrainingRequest): Promise<TrainingResult> {
  const { snapshot, clock, seed } = request;
  const started = clock.now().getTime();
  const context = contextOf(request);
  const trainRows = rowsWhere((row) => snapshot.isTest[row] === 0, snapshot.target.length);
  const testRows = rowsWhere((row) => snapshot.isTest[row] === 1, snapshot.target.length);
  const frame = withoutRareLevels(snapshot.frame, trainRows);
  const folds = foldsOf(snapshot, trainRows);
  assertLearnable(snapshot, trainRows, folds);
  const foldMargins = await outOfFoldMargins(request, frame, trainRows, folds, partOfProgress(context, 0, 0.8));
  const trainTarget = targetOf(snapshot, trainRows);
  const train = { frame: selectRows(frame, trainRows), target: trainTarget };
  const { fitted, calibration, calibratedOn } = await finalFit(request, train, {
    context: partOfProgress(context, 0.8, 1),
    foldMargins,
    time: timeOf(request, trainRows),
  });
  const outOfFold = {
    rows: trainRows,
    target: trainTarget,
    margin: foldMargins,
    pd: crossCalibrated(foldMargins, trainTarget, folds, seed),
    fold: folds,
  };
  const predictions = {
    outOfFold,
    train: predict(fitted, calibration, snapshot, frame, trainRows),
    test: predict(fitted, calibration, snapshot, frame, testRows),
  };
  const draft = draftOf(request, fitted, calibration, predictions, frame);
  const seconds = (clock.now().getTime() - started) / 1000;
  return { draft, fitted, calibratedOn, ...predictions, seconds };
}

/** The model of all training rows and its calibration: forward where there is time for it, else out of fold. */
async function finalFit(
  { estimator, parameters = {}, seed }: TrainingRequest,
  train: TrainingSet,
  from: {
    readonly context: FitContext;
    readonly foldMargins: Float64Array;
    readonly time: Float64Array | undefined;
  },
): Promise<{ fitted: FittedEstimator; calibration: Calibration; calibratedOn: TrainingResult['calibratedOn'] }> {
  const { context, foldMargins, time } = from;
  const fitted = await estimator.fit(train, { parameters, context: partOfProgress(context, 0, 0.5) });
  const late = { context: partOfProgress(context, 0.5, 1), parameters, fitted };
  const forward = time && (await forwardMargins(estimator, train, { ...late, time }));
  const { margins, target } = forward ?? { margins: foldMargins, target: train.target };
  const { calibration } = chooseCalibration(margins, target, { seed });
  return { fitted, calibration, calibratedOn: forward ? 'latest_quarter' : 'out_of_fold' };
}

/** Of a book whose rows are tested later than trained on. */
function timeOf({ portfolio, snapshot }: TrainingRequest, rows: Uint32Array): Float64Array | undefined {
  if (portfolio.split.kind !== 'out_of_time') return undefined;
  return Float64Array.from(rows, (row) => Date.parse(`${snapshot.asOf[row]}Z`));
}

function contextOf({ seed, nthread, signal, onProgress, portfolio, estimator }: TrainingRequest): FitContext {
  return {
    seed,
    nthread,
    monotone: monotoneOf(portfolio.features.features),
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: ({ done, total, note }) => onProgress(total > 0 ? done / total : 0, note ?? estimator.name),
    }),
  };
}

export function monotoneOf(features: readonly FeatureDefinition[]): Record<string, 'increasing' | 'decreasing'> {
  return Object.fromEntries(features.flatMap(({ name, monotone }) => (monotone ? [[name, monotone]] : [])));
}

/** Folds 0..n-1 as numbered in the snapshot, by training row. */
function foldsOf(snapshot: TrainingSnapshot, trainRows: Uint32Array): Uint8Array {
  return Uint8Array.from(trainRows, (row) => snapshot.fold[row]!);
}

function targetOf(snapshot: TrainingSnapshot, rows: Uint32Array): Uint8Array {
  return Uint8Array.from(rows, (row) => snapshot.target[row]!);
}

function assertLearnable(snapshot: TrainingSnapshot, trainRows: Uint32Array, folds: Uint8Array): void {
  const count = countFolds(folds);
  const events = new Array<number>(count).fill(0);
  const nonEvents = new Array<number>(count).fill(0);
  trainRows.forEach((row, i) => {
    const side = snapshot.target[row] === 1 ? events : nonEvents;
    side[folds[i]!]! += 1;
  });
  if (count >= 2 && Math.min(...events, ...nonEvents) >= 1) return;
  throw new AssayError('bad_input', {
    what: 'the training split is too small to train on',
    given: `${trainRows.length} rows; defaults per fold ${events.join(', ')}; non-defaults per fold ${nonEvents.join(', ')}`,
    allowed: 'at least two folds, each with defaults and non-defaults',
    fix: 'wait for more outcomes, move split.trainUntil, or use fewer folds',
  });
}

async function outOfFoldMargins(
  request: TrainingRequest,
  frame: Frame,
  trainRows: Uint32Array,
  folds: Uint8Array,
  context: FitContext,
): Promise<Float64Array> {
  const { estimator, snapshot, parameters = {} } = request;
  const margins = new Float64Array(trainRows.length);
  const count = countFolds(folds);
  const parts = progressOfParts(context, count);
  await mapConcurrently(parts, context.nthread, async (part, fold) => {
    const seen = trainRows.filter((_, i) => folds[i] !== fold);
    const heldOut = rowsWhere((i) => folds[i] === fold, folds.length);
    const fitted = await estimator.fit(subset({ frame, target: snapshot.target }, seen), { parameters, context: part });
    const found = marginsOf(
      compileEstimator(fitted),
      selectRows(
        frame,
        heldOut.map((i) => trainRows[i]!),
      ),
    );
    heldOut.forEach((i, j) => {
      margins[i] = found[j]!;
    });
  });
  return margins;
}

function crossCalibrated(margins: Float64Array, target: Uint8Array, folds: Uint8Array, seed: number): Float64Array {
  const pds = new Float64Array(margins.length);
  for (let fold = 0; fold < countFolds(folds); fold++) {
    const { calibration } = chooseCalibration(
      margins.filter((_, i) => folds[i] !== fold),
      target.filter((_, i) => folds[i] !== fold),
      { seed },
    );
    margins.forEach((margin, i) => {
      if (folds[i] === fold) pds[i] = applyCalibration(calibration, margin);
    });
  }
  return pds;
}

function predict(
  fitted: FittedEstimator,
  calibration: Calibration,
  snapshot: TrainingSnapshot,
  frame: Frame,
  rows: Uint32Array,
): RowPredictions {
  const margin = marginsOf(compileEstimator(fitted), selectRows(frame, rows));
  return {
    rows,
    target: targetOf(snapshot, rows),
    margin,
    pd: margin.map((value) => applyCalibration(calibration, value)),
  };
}

type Predictions = Pick<TrainingResult, 'outOfFold' | 'train' | 'test'>;

function draftOf(
  request: TrainingRequest,
  fitted: FittedEstimator,
  calibration: Calibration,
  predictions: Predictions,
  frame: Frame,
): ManifestDraft {
  const { portfolio, estimator, snapshot, seed, codeVersion, clock } = request;
  const trainFrame = selectRows(frame, predictions.train.rows);
  const inputs = fitted.inputs.length > 0 ? fitted.inputs : inputColumnsOf(trainFrame);
  return {
    portfolio: portfolio.name,
    estimator: estimator.name,
    createdAt: clock.now().toISOString(),
    snapshotHash: snapshot.manifest.snapshotHash,
    catalogHash: snapshot.manifest.catalogHash,
    codeVersion,
    seed,
    inputs,
    parameters: {
      ...parametersOf(estimator.defaults, request.parameters),
      ...('settled' in fitted ? fitted.settled : {}),
    },
    calibration,
    scale: portfolio.scale,
    grades: DEFAULT_GRADES,
    metrics: metricsOf(predictions, seed),
    importance: attributionImportance(compileEstimator(fitted), trainFrame, { seed }),
    reference: referenceOf(fitted),
    ...reasonsOf(
      portfolio.features.features,
      inputs.map(({ name }) => name),
      fitted,
    ),
  };
}

/** Flat settings only: what a manifest can hold and a reader can check. */
function parametersOf(
  defaults: object,
  given: TrainingRequest['parameters'] = {},
): Record<string, number | string | boolean | null> {
  const found: Record<string, number | string | boolean | null> = {};
  for (const [name, value] of Object.entries({ ...defaults, ...given })) {
    if (value === null || ['number', 'string', 'boolean'].includes(typeof value)) found[name] = value;
  }
  return found;
}

/** Without a test split that has too few defaults to measure. @throws AssayError bad_input when the training rows have too few */
function metricsOf({ outOfFold, train, test }: Predictions, seed: number): Record<string, Metrics> {
  const measure = ({ pd, target }: RowPredictions): Metrics => measurePredictions({ scores: pd, target }, { seed });
  const testDefaults = test.target.reduce((sum, value) => sum + value, 0);
  const tested = testDefaults > 0 && testDefaults < test.target.length ? measure(test) : undefined;
  return {
    out_of_fold: measured('out of fold', measure(outOfFold)),
    train: measured('training', measure(train)),
    ...(tested && hasSlope(tested) && { out_of_time: tested }),
  };
}

/** None exists where every pd is the same, or where defaults lie wholly apart. */
const hasSlope = ({ calibrationIntercept }: Metrics): boolean => Number.isFinite(calibrationIntercept);

function measured(rows: string, metrics: Metrics): Metrics {
  if (hasSlope(metrics)) return metrics;
  throw new AssayError('bad_input', {
    what: `the pds of the ${rows} rows are all the same, or separate the defaults wholly: no calibration can be measured`,
    given: `${metrics.rows} rows, ${metrics.defaults} defaults`,
    fix: "train on more applications whose outcome is known, or take the estimator out of the portfolio's estimators; where pds separate wholly, look for a feature that is known only afterwards",
  });
}

function referenceOf(fitted: FittedEstimator): ModelManifest['reference'] {
  const note =
    fitted.kind === 'trees'
      ? 'Attributions are exact path-dependent Shapley values against the mean margin of the training rows.'
      : 'Attributions are differences in log-odds from the mean contribution of each feature over the training rows.';
  return { kind: 'training_mean', note };
}

/** @throws AssayError bad_input when a code has two texts, or a text that tells a borrower nothing */
function reasonsOf(
  features: readonly FeatureDefinition[],
  inputs: readonly string[],
  fitted: FittedEstimator,
): Pick<ModelManifest, 'reasons' | 'reasonsHash'> {
  const best = fitted.kind === 'scorecard' ? bestValues(fitted) : undefined;
  const entryOf = (feature: FeatureDefinition): ReasonEntry => {
    const bin = best?.get(feature.name);
    return { ...reasonEntryOf(feature), ...(bin && { atBest: { text: `${feature.title}: on record`, ...bin } }) };
  };
  const byName = new Map(features.map((feature) => [feature.name, entryOf(feature)]));
  const reasons = Object.fromEntries(inputs.flatMap((name) => (byName.has(name) ? [[name, byName.get(name)!]] : [])));
  const issues = reasonDictionaryIssues(reasons);
  if (issues.length === 0) return { reasons, reasonsHash: reasonDictionaryHash(reasons) };
  throw new AssayError('bad_input', {
    what: 'the reason dictionary is not usable',
    given: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    allowed: 'one text a code, and what it says is of the applicant, not of the lender or its score',
    fix: "correct the reasons in the portfolio's features.ts",
    issues,
  });
}
