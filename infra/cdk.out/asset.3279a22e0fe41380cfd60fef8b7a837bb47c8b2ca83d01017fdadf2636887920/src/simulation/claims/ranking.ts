/** Rows from safe to risky, with rows of equal risk in one group. */
export type Ranking = {
  readonly order: Uint32Array;
  /** Group of each row, ascending in risk. */
  readonly groupOf: Uint32Array;
  readonly groups: number;
};

export function rankRows(risk: Float64Array): Ranking {
  const order = Uint32Array.from(risk, (_, row) => row).sort((a, b) => risk[a]! - risk[b]! || a - b);
  const groupOf = new Uint32Array(risk.length);
  let groups = 0;
  for (let i = 0; i < order.length; i++) {
    if (i === 0 || risk[order[i]!] !== risk[order[i - 1]!]) groups++;
    groupOf[order[i]!] = groups - 1;
  }
  return { order, groupOf, groups };
}

/** Applicants and defaults of one half of a draw below each group of a ranking: entry g counts the groups 0..g-1. */
export type GroupCounts = { readonly rowsBelow: Float64Array; readonly badsBelow: Float64Array };

export const emptyCounts = ({ groups }: Ranking): GroupCounts => ({
  rowsBelow: new Float64Array(groups + 1),
  badsBelow: new Float64Array(groups + 1),
});

/** Counts rows by weight into `into`, which is overwritten. `bad`: 1 = defaulted, 0 = not, or the probability where it is assumed. */
export function countGroups(
  ranking: Ranking,
  weights: Uint16Array,
  bad: ArrayLike<number>,
  into: GroupCounts,
): GroupCounts {
  const { rowsBelow, badsBelow } = into;
  rowsBelow.fill(0);
  badsBelow.fill(0);
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    const entry = ranking.groupOf[row]! + 1;
    rowsBelow[entry]! += weight;
    badsBelow[entry]! += weight * bad[row]!;
  }
  for (let entry = 1; entry < rowsBelow.length; entry++) {
    rowsBelow[entry]! += rowsBelow[entry - 1]!;
    badsBelow[entry]! += badsBelow[entry - 1]!;
  }
  return into;
}

/**
 * A threshold: all groups below `group`, and the share `part` of that group (rows of equal risk cannot be told apart, so part of
 * them is taken as if by lot, and their defaults count in expectation).
 */
export type Cut = { readonly group: number; readonly part: number };

export type Tally = { readonly rows: number; readonly bads: number };

/** The threshold that takes the safest `share` of applicants. */
export function cutAtShare({ rowsBelow }: GroupCounts, share: number): Cut {
  const groups = rowsBelow.length - 1;
  const wanted = Math.min(1, Math.max(0, share)) * rowsBelow[groups]!;
  let [low, high] = [0, groups];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rowsBelow[middle + 1]! < wanted) low = middle + 1;
    else high = middle;
  }
  if (low === groups) return { group: groups, part: 0 };
  const inGroup = rowsBelow[low + 1]! - rowsBelow[low]!;
  return { group: low, part: inGroup === 0 ? 0 : (wanted - rowsBelow[low]!) / inGroup };
}

/** Applicants and defaults on the safe side of a threshold. */
export function tallyBelow({ rowsBelow, badsBelow }: GroupCounts, { group, part }: Cut): Tally {
  const [rows, bads] = [rowsBelow[group]!, badsBelow[group]!];
  if (part === 0) return { rows, bads };
  return {
    rows: rows + part * (rowsBelow[group + 1]! - rows),
    bads: bads + part * (badsBelow[group + 1]! - bads),
  };
}

export const tallyAbove = (counts: GroupCounts, cut: Cut): Tally => minus(tallyAll(counts), tallyBelow(counts, cut));
export const tallyAll = ({ rowsBelow, badsBelow }: GroupCounts): Tally => ({
  rows: rowsBelow.at(-1)!,
  bads: badsBelow.at(-1)!,
});
export const plus = (a: Tally, b: Tally): Tally => ({ rows: a.rows + b.rows, bads: a.bads + b.bads });
export const minus = (a: Tally, b: Tally): Tally => ({ rows: a.rows - b.rows, bads: a.bads - b.bads });
/** Defaults over applicants; NaN for none. */
export const badRate = ({ rows, bads }: Tally): number => (rows > 0 ? bads / rows : Number.NaN);

/** How much of a group lies on the safe side of a threshold. */
export function partBelow(group: number, cut: Cut): number {
  if (group < cut.group) return 1;
  return group === cut.group ? cut.part : 0;
}
