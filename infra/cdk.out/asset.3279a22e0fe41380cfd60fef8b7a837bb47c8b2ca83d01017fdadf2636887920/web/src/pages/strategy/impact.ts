import { DECISIONS, type Recomputed } from './recompute.ts';

/** Approval of one protected group, and its ratio to that of the reference group. */
export type ImpactRow = {
  readonly attribute: string;
  readonly group: string;
  readonly applicants: number;
  readonly approvedShare: number | null;
  readonly referredShare: number | null;
  /** Adverse impact ratio with its 95 % interval; null for the reference group itself and for too few. */
  readonly ratio: { readonly value: number; readonly lower: number; readonly upper: number } | null;
  readonly isReference: boolean;
  readonly tooFew: boolean;
};

/** Below this a group is told to be hit harder: the four-fifths rule of 29 CFR 1607.4(D), used in lending by analogy. */
export const FOUR_FIFTHS = 0.8;
const Z95 = 1.959964;

type Attribute = { readonly title: string; readonly groups: readonly string[] };

/**
 * Adverse impact ratio = approval rate of the group / approval rate of the group with the highest one among those large enough.
 * Interval: Katz, on the logarithm of the ratio of two independent shares.
 */
export function impactRows(found: Recomputed, attributes: readonly Attribute[], minimumGroup: number): ImpactRow[] {
  return attributes.flatMap((attribute, index) => {
    const counts = found.groups[index];
    return counts === undefined ? [] : attributeRows(attribute, counts, minimumGroup);
  });
}

type Counted = { readonly group: string; readonly rows: number; readonly approved: number; readonly referred: number };

function attributeRows({ title, groups }: Attribute, counts: Float64Array, minimumGroup: number): ImpactRow[] {
  const counted = groups.map((group, code): Counted => {
    const at = code * DECISIONS;
    const [approved, referred, declined] = [counts[at]!, counts[at + 1]!, counts[at + 2]!];
    return { group, rows: approved + referred + declined, approved, referred };
  });
  const large = counted.filter(({ rows }) => rows >= minimumGroup);
  const reference = large.reduce<Counted | undefined>(
    (best, one) => (best === undefined || one.approved / one.rows > best.approved / best.rows ? one : best),
    undefined,
  );
  return counted.map((one) => {
    const tooFew = one.rows < minimumGroup;
    const isReference = one === reference;
    return {
      attribute: title,
      group: one.group,
      applicants: one.rows,
      approvedShare: tooFew ? null : one.approved / one.rows,
      referredShare: tooFew ? null : one.referred / one.rows,
      ratio: tooFew || isReference || reference === undefined ? null : ratioOf(one, reference),
      isReference,
      tooFew,
    };
  });
}

function ratioOf(one: Counted, reference: Counted): ImpactRow['ratio'] {
  if (one.approved === 0 || reference.approved === 0) return null;
  const value = one.approved / one.rows / (reference.approved / reference.rows);
  const variance = 1 / one.approved - 1 / one.rows + 1 / reference.approved - 1 / reference.rows;
  const factor = Math.exp(Z95 * Math.sqrt(variance));
  return { value, lower: value / factor, upper: value * factor };
}
