import type { Calibration } from '../../domain/index.ts';

/** Calibrated pd of a margin (log-odds of default): see `Calibration` for the three kinds. */
export function applyCalibration(calibration: Calibration, margin: number): number {
  switch (calibration.kind) {
    case 'identity':
      return sigmoid(margin);
    case 'platt':
      return sigmoid(calibration.intercept + calibration.slope * margin);
    case 'isotonic':
      return interpolate(calibration.margins, calibration.pds, margin);
  }
}

export function sigmoid(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

/** Piecewise linear through the knots, flat beyond the first and the last. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const last = xs.length - 1;
  if (!(x > xs[0]!)) return ys[0]!;
  if (x >= xs[last]!) return ys[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const share = (x - xs[low]!) / (xs[high]! - xs[low]!);
  return ys[low]! + share * (ys[high]! - ys[low]!);
}
