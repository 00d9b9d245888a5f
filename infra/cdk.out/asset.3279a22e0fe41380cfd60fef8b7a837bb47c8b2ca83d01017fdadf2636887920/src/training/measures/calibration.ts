import chiSquareCdf from '@stdlib/stats-base-dists-chisquare-cdf';
import { AssayError, type Interval } from '../../domain/index.ts';
import { Z_95 } from './delong.ts';
import { ascendingOrder, assertBothClasses, assertLabelled, type LabelledScores } from './labelled-scores.ts';

/** Mean squared distance of pd and outcome (Brier 1950). */
export function brier({ scores, target }: LabelledScores): number {
  assertLabelled({ scores, target });
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += (scores[i]! - target[i]!) ** 2;
  return sum / scores.length;
}

/** pds are kept this far from 0 and 1 before a logarithm: the spacing of doubles at 1, as scikit-learn does. */
const CLIP = Number.EPSILON;

/** Mean negative log likelihood, in nats. */
export function logLoss({ scores, target }: LabelledScores): number {
  assertLabelled({ scores, target });
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const pd = clip(scores[i]!);
    sum -= target[i] === 1 ? Math.log(pd) : Math.log(1 - pd);
  }
  return sum / scores.length;
}

function clip(pd: number): number {
  return Math.min(1 - CLIP, Math.max(CLIP, pd));
}

export function logit(pd: number): number {
  const kept = clip(pd);
  return Math.log(kept) - Math.log1p(-kept);
}

export type CalibrationLine = {
  /** 1 = spread as wide as it should be; below 1 = too extreme (overfitted). 95 % Wald interval. */
  readonly slope: Interval;
  /** Of the same fit. */
  readonly intercept: number;
  /** Intercept with the slope held at 1: above 0 = defaults were more than predicted. */
  readonly interceptAtSlopeOne: number;
};

const MAX_NEWTON_STEPS = 100;

/**
 * Calibration slope and intercept: logistic regression of the outcome on logit(pd) (Cox 1958), by Newton's method.
 * @throws AssayError bad_input for one class only or pds that are all equal.
 */
export function calibrationLine(labelled: LabelledScores): CalibrationLine {
  assertBothClasses(labelled);
  const { target } = labelled;
  const logits = Float64Array.from({ length: target.length }, (_, i) => logit(labelled.scores[i]!));
  const fit = fitLine(logits, target);
  const halfWidth = Z_95 * fit.slopeError;
  return {
    slope: { value: fit.slope, lower: fit.slope - halfWidth, upper: fit.slope + halfWidth },
    intercept: fit.intercept,
    interceptAtSlopeOne: fitIntercept(logits, target),
  };
}

function fitLine(x: Float64Array, y: ArrayLike<number>) {
  // Centred, so that the two equations hardly depend on one another.
  let centre = 0;
  for (const value of x) centre += value / x.length;
  let base = logit(meanOf(y));
  let slope = 0;
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    const { g0, g1, h00, h01, h11 } = lineDerivatives(x, y, centre, base, slope);
    const determinant = h00 * h11 - h01 * h01;
    if (!(determinant > 0)) break;
    const moveBase = (h11 * g0 - h01 * g1) / determinant;
    const moveSlope = (h00 * g1 - h01 * g0) / determinant;
    base += moveBase;
    slope += moveSlope;
    if (Math.abs(moveBase) + Math.abs(moveSlope) < 1e-13 * (1 + Math.abs(base) + Math.abs(slope))) {
      const end = lineDerivatives(x, y, centre, base, slope);
      return {
        slope,
        intercept: base - slope * centre,
        slopeError: Math.sqrt(end.h00 / (end.h00 * end.h11 - end.h01 * end.h01)),
      };
    }
  }
  // Perfect separation or a single pd: no finite slope exists.
  return { slope: Number.NaN, intercept: Number.NaN, slopeError: Number.NaN };
}

function lineDerivatives(x: Float64Array, y: ArrayLike<number>, centre: number, base: number, slope: number) {
  let g0 = 0;
  let g1 = 0;
  let h00 = 0;
  let h01 = 0;
  let h11 = 0;
  for (let i = 0; i < x.length; i++) {
    const centred = x[i]! - centre;
    const p = 1 / (1 + Math.exp(-(base + slope * centred)));
    const residual = y[i]! - p;
    const weight = p * (1 - p);
    g0 += residual;
    g1 += residual * centred;
    h00 += weight;
    h01 += weight * centred;
    h11 += weight * centred * centred;
  }
  return { g0, g1, h00, h01, h11 };
}

function fitIntercept(logits: Float64Array, y: ArrayLike<number>): number {
  let shift = 0;
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    let gradient = 0;
    let hessian = 0;
    for (let i = 0; i < logits.length; i++) {
      const p = 1 / (1 + Math.exp(-(shift + logits[i]!)));
      gradient += y[i]! - p;
      hessian += p * (1 - p);
    }
    const move = Math.max(-5, Math.min(5, gradient / hessian));
    shift += move;
    if (Math.abs(move) < 1e-13 * (1 + Math.abs(shift))) return shift;
  }
  return shift;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

export type CalibrationBin = {
  readonly count: number;
  readonly defaults: number;
  readonly meanPd: number;
  readonly observedRate: number;
  readonly lowestPd: number;
  readonly highestPd: number;
};

/**
 * Bins of about equal count between the quantiles of pd (linear interpolation; a pd on an edge falls below it), so
 * equal pds stay together: the bins of scikit-learn's calibration_curve(strategy='quantile'). Empty bins are left out.
 */
export function calibrationBins({ scores, target }: LabelledScores, bins = 10): CalibrationBin[] {
  assertLabelled({ scores, target });
  const order = ascendingOrder(scores);
  const edges = Array.from({ length: bins - 1 }, (_, i) => sortedQuantile(scores, order, (i + 1) / bins));
  const sums = Array.from({ length: bins }, () => ({ count: 0, defaults: 0, pd: 0, low: 1, high: 0 }));
  let bin = 0;
  for (const row of order) {
    const pd = scores[row]!;
    while (bin < edges.length && pd > edges[bin]!) bin++;
    const sum = sums[bin]!;
    sum.count += 1;
    sum.defaults += target[row]!;
    sum.pd += pd;
    sum.low = Math.min(sum.low, pd);
    sum.high = Math.max(sum.high, pd);
  }
  return sums
    .filter((sum) => sum.count > 0)
    .map(({ count, defaults, pd, low, high }) => ({
      count,
      defaults,
      meanPd: pd / count,
      observedRate: defaults / count,
      lowestPd: low,
      highestPd: high,
    }));
}

/** Quantile by linear interpolation (Hyndman and Fan type 7), in numpy's order of operations. */
function sortedQuantile(values: ArrayLike<number>, order: Uint32Array, share: number): number {
  const position = share * (order.length - 1);
  const below = Math.floor(position);
  const low = values[order[below]!]!;
  const high = values[order[Math.min(below + 1, order.length - 1)]!]!;
  const fraction = position - below;
  const step = high - low;
  return fraction >= 0.5 ? high - step * (1 - fraction) : low + step * fraction;
}

/** Expected calibration error: mean |observed rate - mean pd| over the bins, weighted by count. */
export function expectedCalibrationError(labelled: LabelledScores, bins = 10): number {
  let sum = 0;
  for (const bin of calibrationBins(labelled, bins)) sum += bin.count * Math.abs(bin.observedRate - bin.meanPd);
  return sum / labelled.scores.length;
}

export type HosmerLemeshow = {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  readonly bins: number;
};

/**
 * Hosmer-Lemeshow test over groups of risk: sum of (defaults - expected)^2 / (n pd (1 - pd)), chi-square with
 * (groups - 2) degrees of freedom on the rows the model was fitted on, (groups) on rows it never saw.
 */
export function hosmerLemeshow(
  labelled: LabelledScores,
  { bins: wanted = 10, heldOut = false }: { bins?: number; heldOut?: boolean } = {},
): HosmerLemeshow {
  const bins = calibrationBins(labelled, wanted);
  const degreesOfFreedom = heldOut ? bins.length : bins.length - 2;
  if (degreesOfFreedom < 1) {
    throw new AssayError('bad_input', {
      what: 'the Hosmer-Lemeshow test needs at least three different groups of pd',
      given: `${bins.length} groups`,
      fix: 'take more rows or a finer score',
    });
  }
  let statistic = 0;
  for (const { count, defaults, meanPd } of bins) {
    statistic += (defaults - count * meanPd) ** 2 / (count * meanPd * (1 - meanPd));
  }
  return { statistic, degreesOfFreedom, pValue: 1 - chiSquareCdf(statistic, degreesOfFreedom), bins: bins.length };
}
