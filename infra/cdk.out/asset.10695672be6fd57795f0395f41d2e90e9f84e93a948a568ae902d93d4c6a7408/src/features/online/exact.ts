/**
 * Exact integer sums over chosen rows, in doubles while that is exact and in BigInt from where it is not. NaN (missing)
 * values must have been left out.
 */
export type Rows = Int32Array;

/** Below this a product and a running total of two such terms are exact in a double. */
const EXACT_LIMIT = 2 ** 52;

export function exactSum(values: Float64Array, rows: Rows, absolute = false): number | bigint {
  let sum = 0;
  let bound = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i]!]!;
    const size = Math.abs(value);
    sum += absolute ? size : value;
    bound += size;
  }
  if (bound <= Number.MAX_SAFE_INTEGER) return sum;
  let exact = 0n;
  for (const row of rows) exact += BigInt(absolute ? Math.abs(values[row]!) : values[row]!);
  return exact;
}

/** Sum of left * right. */
export function exactDot(left: Float64Array, right: Float64Array, rows: Rows): bigint {
  let exact = 0n;
  let pending = 0;
  for (let i = 0; i < rows.length; i++) {
    const a = left[rows[i]!]!;
    const b = right[rows[i]!]!;
    const product = a * b;
    if (product > EXACT_LIMIT || product < -EXACT_LIMIT) {
      exact += BigInt(a) * BigInt(b);
      continue;
    }
    pending += product;
    if (pending > EXACT_LIMIT || pending < -EXACT_LIMIT) {
      exact += BigInt(pending);
      pending = 0;
    }
  }
  return exact + BigInt(pending);
}
