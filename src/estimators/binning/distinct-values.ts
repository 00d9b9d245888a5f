/** Rows grouped by value, ascending, with running totals: `counts[i]` = rows with value <= values[i]. */
export type DistinctValues = {
  readonly values: Float64Array;
  readonly counts: Float64Array;
  readonly defaults: Float64Array;
};

/**
 * Groups rows by value. `rows` that are NaN must have been left out.
 * Unweighted rows are sorted class by class as plain numbers, which is several times faster than sorting an index.
 */
export function distinctValues(values: Float64Array, target: Uint8Array, weights?: Float64Array): DistinctValues {
  return weights ? groupSorted(...sortedByIndex(values, target, weights)) : mergeClasses(values, target);
}

function mergeClasses(values: Float64Array, target: Uint8Array): DistinctValues {
  const bad = values.filter((_, row) => target[row] === 1).sort();
  const good = values.filter((_, row) => target[row] !== 1).sort();
  const groups = emptyGroups(values.length);
  let size = 0;
  for (let g = 0, b = 0; g < good.length || b < bad.length; size++) {
    const value = b >= bad.length || (g < good.length && good[g]! < bad[b]!) ? good[g]! : bad[b]!;
    while (g < good.length && good[g] === value) g++;
    while (b < bad.length && bad[b] === value) b++;
    groups.values[size] = value;
    groups.counts[size] = g + b;
    groups.defaults[size] = b;
  }
  return truncated(groups, size);
}

function sortedByIndex(
  values: Float64Array,
  target: Uint8Array,
  weights: Float64Array,
): [Float64Array, Uint8Array, Float64Array] {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  return [
    Float64Array.from(order, (row) => values[row]!),
    Uint8Array.from(order, (row) => target[row]!),
    Float64Array.from(order, (row) => weights[row]!),
  ];
}

function groupSorted(values: Float64Array, target: Uint8Array, weights: Float64Array): DistinctValues {
  const groups = emptyGroups(values.length);
  let size = 0;
  let count = 0;
  let defaults = 0;
  for (let row = 0; row < values.length; row++) {
    count += weights[row]!;
    if (target[row] === 1) defaults += weights[row]!;
    if (row + 1 < values.length && values[row + 1] === values[row]) continue;
    groups.values[size] = values[row]!;
    groups.counts[size] = count;
    groups.defaults[size] = defaults;
    size++;
  }
  return truncated(groups, size);
}

function emptyGroups(length: number): DistinctValues {
  return {
    values: new Float64Array(length),
    counts: new Float64Array(length),
    defaults: new Float64Array(length),
  };
}

function truncated(groups: DistinctValues, size: number): DistinctValues {
  return {
    values: groups.values.slice(0, size),
    counts: groups.counts.slice(0, size),
    defaults: groups.defaults.slice(0, size),
  };
}
