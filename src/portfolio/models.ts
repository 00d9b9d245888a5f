import { AssayError, type LiftEvidence, type ModelManifest, type Portfolio } from '../domain/index.ts';
import type { FittedEstimator } from '../estimators/index.ts';
import { liftRefusals } from '../features/index.ts';
import { lakeJson } from '../platform/index.ts';
import { arePredictionsOf, calibrationBins, gainsTable, jeffreysInterval, rocCurve } from '../training/index.ts';
import { OUT_OF_FOLD_KEY } from './book-views.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';
import { coefficientTable, scorecardTable } from './model-tables.ts';

export type ModelStatus = 'candidate' | 'approved' | 'champion' | 'retired' | 'rejected';

export type RegisteredModel = {
  readonly manifest: ModelManifest;
  readonly status: ModelStatus;
  /** Signature and hashes hold. */
  readonly signatureValid: boolean;
  readonly hasDocument: boolean;
};

export type ModelEvent = {
  readonly at: Date;
  readonly event: string;
  readonly actor: string;
  readonly note: string | null;
};

/** What the pages need of the model registry. */
export interface ModelCatalog {
  list(): Promise<RegisteredModel[]>;
  /** @throws AssayError not_found, tampered */
  open(modelVersion: string): Promise<
    RegisteredModel & {
      readonly fitted: FittedEstimator;
      readonly history: readonly ModelEvent[];
      /** What it gains by features that must be proven; empty where nothing was measured. */
      readonly lift: readonly LiftEvidence[];
    }
  >;
  /** HTML. @throws AssayError not_found */
  document(modelVersion: string): Promise<string>;
  approve(modelVersion: string, actor: string, note: string): Promise<void>;
  promote(modelVersion: string, actor: string, note: string): Promise<void>;
  reject(modelVersion: string, actor: string, note: string): Promise<void>;
}

/** Splits in the order of how much they say about new applicants. */
const SPLITS = ['out_of_time', 'out_of_fold', 'validation', 'train'];
const CALIBRATION_BINS = 10;
const CURVE_POINTS = 100;

export async function listModels(reader: MartReader, catalog: ModelCatalog) {
  const models = await catalog.list();
  const state: 'empty' | 'ready' = models.length === 0 ? 'empty' : 'ready';
  return {
    state,
    snapshot: ((await reader.snapshot()) ?? null) as Snapshot | null,
    comparedOn: SPLITS.find((split) => models.some((model) => model.manifest.metrics[split])) ?? null,
    models: models.map(modelRow),
  };
}

function modelRow({ manifest, status, signatureValid, hasDocument }: RegisteredModel) {
  return {
    modelVersion: manifest.modelVersion,
    estimator: manifest.estimator,
    status,
    createdAt: manifest.createdAt,
    inputs: manifest.inputs.length,
    snapshotHash: manifest.snapshotHash,
    catalogHash: manifest.catalogHash,
    codeVersion: manifest.codeVersion,
    seed: manifest.seed,
    metrics: { ...manifest.metrics },
    signatureValid,
    documentUrl: hasDocument ? `/api/v1/models/${encodeURIComponent(manifest.modelVersion)}/document` : null,
  };
}

/** @throws AssayError not_found, tampered */
export async function readModel(reader: MartReader, catalog: ModelCatalog, modelVersion: string) {
  const model = await catalog.open(modelVersion);
  const { manifest, fitted } = model;
  const { portfolio } = reader.context;
  const title = titles(portfolio);
  return {
    ...modelRow(model),
    parameters: { ...manifest.parameters },
    inputColumns: manifest.inputs.map((input) => ({ name: input.name, title: title(input.name), kind: input.kind })),
    importance: manifest.importance.map((one) => ({ ...one, title: title(one.feature) })),
    calibration: { kind: manifest.calibration.kind, note: calibrationNote(manifest) },
    scale: manifest.scale,
    grades: [...manifest.grades],
    reference: manifest.reference.note,
    scorecard: fitted.kind === 'scorecard' ? scorecardTable(fitted, manifest, title) : null,
    coefficients: fitted.kind === 'logistic' ? coefficientTable(fitted, title) : null,
    curves: await readCurves(reader, manifest),
    lift: model.lift.map(({ format: _, ...one }) => ({
      ...one,
      features: [...one.features],
      traits: [...one.traits],
      groups: [...one.groups],
      refusals: liftRefusals(one),
    })),
    history: model.history.map((event) => ({ ...event, at: event.at.toISOString() })),
  };
}

function titles(portfolio: Portfolio): (feature: string) => string {
  const byName = new Map(portfolio.features.features.map((feature) => [feature.name, feature.title]));
  return (feature) => byName.get(feature) ?? feature;
}

function calibrationNote({ calibration }: ModelManifest): string {
  switch (calibration.kind) {
    case 'identity':
      return 'pd = 1 / (1 + exp(-margin))';
    case 'platt':
      return `pd = 1 / (1 + exp(-(${calibration.intercept} + ${calibration.slope} x margin)))`;
    case 'isotonic':
      return `piecewise linear between ${calibration.margins.length} knots`;
  }
}

/**
 * ROC, gains and calibration from the out-of-fold predictions of the estimator. They belong to the version only while it was
 * trained on the snapshot that lies in the lake.
 */
async function readCurves(reader: MartReader, manifest: ModelManifest) {
  const { lake } = reader.context;
  const trainedOn = await snapshotHash(reader);
  if (!(await lake.exists(OUT_OF_FOLD_KEY)) || trainedOn !== manifest.snapshotHash) return null;
  if (!(await arePredictionsOf(lake, manifest))) return null;
  const labelled = await outOfFold(reader, manifest.estimator);
  const defaults = labelled.target.reduce((sum, value) => sum + value, 0);
  if (defaults === 0 || defaults === labelled.target.length) return null;
  return {
    rows: labelled.target.length,
    defaults,
    roc: rocCurve(labelled, CURVE_POINTS).map(({ falsePositiveRate, truePositiveRate }) => ({
      falsePositiveRate,
      truePositiveRate,
    })),
    gains: [
      { applicationsShare: 0, defaultsShare: 0 },
      ...gainsTable(labelled, 20).map((row) => ({
        applicationsShare: row.cumulativeShareOfRows,
        defaultsShare: row.cumulativeShareOfDefaults,
      })),
    ],
    calibration: calibrationBins(labelled, CALIBRATION_BINS).map((bin) => {
      const { value, lower, upper } = jeffreysInterval(bin.defaults, bin.count);
      return { count: bin.count, meanPd: bin.meanPd, observed: value, lower, upper };
    }),
  };
}

async function snapshotHash(reader: MartReader): Promise<string | undefined> {
  const key = 'modeled/training/snapshot.json';
  if (!(await reader.context.lake.exists(key))) return undefined;
  return (await lakeJson<{ snapshotHash: string }>(reader.context.lake, key)).snapshotHash;
}

async function outOfFold(reader: MartReader, estimator: string): Promise<{ scores: number[]; target: number[] }> {
  const { warehouse } = reader.context;
  const { columns } = await warehouse.columns(
    `SELECT AVG(o.pd) AS pd, CAST(ANY_VALUE(s.defaulted) AS DOUBLE) AS defaulted FROM ${reader.fromKey(OUT_OF_FOLD_KEY)} o
     JOIN ${reader.fromKey('modeled/training/snapshot.parquet')} s USING (application_id)
     WHERE o.estimator = $1 GROUP BY application_id ORDER BY application_id`,
    [estimator],
  );
  const [pd, defaulted] = columns;
  if (pd?.kind !== 'numeric' || defaulted?.kind !== 'numeric') {
    throw new AssayError('internal', { what: 'out-of-fold predictions are not numbers', given: OUT_OF_FOLD_KEY });
  }
  return { scores: [...pd.values], target: [...defaulted.values] };
}
