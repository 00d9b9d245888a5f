import { sortOrder } from './sort-order.ts';

/** Rows grouped by value, ascending, with running totals: `counts[i]` = rows with value <= values[i]. */
export type DistinctValues = {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly defaults: Float64Array;
};

/** Whole numbers in a range no wider than this are counted instead of sorted. */
const MAX_COUNTED_RANGE = 4096;

/** Groups rows by value. Rows whose value is NaN must have been left out. */
export function distinctValues(values: Float64Array, target: Uint8Array, weights?: Float64Array): DistinctValues {
  const range = wholeNumberRange(values);
  return range ? countWhole(values, target, weights, range) : groupSorted(values, target, weights);
}

type Range = { readonly from: number; readonly size: number };

function wholeNumberRange(values: Float64Array): Range | undefined {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value < least) least = value;
    if (value > most) most = value;
    if (most - least >= MAX_COUNTED_RANGE || !Number.isInteger(value)) return undefined;
  }
  return { from: least, size: values.length === 0 ? 0 : most - least + 1 };
}

function countWhole(
  values: Float64Array,
  target: Uint8Array,
  weights: Float64Array | undefined,
  { from, size }: Range,
): DistinctValues {
  const rows = new Uint32Array(size);
  const [counts, defaults] = [new Float64Array(size), new Float64Array(size)];
  for (let row = 0; row < values.length; row++) {
    const at = values[row]! - from;
    const weight = weights ? weights[row]! : 1;
    rows[at]!++;
    counts[at]! += weight;
    if (target[row] === 1) defaults[at]! += weight;
  }
  const groups = emptyGroups(size);
  let length = 0;
  for (let at = 0; at < size; at++) {
    if (rows[at] === 0) continue;
    groups.values[length] = from + at;
    groups.counts[length] = counts[at]! + (groups.counts[length - 1] ?? 0);
    groups.defaults[length] = defaults[at]! + (groups.defaults[length - 1] ?? 0);
    length++;
  }
  return truncated(groups, length);
}

function groupSorted(values: Float64Array, target: Uint8Array, weights?: Float64Array): DistinctValues {
  const order = sortOrder(values);
  const groups = emptyGroups(values.length);
  let length = 0;
  let count = 0;
  let defaults = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    const weight = weights ? weights[row]! : 1;
    count += weight;
    if (target[row] === 1) defaults += weight;
    if (i + 1 < order.length && values[order[i + 1]!] === values[row]) continue;
    groups.values[length] = values[row]!;
    groups.counts[length] = count;
    groups.defaults[length] = defaults;
    length++;
  }
  return truncated(groups, length);
}

function emptyGroups(length: number): DistinctValues {
  return {
    values: new Float64Array(length),
    counts: new Float64Array(length),
    defaults: new Float64Array(length),
  };
}

function truncated(groups: DistinctValues, length: number): DistinctValues {
  return {
    values: groups.values.subarray(0, length),
    counts: groups.counts.subarray(0, length),
    defaults: groups.defaults.subarray(0, length),
  };
}
