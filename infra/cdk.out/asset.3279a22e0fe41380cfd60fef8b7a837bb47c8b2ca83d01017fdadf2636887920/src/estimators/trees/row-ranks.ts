import { AssayError } from '../../domain/index.ts';
import type { TreeModel } from './tree-model.ts';

/**
 * Turns an encoded row into small integers, so that every split of the model becomes one integer comparison:
 * a row goes right at a node when `slots[node.slot] > node.rank`.
 *
 * Numeric feature: the slot holds how many of the model's split values are <= x (as float32), the node the index of its
 * own split value. Each numeric feature has two slots that differ only when x is missing: in the first a missing value
 * goes left everywhere, in the second right everywhere. Categorical: one slot per distinct split (set of categories and
 * default direction), holding 0 or 1.
 */
export type RowRanks = {
  readonly slotCount: number;
  fill(row: Float64Array, slots: Int32Array): void;
  /** Slot and rank of one split. */
  locate(
    feature: number,
    split: number,
    defaultLeft: boolean,
    categories: Uint8Array | undefined,
  ): { readonly slot: number; readonly rank: number };
};

const ALWAYS_RIGHT = 0x3fffffff;
/** 256 MiB of category tables for one feature. */
const MAX_TABLE_CELLS = 1 << 26;

export function planRowRanks(model: TreeModel): RowRanks {
  const thresholds = distinctThresholds(model);
  const categorical = distinctCategorySplits(model);
  const numericSlot = new Int32Array(model.featureCount);
  let slotCount = 0;
  for (let feature = 0; feature < model.featureCount; feature++) {
    numericSlot[feature] = slotCount;
    const splits = categorical.get(feature);
    if (splits) splits.offset = slotCount;
    slotCount += splits ? splits.entries.length : 2;
  }
  const tables = [...categorical.values()].map(categoryTable);
  const numeric = thresholds.map((_, feature) => feature).filter((feature) => !categorical.has(feature));
  return {
    slotCount,
    fill(row, slots) {
      for (let i = 0; i < numeric.length; i++) {
        const feature = numeric[i]!;
        fillNumeric(Math.fround(row[feature]!), thresholds[feature]!, slots, numericSlot[feature]!);
      }
      for (let i = 0; i < tables.length; i++) fillCategorical(row, tables[i]!, slots);
    },
    locate(feature, split, defaultLeft, categories) {
      const found = categorical.get(feature);
      if (categories && found)
        return { slot: found.offset + found.index.get(keyOf(categories, defaultLeft))!, rank: 0 };
      return { slot: numericSlot[feature]! + (defaultLeft ? 0 : 1), rank: countUpTo(thresholds[feature]!, split) - 1 };
    },
  };
}

function fillNumeric(x: number, thresholds: Float64Array, slots: Int32Array, slot: number): void {
  if (Number.isNaN(x)) {
    slots[slot] = 0;
    slots[slot + 1] = ALWAYS_RIGHT;
    return;
  }
  const rank = countUpTo(thresholds, x);
  slots[slot] = rank;
  slots[slot + 1] = rank;
}

/** How many of the sorted values are <= x. */
function countUpTo(sorted: Float64Array, x: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function distinctThresholds(model: TreeModel): Float64Array[] {
  const sets = Array.from({ length: model.featureCount }, () => new Set<number>());
  for (const tree of model.trees) {
    for (let node = 0; node < tree.nodeCount; node++) {
      if (tree.left[node]! < 0 || tree.categories[node]) continue;
      // + 0 makes -0 equal to 0, as comparisons do.
      sets[tree.feature[node]!]!.add(tree.split[node]! + 0);
    }
  }
  return sets.map((set) => Float64Array.from(set).sort());
}

type CategorySplits = {
  readonly feature: number;
  readonly entries: { readonly set: Uint8Array; readonly defaultLeft: boolean }[];
  readonly index: Map<string, number>;
  offset: number;
};

function distinctCategorySplits(model: TreeModel): Map<number, CategorySplits> {
  const byFeature = new Map<number, CategorySplits>();
  for (const tree of model.trees) {
    for (let node = 0; node < tree.nodeCount; node++) {
      const set = tree.categories[node];
      if (!set) continue;
      const feature = tree.feature[node]!;
      const splits: CategorySplits = byFeature.get(feature) ?? { feature, entries: [], index: new Map(), offset: 0 };
      byFeature.set(feature, splits);
      const defaultLeft = tree.defaultLeft[node] === 1;
      const key = keyOf(set, defaultLeft);
      if (splits.index.has(key)) continue;
      splits.index.set(key, splits.entries.length);
      splits.entries.push({ set, defaultLeft });
    }
  }
  return byFeature;
}

function keyOf(set: Uint8Array, defaultLeft: boolean): string {
  return `${defaultLeft ? 'L' : 'R'}${Buffer.from(set).toString('base64')}`;
}

type CategoryTable = {
  readonly feature: number;
  readonly offset: number;
  readonly categoryCount: number;
  /** By category: for each distinct split, 1 if that category goes right; then "any other" and, last, "missing". */
  readonly goesRight: readonly Int32Array[];
};

function categoryTable(splits: CategorySplits): CategoryTable {
  const categoryCount = Math.max(...splits.entries.map((entry) => entry.set.length));
  const cells = (categoryCount + 2) * splits.entries.length;
  if (cells > MAX_TABLE_CELLS) {
    throw new AssayError('bad_input', {
      what: `tree model: splits on categorical feature ${splits.feature}`,
      given: `${categoryCount} categories in ${splits.entries.length} splits`,
      allowed: `at most ${MAX_TABLE_CELLS} categories x splits`,
      fix: 'group rare levels of the column and train again',
    });
  }
  const goesRight = Array.from({ length: categoryCount + 2 }, () => new Int32Array(splits.entries.length));
  splits.entries.forEach(({ set, defaultLeft }, i) => {
    for (let code = 0; code < set.length; code++) goesRight[code]![i] = set[code]!;
    // A category no split has seen goes left, as libxgboost does: that row stays 0.
    goesRight[categoryCount + 1]![i] = defaultLeft ? 0 : 1;
  });
  return { feature: splits.feature, offset: splits.offset, categoryCount, goesRight };
}

function fillCategorical(row: Float64Array, table: CategoryTable, slots: Int32Array): void {
  const x = row[table.feature]!;
  let code = table.categoryCount;
  if (Number.isNaN(x)) code = table.categoryCount + 1;
  else if (x >= 0 && x < table.categoryCount) code = Math.trunc(x);
  slots.set(table.goesRight[code]!, table.offset);
}
