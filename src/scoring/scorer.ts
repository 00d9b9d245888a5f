import {
  AssayError,
  type Calibration,
  type FeatureRow,
  type Frame,
  type InputColumn,
  type ModelManifest,
  rowEncoder,
} from '../domain/index.ts';
import {
  applyCalibration,
  compileEstimator,
  type FittedEstimator,
  gradeOf,
  pointsPerLogOdds,
  scoreOf,
} from '../estimators/index.ts';
import { groupReasons, rankReasons } from './reasons.ts';
import type { Reason, Score } from './score.ts';

export type ScoreOptions = {
  /** Default true. Reasons cost many times what the pd costs. */
  readonly reasons?: boolean;
};

/** Scores of a frame by column, one entry per row. */
export type FrameScores = {
  readonly margin: Float64Array;
  readonly pd: Float64Array;
  readonly score: Float64Array;
  readonly grade: readonly string[];
  /** Empty arrays unless asked for. */
  readonly reasons: readonly (readonly Reason[])[];
};

export type FrameScoreOptions = ScoreOptions & { readonly from?: number; readonly to?: number };

export type Scorer = {
  readonly modelVersion: string;
  readonly inputs: readonly InputColumn[];
  score(row: FeatureRow, options?: ScoreOptions): Score;
  /** Rows from (0) to (rowCount, excluded) of a frame that has the model's inputs among its columns. Reasons: default false. */
  scoreFrame(frame: Frame, options?: FrameScoreOptions): FrameScores;
  /** Exact attributions of one row by input name, in log-odds before calibration; `reference` + their sum = margin. */
  attributions(row: FeatureRow): { readonly reference: number; readonly byFeature: Readonly<Record<string, number>> };
};

/**
 * One model version made ready to score. Pure and synchronous; not re-entrant (it reuses its buffers).
 *
 * Input: a value by feature name. null, absent, NaN, a text where a number is expected, or a category level never seen in
 * training count as missing, which every estimator has learnt to score; properties that are not inputs are ignored.
 *
 * Reasons: exact attributions against the model's reference, summed by reason code; those that raise the pd, at most four.
 * Points lost = attribution x c x pdo / ln 2, where c turns margin into calibrated log-odds: 1 without calibration, the
 * slope with Platt's. Under isotonic calibration c is the row's own mean slope between reference and margin,
 * (logit(pd) - logit(pd of the reference)) / (margin - reference margin): with it the points of all features, raising
 * and lowering, still sum exactly to score(reference) - score(row). Where margin and reference coincide, c = 1; on a step
 * of the isotonic curve that holds both, c = 0: the reasons stand, and cost no points.
 * @throws AssayError internal when manifest and fitted estimator have different inputs.
 */
export function createScorer(manifest: ModelManifest, fitted: FittedEstimator): Scorer {
  checkInputs(manifest, fitted);
  const compiled = compileEstimator(fitted);
  const { modelVersion, inputs, calibration, scale, grades } = manifest;
  const groups = groupReasons(inputs, manifest.reasons);
  const encode = featureRowEncoder(inputs);
  const encoded = new Float64Array(inputs.length);
  const attributions = new Float64Array(inputs.length);
  const factor = pointsPerLogOdds(scale);

  const reasonsOf = (row: Float64Array, margin: number): Reason[] => {
    const reference = compiled.attribute(row, attributions);
    const slope = calibratedSlope(calibration, reference, margin);
    return rankReasons(groups, { encoded: row, attributions }, slope * factor);
  };
  const scoreEncoded = (row: Float64Array, withReasons: boolean): Score => {
    const margin = compiled.margin(row);
    const pd = applyCalibration(calibration, margin);
    const reasons = withReasons ? reasonsOf(row, margin) : [];
    return { pd, score: scoreOf(pd, scale), grade: gradeOf(pd, grades), margin, reasons, modelVersion };
  };

  return {
    modelVersion,
    inputs,
    score: (row, options) => scoreEncoded(encode(row, encoded), options?.reasons ?? true),
    scoreFrame(frame, { from = 0, to = frame.rowCount, reasons = false } = {}) {
      const read = rowEncoder(inputs, frame);
      const rows = frameScores(to - from);
      for (let i = from; i < to; i++) {
        const { pd, score, grade, margin, reasons: why } = scoreEncoded(read(i, encoded), reasons);
        rows.margin[i - from] = margin;
        rows.pd[i - from] = pd;
        rows.score[i - from] = score;
        rows.grade[i - from] = grade;
        rows.reasons[i - from] = why;
      }
      return rows;
    },
    attributions(row) {
      const reference = compiled.attribute(encode(row, encoded), attributions);
      return { reference, byFeature: Object.fromEntries(inputs.map((input, i) => [input.name, attributions[i]!])) };
    },
  };
}

function frameScores(length: number) {
  return {
    margin: new Float64Array(length),
    pd: new Float64Array(length),
    score: new Float64Array(length),
    grade: new Array<string>(length),
    reasons: new Array<readonly Reason[]>(length),
  };
}

function checkInputs(manifest: ModelManifest, fitted: FittedEstimator): void {
  const [ours, theirs] = [manifest.inputs, fitted.inputs].map((inputs) => inputs.map((input) => input.name).join(', '));
  if (ours === theirs) return;
  throw new AssayError('internal', {
    what: `model version ${manifest.modelVersion}: manifest and payload name different inputs`,
    given: `${ours}`,
    allowed: `${theirs}`,
    fix: 'register the model again; its files do not belong together',
  });
}

/** Below this difference of log-odds the mean slope would be noise. */
const COINCIDE = 1e-9;

/** What one unit of margin is worth in calibrated log-odds, for this row; see `createScorer`. */
function calibratedSlope(calibration: Calibration, reference: number, margin: number): number {
  switch (calibration.kind) {
    case 'identity':
      return 1;
    case 'platt':
      return calibration.slope;
    case 'isotonic': {
      if (Math.abs(margin - reference) < COINCIDE) return 1;
      const [there, here] = [applyCalibration(calibration, reference), applyCalibration(calibration, margin)];
      return (logit(here) - logit(there)) / (margin - reference);
    }
  }
}

function logit(pd: number): number {
  return Math.log(pd / (1 - pd));
}

/** As `encodeRow` of the domain, with category levels looked up in maps: a purpose or region may have thousands. */
function featureRowEncoder(inputs: readonly InputColumn[]): (row: FeatureRow, out: Float64Array) => Float64Array {
  const codes = inputs.map((input) =>
    input.kind === 'categorical' ? new Map(input.levels.map((level, code) => [level, code])) : undefined,
  );
  return (row, out) => {
    for (let i = 0; i < inputs.length; i++) {
      const value = row[inputs[i]!.name];
      const levels = codes[i];
      if (value === null || value === undefined) out[i] = Number.NaN;
      else if (levels) out[i] = levels.get(String(value)) ?? Number.NaN;
      else out[i] = typeof value === 'number' ? value : Number.NaN;
    }
    return out;
  };
}
