import type { ScoreScale } from '../domain/index.ts';
import type { Bin, FittedLogistic, FittedScorecard, LogisticTerm } from '../estimators/index.ts';
import { shareOf } from './figures.ts';

type TitleOf = (feature: string) => string;

/**
 * A scorecard as people read it: points of every bin, which add up with the base points to the score before calibration.
 * points = baseScore - factor * (margin + ln(baseOdds)), factor = pdo / ln 2, margin = intercept + sum of coefficient * woe.
 */
export function scorecardTable(fitted: FittedScorecard, scale: ScoreScale, title: TitleOf) {
  const factor = scale.pdo / Math.LN2;
  return {
    basePoints: scale.baseScore - factor * (Math.log(scale.baseOdds) + fitted.intercept),
    ...scale,
    characteristics: fitted.characteristics.map((characteristic) => {
      const rows = characteristic.bins.reduce((sum, bin) => sum + bin.count, 0);
      return {
        feature: characteristic.feature,
        title: title(characteristic.feature),
        iv: characteristic.iv,
        coefficient: characteristic.coefficient,
        standardError: characteristic.standardError,
        bins: characteristic.bins.map((bin) => ({
          label: binLabel(bin),
          count: bin.count,
          share: shareOf(bin.count, rows),
          defaults: bin.defaults,
          badRate: bin.count === 0 ? null : bin.defaults / bin.count,
          woe: bin.woe,
          points: -factor * characteristic.coefficient * bin.woe,
        })),
      };
    }),
  };
}

function binLabel({ rule }: Bin): string {
  switch (rule.kind) {
    case 'missing':
      return 'missing';
    case 'levels':
      return rule.levels.join(', ');
    case 'special':
      return `special: ${rule.values.join(', ')}`;
    case 'interval': {
      if (rule.lower === null && rule.upper === null) return 'all values';
      if (rule.lower === null) return `below ${short(rule.upper)}`;
      return rule.upper === null
        ? `${short(rule.lower)} and above`
        : `${short(rule.lower)} to below ${short(rule.upper)}`;
    }
  }
}

const short = (value: number | null): string => String(Number((value ?? 0).toPrecision(6)));

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
      return transform.log1p ? 'log(1 + value), per standard deviation' : 'per standard deviation';
  }
}
