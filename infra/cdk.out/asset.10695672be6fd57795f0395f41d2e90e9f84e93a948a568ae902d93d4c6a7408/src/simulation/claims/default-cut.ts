import { badRate, cutAtShare, type GroupCounts, plus, type Tally, tallyAll, tallyBelow } from './ranking.ts';

/** Both orders counted in both halves of a draw. */
export type DrawCounts = {
  readonly setting: { readonly model: GroupCounts; readonly incumbent: GroupCounts };
  readonly judging: { readonly model: GroupCounts; readonly incumbent: GroupCounts };
};

/** Approval shares of the curve: 30 % to 99.5 % in steps of half a per cent. */
export const APPROVAL_SHARES: readonly number[] = Array.from({ length: 140 }, (_, step) => 0.3 + step * 0.005);

export type CutAtShare = {
  readonly model: number;
  readonly incumbent: number;
  /** 1 - bad rate (model) / bad rate (incumbent). */
  readonly cut: number;
  /** 1 - bad rate (model) / bad rate of all. */
  readonly cutAgainstAll: number;
};

/**
 * Claim 1 in one draw: thresholds that approve `share` of the setting half, judged on the other, and the other way round; the
 * two judged halves are pooled, so that every applicant is judged once.
 */
export function defaultCutAt(counts: DrawCounts, share: number): CutAtShare {
  const judged = (order: 'model' | 'incumbent'): Tally =>
    plus(
      tallyBelow(counts.judging[order], cutAtShare(counts.setting[order], share)),
      tallyBelow(counts.setting[order], cutAtShare(counts.judging[order], share)),
    );
  const [model, incumbent] = [badRate(judged('model')), badRate(judged('incumbent'))];
  const all = badRate(plus(tallyAll(counts.setting.model), tallyAll(counts.judging.model)));
  return { model, incumbent, cut: 1 - model / incumbent, cutAgainstAll: 1 - model / all };
}

/** Smallest declined share at which the cut against approving all reaches `wanted`; NaN when none of the curve does. */
export function declinedShareFor(curve: readonly CutAtShare[], wanted: number): number {
  for (let i = curve.length - 1; i >= 0; i--) {
    if (curve[i]!.cutAgainstAll >= wanted) return 1 - APPROVAL_SHARES[i]!;
  }
  return Number.NaN;
}
