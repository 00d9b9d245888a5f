import type { DistinctValues } from './distinct-values.ts';
import type { Tally } from './information-value.ts';

export type PrebinOptions = {
  readonly maxPrebins: number;
  /** Least rows (weight) in a prebin. */
  readonly minPrebinCount: number;
};

/** Ordered prebins; `splits[i]` parts prebin i (values below it) from prebin i + 1. */
export type Prebins = { readonly splits: readonly number[]; readonly tallies: readonly Tally[] };

/**
 * Splits one feature by a classification tree (Gini), best split first, until `maxPrebins` leaves: what scikit-learn's
 * DecisionTreeClassifier(max_leaf_nodes, min_samples_leaf) gives on one column. Splits lie midway between two values.
 */
export function prebin(groups: DistinctValues, options: PrebinOptions): Prebins {
  const leaves: Leaf[] = [createLeaf(groups, 0, groups.values.length, options)];
  while (leaves.length < options.maxPrebins) {
    const at = bestLeaf(leaves);
    const { from, to, split } = leaves[at]!;
    if (split < 0) break;
    leaves.splice(at, 1, createLeaf(groups, from, split, options), createLeaf(groups, split, to, options));
  }
  return {
    splits: leaves.slice(1).map((leaf) => midway(groups.values[leaf.from - 1]!, groups.values[leaf.from]!)),
    tallies: leaves.map((leaf) => ({
      count: between(groups.counts, leaf.from, leaf.to),
      defaults: between(groups.defaults, leaf.from, leaf.to),
    })),
  };
}

/** Groups `from` (included) to `to` (excluded), with its best split: the group that would start the right part; -1 = none. */
type Leaf = { readonly from: number; readonly to: number; readonly split: number; readonly gain: number };

function createLeaf(groups: DistinctValues, from: number, to: number, options: PrebinOptions): Leaf {
  const { counts, defaults } = groups;
  const countBefore = from > 0 ? counts[from - 1]! : 0;
  const defaultsBefore = from > 0 ? defaults[from - 1]! : 0;
  const count = counts[to - 1]! - countBefore;
  const bad = defaults[to - 1]! - defaultsBefore;
  const whole = purity(count, bad);
  let split = -1;
  let best = Number.NEGATIVE_INFINITY;
  if (bad > 0 && bad < count && count >= 2 * options.minPrebinCount) {
    for (let last = from; last < to - 1; last++) {
      const leftCount = counts[last]! - countBefore;
      if (leftCount < options.minPrebinCount) continue;
      if (count - leftCount < options.minPrebinCount) break;
      const leftBad = defaults[last]! - defaultsBefore;
      const gain = purity(leftCount, leftBad) + purity(count - leftCount, bad - leftBad) - whole;
      if (gain > best) {
        best = gain;
        split = last + 1;
      }
    }
  }
  return { from, to, split, gain: best };
}

/** Rows x (1 - Gini impurity): what a split raises. */
function purity(count: number, defaults: number): number {
  const others = count - defaults;
  return (defaults * defaults + others * others) / count;
}

function bestLeaf(leaves: readonly Leaf[]): number {
  let best = 0;
  for (let i = 1; i < leaves.length; i++) if (leaves[i]!.gain > leaves[best]!.gain) best = i;
  return best;
}

function between(running: Float64Array, from: number, to: number): number {
  return running[to - 1]! - (from > 0 ? running[from - 1]! : 0);
}

/** A number above `low` and not above `high`. */
function midway(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  return middle > low && middle <= high ? middle : high;
}
