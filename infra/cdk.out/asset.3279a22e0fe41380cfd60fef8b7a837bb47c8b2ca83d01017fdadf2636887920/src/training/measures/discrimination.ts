import { assertBothClasses, groupByScore, type LabelledScores } from './labelled-scores.ts';

/**
 * Area under the ROC curve: the probability that a random default is scored riskier than a random non-default,
 * ties counting half (Mann-Whitney U / (m n); Hanley and McNeil 1982).
 * @throws AssayError bad_input for one class only.
 */
export function auc(labelled: LabelledScores): number {
  assertBothClasses(labelled);
  const { events, nonEvents } = groupByScore(labelled);
  return aucOfCounts(events, nonEvents);
}

/** AUC from defaults and non-defaults at each distinct score, ascending. Integer counts stay exact below 2^53. */
export function aucOfCounts(events: ArrayLike<number>, nonEvents: ArrayLike<number>): number {
  let safeBelow = 0;
  let eventTotal = 0;
  let twiceWins = 0;
  for (let group = 0; group < events.length; group++) {
    twiceWins += events[group]! * (2 * safeBelow + nonEvents[group]!);
    safeBelow += nonEvents[group]!;
    eventTotal += events[group]!;
  }
  return twiceWins / 2 / (eventTotal * safeBelow);
}

/** Gini = 2 AUC - 1 (accuracy ratio, Somers' D of the score). */
export function gini(labelled: LabelledScores): number {
  return 2 * auc(labelled) - 1;
}

/** Kolmogorov-Smirnov: the greatest gap between the score distributions of defaults and non-defaults, 0..1. */
export function ks(labelled: LabelledScores): number {
  assertBothClasses(labelled);
  const { events, nonEvents } = groupByScore(labelled);
  return ksOfCounts(events, nonEvents);
}

export function ksOfCounts(events: ArrayLike<number>, nonEvents: ArrayLike<number>): number {
  let eventTotal = 0;
  let nonEventTotal = 0;
  for (let group = 0; group < events.length; group++) {
    eventTotal += events[group]!;
    nonEventTotal += nonEvents[group]!;
  }
  let eventsSoFar = 0;
  let nonEventsSoFar = 0;
  let greatest = 0;
  for (let group = 0; group < events.length; group++) {
    eventsSoFar += events[group]!;
    nonEventsSoFar += nonEvents[group]!;
    greatest = Math.max(greatest, Math.abs(eventsSoFar / eventTotal - nonEventsSoFar / nonEventTotal));
  }
  return greatest;
}

export type RocPoint = {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
  readonly threshold: number;
};

/** The ROC curve from riskiest to safest, thinned to at most `points` steps for drawing. Starts at (0, 0), ends at (1, 1). */
export function rocCurve(labelled: LabelledScores, points = 200): RocPoint[] {
  const { events: eventTotal, nonEvents: nonEventTotal } = assertBothClasses(labelled);
  const { scores, events, nonEvents } = groupByScore(labelled);
  const curve: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: Number.POSITIVE_INFINITY }];
  let found = 0;
  let falseAlarms = 0;
  let drawn = 0;
  for (let group = scores.length - 1; group >= 0; group--) {
    found += events[group]!;
    falseAlarms += nonEvents[group]!;
    const travelled = (found / eventTotal + falseAlarms / nonEventTotal) / 2;
    if (travelled - drawn < 1 / points && group > 0) continue;
    drawn = travelled;
    curve.push({
      falsePositiveRate: falseAlarms / nonEventTotal,
      truePositiveRate: found / eventTotal,
      threshold: scores[group]!,
    });
  }
  return curve;
}
