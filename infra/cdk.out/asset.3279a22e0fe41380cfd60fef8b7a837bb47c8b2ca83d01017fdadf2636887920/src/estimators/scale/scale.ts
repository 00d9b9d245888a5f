import type { ScoreScale } from '../../domain/index.ts';

/** Industry habit: 600 points at odds of 50 good to 1 bad, 20 points double the odds. */
export const DEFAULT_SCALE: ScoreScale = { baseScore: 600, baseOdds: 50, pdo: 20 };

/** A pd of exactly 0 or 1 has no finite score; none that a model gives gets nearer than this. */
const SMALLEST_PD = 1e-12;

/**
 * Points of a pd: baseScore + factor * (ln((1 - pd) / pd) - ln(baseOdds)), factor = pdo / ln 2. Higher is safer.
 * A pd outside [1e-12, 1 - 1e-12] scores as the nearer end. Example: pd 1/51 on the default scale -> 600.
 */
export function scoreOf(pd: number, scale: ScoreScale): number {
  const inside = Math.min(1 - SMALLEST_PD, Math.max(SMALLEST_PD, pd));
  return scale.baseScore + pointsPerLogOdds(scale) * (Math.log((1 - inside) / inside) - Math.log(scale.baseOdds));
}

/** The pd that scores so many points: the inverse of `scoreOf`. */
export function pdOfScore(score: number, scale: ScoreScale): number {
  const logOdds = (score - scale.baseScore) / pointsPerLogOdds(scale) + Math.log(scale.baseOdds);
  return 1 / (1 + Math.exp(logOdds));
}

/** pdo / ln 2: points by which the score falls when the log-odds of default rise by 1. */
export function pointsPerLogOdds(scale: ScoreScale): number {
  return scale.pdo / Math.LN2;
}
