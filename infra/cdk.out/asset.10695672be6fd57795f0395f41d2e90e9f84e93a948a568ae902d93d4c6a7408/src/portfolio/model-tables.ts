import type { ModelManifest } from '../domain/index.ts';
import {
  type FittedLogistic,
  type FittedScorecard,
  type LogisticTerm,
  labelOf,
  pointsPerLogOdds,
} from '../estimators/index.ts';
import { shareOf } from './figures.ts';

type TitleOf = (feature: string) => string;

/**
 * A scorecard as people read it: base points and the points of an applicant's bins add up to the score.
 * basePoints = baseScore - f (ln baseOdds + a + b intercept), points = -f b coefficient woe, with f = pdo / ln 2 and a, b of
 * Platt's calibration. Isotonic calibration is not additive: then they add up to the score before calibration (a = 0, b = 1).
 */
export function scorecardTable(fitted: FittedScorecard, { scale, calibration }: ModelManifest, title: TitleOf) {
  const { intercept, slope } = calibration.kind === 'platt' ? calibration : { intercept: 0, slope: 1 };
  const factor = pointsPerLogOdds(scale);
  return {
    basePoints: scale.baseScore - factor * (Math.log(scale.baseOdds) + intercept + slope * fitted.intercept),
    ...scale,
    characteristics: fitted.characteristics.map((characteristic) => {
      const count = characteristic.bins.reduce((sum, bin) => sum + bin.count, 0);
      return {
        feature: characteristic.feature,
        title: title(characteristic.feature),
        iv: characteristic.iv,
        coefficient: characteristic.coefficient,
        standardError: characteristic.standardError,
        bins: characteristic.bins.map((bin) => ({
          label: labelOf(bin.rule),
          count: bin.count,
          share: shareOf(bin.count, count),
          defaults: bin.defaults,
          badRate: bin.count === 0 ? null : bin.defaults / bin.count,
          woe: bin.woe,
          points: -factor * slope * characteristic.coefficient * bin.woe,
        })),
      };
    }),
  };
}

/** Terms of a logistic regression, largest effect first. */
export function coefficientTable(fitted: FittedLogistic, title: TitleOf) {
  return fitted.terms
    .map((term) => ({
      feature: term.feature,
      title: title(term.feature),
      term: termLabel(term),
      coefficient: term.coefficient,
      standardError: term.standardError,
      oddsRatio: Math.exp(term.coefficient),
    }))
    .sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient));
}

function termLabel({ transform }: LogisticTerm): string {
  switch (transform.kind) {
    case 'is_missing':
      return 'is missing';
    case 'is_level':
      return `is ${transform.level}`;
    case 'standardized':
      return `${transform.log1p ? 'log(1 + value)' : 'value'} from ${rounded(transform.lower)} to ${rounded(transform.upper)}, per standard deviation`;
  }
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
