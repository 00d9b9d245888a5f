import type { Interval } from '../../domain/index.ts';
import { delongAuc, Z_95 } from './delong.ts';

/** Groups below this are told as "too few": shown with their size, without a figure. */
export const MINIMUM_GROUP_SIZE = 30;
/** The four-fifths rule of 29 CFR 1607.4(D): a convention for screening, not a legal threshold. */
export const AIR_SCREEN = 0.8;

/**
 * Wilson's interval of a share (Wilson 1927), 95 %.
 * @example wilson(8, 10) // { value: 0.8, lower: 0.4902, upper: 0.9433 }
 */
export function wilson(events: number, count: number): Interval {
  const share = events / count;
  const z2 = Z_95 * Z_95;
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z_95 / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  return { value: share, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}

export type Approvals = { readonly approved: number; readonly count: number };

/**
 * Adverse impact ratio: approval rate of a group over that of the reference, with the 95 % interval of the logarithm of a risk
 * ratio (Katz et al. 1978). Null where one of the two approved nobody: there is no ratio, or no interval.
 */
export function adverseImpactRatio(group: Approvals, reference: Approvals): Interval | null {
  if (group.approved === 0 || reference.approved === 0) return null;
  const ratio = group.approved / group.count / (reference.approved / reference.count);
  const variance = 1 / group.approved - 1 / group.count + (1 / reference.approved - 1 / reference.count);
  const half = Z_95 * Math.sqrt(variance);
  return { value: ratio, lower: ratio * Math.exp(-half), upper: ratio * Math.exp(half) };
}

export type Moments = { readonly count: number; readonly mean: number; readonly variance: number };

/** Count, mean and sample variance (divisor n - 1), by two passes. */
export function momentsOf(values: ArrayLike<number>): Moments {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - mean) ** 2;
  return { count: values.length, mean, variance: values.length < 2 ? 0 : squares / (values.length - 1) };
}

/**
 * Standardized mean difference (Cohen's d): group minus reference over the pooled standard deviation, with the large-sample
 * interval of Hedges and Olkin (1985). Null when neither spreads.
 */
export function standardizedMeanDifference(group: Moments, reference: Moments): Interval | null {
  const [n, m] = [group.count, reference.count];
  const pooled = ((n - 1) * group.variance + (m - 1) * reference.variance) / (n + m - 2);
  if (!(pooled > 0)) return null;
  const value = (group.mean - reference.mean) / Math.sqrt(pooled);
  const half = Z_95 * Math.sqrt((n + m) / (n * m) + (value * value) / (2 * (n + m)));
  return { value, lower: value - half, upper: value + half };
}

export type GroupRows = {
  readonly name: string;
  /** 1 = approved. */
  readonly approved: Uint8Array;
  readonly pd: Float64Array;
  readonly score: Float64Array;
  /** 1 = defaulted, 0 = repaid, 255 = not known. */
  readonly outcome: Uint8Array;
};

export const UNKNOWN_OUTCOME = 255;

export type GroupFairness = {
  readonly name: string;
  readonly count: number;
  readonly isReference: boolean;
  /** Below the minimum size: the figures are null. */
  readonly tooFew: boolean;
  readonly approvalRate: Interval | null;
  /** Against the reference; null for it. */
  readonly adverseImpactRatio: Interval | null;
  /** Of the score, more = safer; against the reference. */
  readonly scoreDifference: Interval | null;
  /** Of those who repaid, the share not approved. */
  readonly falseDeclineRate: Interval | null;
  /** Of those who defaulted, the share approved. */
  readonly falseApprovalRate: Interval | null;
  readonly auc: Interval | null;
  readonly meanPd: number | null;
  readonly defaultRate: Interval | null;
};

/**
 * Fairness of decisions and scores by group: the reference is the largest group unless named. Every group is listed, those too
 * small without figures.
 */
export function groupFairness(
  groups: readonly GroupRows[],
  {
    reference,
    minimum = MINIMUM_GROUP_SIZE,
  }: { readonly reference?: string | undefined; readonly minimum?: number } = {},
): GroupFairness[] {
  const largest = [...groups].sort((a, b) => b.pd.length - a.pd.length || (a.name < b.name ? -1 : 1))[0];
  const chosen = groups.find(({ name }) => name === reference) ?? largest;
  return groups.map((group) => fairnessOf(group, chosen, minimum));
}

const NO_FIGURES = {
  approvalRate: null,
  adverseImpactRatio: null,
  scoreDifference: null,
  falseDeclineRate: null,
  falseApprovalRate: null,
  auc: null,
  meanPd: null,
  defaultRate: null,
};

function fairnessOf(group: GroupRows, reference: GroupRows | undefined, minimum: number): GroupFairness {
  const count = group.pd.length;
  const isReference = group === reference;
  const head = { name: group.name, count, isReference, tooFew: count < minimum };
  if (count < minimum) return { ...head, ...NO_FIGURES };
  const compares = reference !== undefined && !isReference && reference.pd.length >= minimum;
  const approvals = approvalsOf(group);
  return {
    ...head,
    approvalRate: wilson(approvals.approved, count),
    adverseImpactRatio: compares ? adverseImpactRatio(approvals, approvalsOf(reference)) : null,
    scoreDifference: compares ? standardizedMeanDifference(momentsOf(group.score), momentsOf(reference.score)) : null,
    ...errorsOf(group, minimum),
    meanPd: momentsOf(group.pd).mean,
  };
}

function approvalsOf({ approved }: GroupRows): Approvals {
  return { approved: approved.reduce((sum, value) => sum + value, 0), count: approved.length };
}

function errorsOf({ outcome, approved, pd }: GroupRows, minimum: number) {
  const [repaid, defaulted, declinedGood, approvedBad] = [0, 1, 0, 1].map((label, i) =>
    outcome.reduce((sum, value, row) => sum + (value === label && (i < 2 || approved[row] === label) ? 1 : 0), 0),
  ) as [number, number, number, number];
  const known = Array.from(outcome.keys()).filter((row) => outcome[row] !== UNKNOWN_OUTCOME);
  const isMeasured = known.length >= minimum && repaid > 0 && defaulted > 0;
  return {
    falseDeclineRate: repaid >= minimum ? wilson(declinedGood, repaid) : null,
    falseApprovalRate: defaulted >= minimum ? wilson(approvedBad, defaulted) : null,
    auc: isMeasured
      ? aucOf(
          known.map((row) => pd[row]!),
          known.map((row) => outcome[row]!),
        )
      : null,
    defaultRate: known.length >= minimum ? wilson(defaulted, known.length) : null,
  };
}

function aucOf(scores: readonly number[], target: readonly number[]): Interval {
  const { auc, variance } = delongAuc({ scores, target });
  const half = Z_95 * Math.sqrt(variance);
  return { value: auc, lower: Math.max(0, auc - half), upper: Math.min(1, auc + half) };
}
