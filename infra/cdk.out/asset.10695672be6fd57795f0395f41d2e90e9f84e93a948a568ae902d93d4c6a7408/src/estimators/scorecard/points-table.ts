import type { Calibration, ScoreScale } from '../../domain/index.ts';
import { labelOf } from '../binning/index.ts';
import type { FittedScorecard } from '../contract.ts';
import { pointsPerLogOdds } from '../scale/scale.ts';

export type PointsRow = {
  readonly feature: string;
  readonly bin: string;
  readonly count: number;
  readonly defaults: number;
  readonly woe: number;
  /** Exact: the points of a row's bins add up to its score. */
  readonly points: number;
  /** To the nearest whole point, as printed on a card; a row's sum may differ from its score by half a point a characteristic. */
  readonly roundedPoints: number;
};

export type PointsTable = {
  readonly scale: ScoreScale;
  readonly rows: readonly PointsRow[];
  /** Least and largest score a row can have. */
  readonly minimum: number;
  readonly maximum: number;
};

/**
 * The scorecard on paper. Score = baseScore - factor * (margin + ln baseOdds), factor = pdo / ln 2; each characteristic gets
 * its own contribution and an equal share of the constant part, so the points of a row's bins sum to its score exactly.
 * Platt's calibration is part of the points. Isotonic calibration is not additive: then the table is that of the margin.
 */
export function pointsTable(
  fitted: FittedScorecard,
  scale: ScoreScale,
  calibration: Calibration = { kind: 'identity' },
): PointsTable {
  const { intercept, slope } = calibration.kind === 'platt' ? calibration : { intercept: 0, slope: 1 };
  const factor = pointsPerLogOdds(scale);
  const constant = scale.baseScore - factor * (Math.log(scale.baseOdds) + intercept + slope * fitted.intercept);
  const share = constant / fitted.characteristics.length;
  const byFeature = fitted.characteristics.map(({ feature, coefficient, bins }) =>
    bins.map((bin): PointsRow => {
      const points = share - factor * slope * coefficient * bin.woe;
      const { count, defaults, woe } = bin;
      return { feature, bin: labelOf(bin.rule), count, defaults, woe, points, roundedPoints: Math.round(points) };
    }),
  );
  const sumOf = (pick: (...points: number[]) => number) =>
    byFeature.reduce((sum, rows) => sum + pick(...rows.map(({ points }) => points)), 0);
  return { scale, rows: byFeature.flat(), minimum: sumOf(Math.min), maximum: sumOf(Math.max) };
}
