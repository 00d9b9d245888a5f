import type { Interval } from '../../domain/index.ts';
import { seededRandom } from '../random.ts';
import { aucOfCounts, ksOfCounts } from './discrimination.ts';
import { assertBothClasses, groupByScore, type LabelledScores } from './labelled-scores.ts';

export type BootstrapOptions = { readonly seed: number /** Default 300. */; readonly draws?: number };

export type BootstrapIntervals = { readonly auc: Interval; readonly ks: Interval; readonly brier: Interval };

export const DEFAULT_DRAWS = 300;

/**
 * Percentile bootstrap, 95 %, stratified: each draw takes as many defaults and non-defaults, with replacement, as there
 * are. Scores are sorted once; a draw only counts how often each distinct score came up, so it costs one pass.
 * @throws AssayError bad_input for one class only.
 */
export function bootstrapIntervals(
  labelled: LabelledScores,
  { seed, draws = DEFAULT_DRAWS }: BootstrapOptions,
): BootstrapIntervals {
  assertBothClasses(labelled);
  const groups = groupByScore(labelled);
  const eventGroups = groups.groupOf.filter((_, row) => labelled.target[row] === 1);
  const nonEventGroups = groups.groupOf.filter((_, row) => labelled.target[row] !== 1);
  const random = seededRandom(seed);
  const events = new Float64Array(groups.scores.length);
  const nonEvents = new Float64Array(groups.scores.length);
  const found = { auc: new Float64Array(draws), ks: new Float64Array(draws), brier: new Float64Array(draws) };
  for (let draw = 0; draw < draws; draw++) {
    resample(eventGroups, events, random);
    resample(nonEventGroups, nonEvents, random);
    found.auc[draw] = aucOfCounts(events, nonEvents);
    found.ks[draw] = ksOfCounts(events, nonEvents);
    found.brier[draw] = brierOfCounts(groups.scores, events, nonEvents);
  }
  return {
    auc: percentileInterval(aucOfCounts(groups.events, groups.nonEvents), found.auc),
    ks: percentileInterval(ksOfCounts(groups.events, groups.nonEvents), found.ks),
    brier: percentileInterval(brierOfCounts(groups.scores, groups.events, groups.nonEvents), found.brier),
  };
}

function resample(groups: Uint32Array, counts: Float64Array, random: () => number): void {
  counts.fill(0);
  for (let i = 0; i < groups.length; i++) counts[groups[Math.floor(random() * groups.length)]!]! += 1;
}

function brierOfCounts(scores: Float64Array, events: Float64Array, nonEvents: Float64Array): number {
  let sum = 0;
  let rows = 0;
  for (let group = 0; group < scores.length; group++) {
    sum += events[group]! * (1 - scores[group]!) ** 2 + nonEvents[group]! * scores[group]! ** 2;
    rows += events[group]! + nonEvents[group]!;
  }
  return sum / rows;
}

/** 2.5 % and 97.5 % points of the draws (linear interpolation) around the value itself. */
export function percentileInterval(value: number, draws: Float64Array): Interval {
  const sorted = draws.slice().sort();
  const at = (share: number): number => {
    const position = share * (sorted.length - 1);
    const below = Math.floor(position);
    const low = sorted[below]!;
    return low + (position - below) * ((sorted[below + 1] ?? low) - low);
  };
  return { value, lower: at(0.025), upper: at(0.975) };
}
