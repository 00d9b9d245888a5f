import type { Calibration } from '../../domain/index.ts';
import { fitLogisticRegression } from '../logistic/fit-logistic-regression.ts';

/**
 * Platt's calibration: logistic regression of the outcome on the margin, maximum likelihood without smoothing, since
 * margins here come out of fold. A trace of penalty keeps a perfectly separating margin finite.
 * Source: Platt (1999), Probabilistic outputs for support vector machines.
 */
export function fitPlatt(
  margins: Float64Array,
  target: Uint8Array,
  weights?: Float64Array,
): Extract<Calibration, { kind: 'platt' }> {
  const { center, scale } = spread(margins);
  const values = margins.map((margin) => (margin - center) / scale);
  const regression = fitLogisticRegression({ rowCount: margins.length, columns: [values] }, target, {
    l2: 1e-6,
    ...(weights && { weights }),
  });
  // A margin that ranks backwards tells nothing that may be used: the same pd for all, never the order turned round.
  if (regression.coefficients[0]! <= 0) return { kind: 'platt', intercept: logOddsOf(target, weights), slope: 0 };
  const slope = regression.coefficients[0]! / scale;
  return { kind: 'platt', intercept: regression.intercept - slope * center, slope };
}

/** Margins of a forest lie close together: without scaling Newton's matrix would be badly conditioned. */
function spread(margins: Float64Array): { center: number; scale: number } {
  const center = margins.reduce((sum, margin) => sum + margin, 0) / margins.length;
  const variance = margins.reduce((sum, margin) => sum + (margin - center) ** 2, 0) / margins.length;
  return { center, scale: variance > 0 ? Math.sqrt(variance) : 1 };
}

function logOddsOf(target: Uint8Array, weights?: Float64Array): number {
  let [defaults, others] = [0, 0];
  for (let i = 0; i < target.length; i++) {
    const weight = weights ? weights[i]! : 1;
    if (target[i] === 1) defaults += weight;
    else others += weight;
  }
  return Math.log(defaults / others);
}
