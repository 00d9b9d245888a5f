import { AssayError, type Column } from '../../domain/index.ts';

/** A share of 0 counts as this in the index; the field's usual floor, so that an empty bin stays finite. */
export const PSI_FLOOR = 1e-4;

/**
 * Population stability index of two distributions over the same bins: sum of (a - e) ln(a / e) over shares, a symmetric
 * Kullback-Leibler divergence. Under 0.1 stable, 0.1-0.25 watch, above 0.25 shifted (Siddiqi 2006).
 * @throws AssayError bad_input: bins differ in number, or a side is empty.
 */
export function psiOfCounts(expected: ArrayLike<number>, actual: ArrayLike<number>, floor = PSI_FLOOR): number {
  const expectedTotal = totalOf(expected);
  const actualTotal = totalOf(actual);
  if (expected.length !== actual.length || expectedTotal === 0 || actualTotal === 0) {
    throw new AssayError('bad_input', {
      what: 'a stability index needs two non-empty samples over the same bins',
      given: `${expected.length} bins with ${expectedTotal} rows, ${actual.length} bins with ${actualTotal} rows`,
    });
  }
  let index = 0;
  for (let i = 0; i < expected.length; i++) {
    if (expected[i] === 0 && actual[i] === 0) continue;
    const e = Math.max(expected[i]! / expectedTotal, floor);
    const a = Math.max(actual[i]! / actualTotal, floor);
    index += (a - e) * Math.log(a / e);
  }
  return index;
}

function totalOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  return total;
}

/** Inner edges of at most `bins` bins of about equal count among the finite values; equal edges are merged. */
export function quantileEdges(values: ArrayLike<number>, bins = 10): Float64Array {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const edges: number[] = [];
  for (let i = 1; i < bins; i++) {
    const edge = sorted[Math.min(sorted.length - 1, Math.floor((i * sorted.length) / bins))];
    if (edge !== undefined && edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY)) edges.push(edge);
  }
  return Float64Array.from(edges);
}

/** Counts per bin: bin i holds edges[i-1] <= x < edges[i]; one more at the end for missing. */
export function countByEdges(values: ArrayLike<number>, edges: Float64Array): Float64Array {
  const counts = new Float64Array(edges.length + 2);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) counts[edges.length + 1]! += 1;
    else counts[binOf(value, edges)]! += 1;
  }
  return counts;
}

function binOf(value: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** PSI of a numeric sample against a reference, over the reference's deciles; missing is a bin of its own. */
export function psi(expected: ArrayLike<number>, actual: ArrayLike<number>, bins = 10): number {
  const edges = quantileEdges(expected, bins);
  return psiOfCounts(countByEdges(expected, edges), countByEdges(actual, edges));
}

/** Characteristic stability index: PSI of one feature, deciles of a number or the levels of a category. */
export function csi(expected: Column, actual: Column): number {
  if (expected.kind === 'numeric' && actual.kind === 'numeric') return psi(expected.values, actual.values);
  if (expected.kind !== 'categorical' || actual.kind !== 'categorical') {
    throw new AssayError('bad_input', { what: `feature "${expected.name}" is of another kind in the two samples` });
  }
  const levels = [...new Set([...expected.levels, ...actual.levels])];
  const positions = new Map(levels.map((level, i) => [level, i]));
  const count = (column: typeof expected): Float64Array => {
    const counts = new Float64Array(levels.length + 1);
    for (const code of column.codes) counts[code < 0 ? levels.length : positions.get(column.levels[code]!)!]! += 1;
    return counts;
  };
  return psiOfCounts(count(expected), count(actual));
}
