import { type Calibration, type Frame, mapConcurrently, rowEncoder, selectRows } from '../domain/index.ts';
import {
  applyCalibration,
  type CompiledEstimator,
  chooseCalibration,
  compileEstimator,
  type Estimator,
  type FitContext,
  type FittedEstimator,
  type TrainingSet,
} from '../estimators/index.ts';
import { rowsWhere } from './folds.ts';
import { seededRandom } from './random.ts';

/** A fitted estimator with the map from its margin to a pd. */
export type CalibratedEstimator = {
  readonly fitted: FittedEstimator;
  readonly compiled: CompiledEstimator;
  readonly calibration: Calibration;
};

/** Any estimator, whatever its parameters. */
export type AnyEstimator = Estimator<object>;

/** Above this many rows one held-out quarter is enough to calibrate on; below it every row takes its turn. */
const LARGE_SET_ROWS = 10_000;
const SMALL_SET_PARTS = 5;
const LARGE_SET_PARTS = 4;

export function subset(set: TrainingSet, rows: Uint32Array): TrainingSet {
  const { target, weights } = set;
  return {
    frame: selectRows(set.frame, rows),
    target: Uint8Array.from(rows, (row) => target[row]!),
    ...(weights && { weights: Float64Array.from(rows, (row) => weights[row]!) }),
  };
}

/**
 * Fits on all rows, then chooses the calibration on margins of rows that the estimator did not see: a held-out quarter of a
 * large set, five turns of a small one. With `time` it is the latest quarter, seen by a model of the earlier ones, as rows to
 * come will be: what changes from one year to the next makes a model overconfident, and rows drawn at random do not show it.
 * `calibrateOn` gives such margins when the caller has them already.
 * @throws AssayError cancelled, or bad_input from the estimator.
 */
export async function fitCalibrated(
  estimator: AnyEstimator,
  train: TrainingSet,
  options: {
    readonly context: FitContext;
    readonly parameters?: object;
    readonly calibrateOn?: { readonly margins: Float64Array; readonly target: Uint8Array };
    /** When each row was; NaN where unknown. */
    readonly time?: Float64Array;
  },
): Promise<CalibratedEstimator> {
  const { context, parameters = {} } = options;
  const alone = options.calibrateOn ? 1 : 0.5;
  const fitted = await estimator.fit(train, { parameters, context: partOfProgress(context, 0, alone) });
  const unseen =
    options.calibrateOn ??
    (await unseenMargins(estimator, train, {
      context: partOfProgress(context, alone, 1),
      parameters: { ...parameters, ...chosenParameters(fitted) },
      turns: turnsOf(train, options.time, context.seed),
    }));
  const { calibration } = chooseCalibration(unseen.margins, unseen.target, { seed: context.seed });
  return { fitted, compiled: compileEstimator(fitted), calibration };
}

/**
 * Margins of the latest quarter of the rows by a model of the earlier ones, with the settings that `fitted` chose; undefined
 * when too few rows or defaults are that late.
 * @param time when each row of `train` was; NaN where unknown
 */
export async function forwardMargins(
  estimator: AnyEstimator,
  train: TrainingSet,
  options: {
    readonly context: FitContext;
    readonly parameters: object;
    readonly fitted: FittedEstimator;
    readonly time: Float64Array;
  },
): Promise<{ margins: Float64Array; target: Uint8Array } | undefined> {
  const { context, parameters, fitted, time } = options;
  const turns = forwardTurns(train, time);
  if (!turns) return undefined;
  return unseenMargins(estimator, train, {
    context,
    parameters: { ...parameters, ...chosenParameters(fitted) },
    turns,
  });
}

/** What the fit chose from the data and a refit on most of the same rows need not choose again. */
function chosenParameters(fitted: FittedEstimator): object {
  return fitted.kind === 'trees' && fitted.estimator === 'boosted' ? { rounds: fitted.rounds } : {};
}

/** Rows of part 0, 1 … `count` - 1 take their turn to be held out; those of further parts never do. */
type Turns = { readonly part: Uint8Array; readonly count: number };

function turnsOf(train: TrainingSet, time: Float64Array | undefined, seed: number): Turns {
  const forward = time && forwardTurns(train, time);
  if (forward) return forward;
  const { target } = train;
  const isLarge = target.length > LARGE_SET_ROWS;
  const part = stratifiedParts(target, isLarge ? LARGE_SET_PARTS : SMALL_SET_PARTS, seed);
  return { part, count: isLarge ? 1 : SMALL_SET_PARTS };
}

function forwardTurns({ target }: TrainingSet, time: Float64Array): Turns | undefined {
  const latest = latestRows(target, time);
  return latest && { part: latest.map((isLatest) => 1 - isLatest), count: 1 };
}

const LATEST_SHARE = 1 / LARGE_SET_PARTS;
/** Of each class: with fewer a slope says nothing, and rows of any time have to do. */
const LEAST_LATEST = 100;

/** 1 for the rows after the time by which three quarters lie; undefined when they are too few, or too many for the rest. */
function latestRows(target: Uint8Array, time: Float64Array): Uint8Array | undefined {
  const sorted = time.filter((value) => !Number.isNaN(value)).sort();
  const limit = sorted[Math.floor((1 - LATEST_SHARE) * sorted.length)] ?? Number.NaN;
  // the rows of the limit itself belong to one side together: the same day is not both past and future
  const latest = Uint8Array.from(time, (value) => (value >= limit ? 1 : 0));
  const rows = latest.reduce((sum, value) => sum + value, 0);
  const defaults = latest.reduce((sum, value, row) => sum + value * target[row]!, 0);
  const isUsable = Math.min(defaults, rows - defaults) >= LEAST_LATEST && rows < target.length / 2;
  return isUsable ? latest : undefined;
}

async function unseenMargins(
  estimator: AnyEstimator,
  train: TrainingSet,
  { context, parameters, turns }: { context: FitContext; parameters: object; turns: Turns },
): Promise<{ margins: Float64Array; target: Uint8Array }> {
  const rowCount = train.target.length;
  const { part, count } = turns;
  const margins = new Float64Array(rowCount);
  await mapConcurrently(progressOfParts(context, count), context.nthread, async (own, turn) => {
    const seen = subset(
      train,
      rowsWhere((row) => part[row] !== turn, rowCount),
    );
    const heldOut = rowsWhere((row) => part[row] === turn, rowCount);
    const fitted = await estimator.fit(seen, { parameters, context: own });
    const found = marginsOf(compileEstimator(fitted), selectRows(train.frame, heldOut));
    heldOut.forEach((row, i) => {
      margins[row] = found[i]!;
    });
  });
  const used = rowsWhere((row) => part[row]! < count, rowCount);
  return {
    margins: Float64Array.from(used, (row) => margins[row]!),
    target: Uint8Array.from(used, (row) => train.target[row]!),
  };
}

/** Part 0..parts-1 of each row: every part has the same share of defaults, drawn by seed. */
export function stratifiedParts(target: Uint8Array, parts: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const found = new Uint8Array(target.length);
  for (const outcome of [0, 1]) {
    const rows = rowsWhere((row) => target[row] === outcome, target.length);
    for (let i = rows.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      const swapped = rows[i]!;
      rows[i] = rows[j]!;
      rows[j] = swapped;
    }
    rows.forEach((row, i) => {
      found[row] = i % parts;
    });
  }
  return found;
}

/** Log-odds of default, before calibration, of every row. */
export function marginsOf(compiled: CompiledEstimator, frame: Frame): Float64Array {
  const encode = rowEncoder(compiled.inputs, frame);
  const encoded = new Float64Array(compiled.inputs.length);
  const margins = new Float64Array(frame.rowCount);
  for (let row = 0; row < margins.length; row++) margins[row] = compiled.margin(encode(row, encoded));
  return margins;
}

export function pdsOf({ compiled, calibration }: CalibratedEstimator, frame: Frame): Float64Array {
  return marginsOf(compiled, frame).map((margin) => applyCalibration(calibration, margin));
}

/** The same context, with the progress of one part of the work shown as its share of the whole. */
export function partOfProgress(context: FitContext, from: number, to: number): FitContext {
  const { onProgress } = context;
  if (!onProgress) return context;
  return {
    ...context,
    onProgress: ({ done, total, note }) => {
      const share = from + (to - from) * (total > 0 ? done / total : 0);
      onProgress({ done: share, total: 1, ...(note !== undefined && { note }) });
    },
  };
}

/** The same context for each of `count` parts that may run side by side: their progress adds up. */
export function progressOfParts(context: FitContext, count: number): FitContext[] {
  const shares = new Float64Array(count);
  const { onProgress } = context;
  if (!onProgress) return Array.from({ length: count }, () => context);
  return Array.from(shares, (_, part) => ({
    ...context,
    onProgress: ({ done, total, note }) => {
      shares[part] = total > 0 ? done / total : 0;
      const sum = shares.reduce((all, share) => all + share, 0);
      onProgress({ done: sum / count, total: 1, ...(note !== undefined && { note }) });
    },
  }));
}
