import normalCdf from '@stdlib/stats-base-dists-normal-cdf';
import type { Interval } from '../../domain/index.ts';
import { aucOfCounts } from './discrimination.ts';
import { assertBothClasses, groupByScore, type LabelledScores } from './labelled-scores.ts';

/** Two-sided 95 % point of the standard normal. */
export const Z_95 = 1.959963984540054;

/** Per-row structural components of one AUC: for each default the share of non-defaults it beats, and the reverse. */
type Components = { readonly auc: number; readonly ofEvents: Float64Array; readonly ofNonEvents: Float64Array };

/**
 * DeLong components through midranks: O(n log n), the fast form of Sun and Xu (2014) of DeLong, DeLong and
 * Clarke-Pearson (1988). Ties count half.
 */
function components(labelled: LabelledScores): Components {
  const counts = assertBothClasses(labelled);
  const { events, nonEvents, groupOf } = groupByScore(labelled);
  const eventsBelow = runningTotal(events);
  const nonEventsBelow = runningTotal(nonEvents);
  const ofEvents = new Float64Array(counts.events);
  const ofNonEvents = new Float64Array(counts.nonEvents);
  let event = 0;
  let nonEvent = 0;
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row]!;
    if (labelled.target[row] === 1) {
      ofEvents[event++] = (nonEventsBelow[group]! + nonEvents[group]! / 2) / counts.nonEvents;
    } else {
      const above = counts.events - eventsBelow[group]! - events[group]!;
      ofNonEvents[nonEvent++] = (above + events[group]! / 2) / counts.events;
    }
  }
  return { auc: aucOfCounts(events, nonEvents), ofEvents, ofNonEvents };
}

/** Total of everything before each position. */
function runningTotal(counts: Float64Array): Float64Array {
  const before = new Float64Array(counts.length);
  for (let i = 1; i < counts.length; i++) before[i] = before[i - 1]! + counts[i - 1]!;
  return before;
}

/** Sample covariance (divisor n - 1); 0 for a single value, where spread cannot be seen. */
function covariance(a: Float64Array, b: Float64Array, meanA: number, meanB: number): number {
  if (a.length < 2) return 0;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - meanA) * (b[i]! - meanB);
  return sum / (a.length - 1);
}

function aucCovariance(a: Components, b: Components): number {
  return (
    covariance(a.ofEvents, b.ofEvents, a.auc, b.auc) / a.ofEvents.length +
    covariance(a.ofNonEvents, b.ofNonEvents, a.auc, b.auc) / a.ofNonEvents.length
  );
}

/** AUC with DeLong's variance. @throws AssayError bad_input for one class only. */
export function delongAuc(labelled: LabelledScores): { readonly auc: number; readonly variance: number } {
  const found = components(labelled);
  return { auc: found.auc, variance: aucCovariance(found, found) };
}

/** AUC with its 95 % DeLong interval, cut to 0..1. */
export function aucInterval(labelled: LabelledScores): Interval {
  const { auc, variance } = delongAuc(labelled);
  const halfWidth = Z_95 * Math.sqrt(variance);
  return { value: auc, lower: Math.max(0, auc - halfWidth), upper: Math.min(1, auc + halfWidth) };
}

export type AucDifference = {
  readonly aucA: number;
  readonly aucB: number;
  /** A minus B, with its 95 % interval. */
  readonly difference: Interval;
  readonly variance: number;
  readonly z: number;
  /** Two-sided. 1 when the two scores order every pair alike. */
  readonly pValue: number;
};

/** DeLong's paired test of two scores on the same rows. @throws AssayError bad_input for one class only. */
export function delongTest(a: ArrayLike<number>, b: ArrayLike<number>, target: ArrayLike<number>): AucDifference {
  const ofA = components({ scores: a, target });
  const ofB = components({ scores: b, target });
  const variance = Math.max(0, aucCovariance(ofA, ofA) + aucCovariance(ofB, ofB) - 2 * aucCovariance(ofA, ofB));
  return aucDifference(ofA.auc, ofB.auc, variance);
}

/** The difference of two AUCs from its variance. */
export function aucDifference(aucA: number, aucB: number, variance: number): AucDifference {
  const value = aucA - aucB;
  const error = Math.sqrt(variance);
  const z = error > 0 ? value / error : value === 0 ? 0 : Math.sign(value) * Number.POSITIVE_INFINITY;
  return {
    aucA,
    aucB,
    difference: { value, lower: value - Z_95 * error, upper: value + Z_95 * error },
    variance,
    z,
    pValue: z === 0 ? 1 : 2 * normalCdf(-Math.abs(z), 0, 1),
  };
}
