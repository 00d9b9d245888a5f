/** Digits of 11, 11 and 10 bits make up 32. */
const DIGITS = [
  { shift: 0, mask: 0x7ff },
  { shift: 11, mask: 0x7ff },
  { shift: 22, mask: 0x3ff },
] as const;
const BUCKETS = 0x800;

/**
 * Indices of `values` in ascending order. No value may be NaN; -0 and 0 are equal.
 * Radix sort on the upper half of the numbers' bits, which nearly always settles it, then a plain sort of each run it left
 * open: several times faster than a sort that calls back for every comparison.
 */
export function sortOrder(values: Float64Array): Uint32Array {
  const order = sortByUpperBits(values);
  for (let from = 0, to = 1; to <= order.length; to++) {
    if (to < order.length && upperBitsAreEqual(values[order[from]!]!, values[order[to]!]!)) continue;
    if (to - from > 1) sortRun(order.subarray(from, to), values);
    from = to;
  }
  return order;
}

type Keys = { readonly key: Uint32Array; readonly order: Uint32Array };

function sortByUpperBits(values: Float64Array): Uint32Array {
  const order = new Uint32Array(values.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  let from: Keys = { key: sortableUpperBits(values), order };
  let to: Keys = { key: new Uint32Array(values.length), order: new Uint32Array(values.length) };
  for (const { shift, mask } of DIGITS) {
    scatter(from, to, shift, mask);
    [from, to] = [to, from];
  }
  return from.order;
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Which of the two words holds the sign and the exponent depends on the machine's byte order. */
const UPPER = new Uint32Array(Float64Array.of(-0).buffer)[1] === 0x80000000 ? 1 : 0;

function upperBits(value: number): number {
  float[0] = value + 0; // + 0 makes -0 the one zero
  return words[UPPER]!;
}

function upperBitsAreEqual(a: number, b: number): boolean {
  return upperBits(a) === upperBits(b);
}

/** A word per number; numbers in order have words in order, as unsigned integers. */
function sortableUpperBits(values: Float64Array): Uint32Array {
  const keys = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const bits = upperBits(values[row]!);
    keys[row] = bits >= 0x80000000 ? ~bits : bits | 0x80000000;
  }
  return keys;
}

/** One pass of the radix sort, by one digit. */
function scatter(from: Keys, to: Keys, shift: number, mask: number): void {
  const { key, order } = from;
  const next = new Uint32Array(BUCKETS + 1);
  for (let i = 0; i < key.length; i++) next[((key[i]! >>> shift) & mask) + 1]!++;
  for (let bucket = 1; bucket <= BUCKETS; bucket++) next[bucket]! += next[bucket - 1]!;
  for (let i = 0; i < key.length; i++) {
    const at = next[(key[i]! >>> shift) & mask]!++;
    to.key[at] = key[i]!;
    to.order[at] = order[i]!;
  }
}

const MOST_INSERTED = 24;

function sortRun(run: Uint32Array, values: Float64Array): void {
  let isSorted = true;
  for (let i = 1; i < run.length && isSorted; i++) isSorted = values[run[i]!]! >= values[run[i - 1]!]!;
  if (isSorted) return;
  if (run.length > MOST_INSERTED) {
    run.sort((a, b) => values[a]! - values[b]!);
    return;
  }
  for (let i = 1; i < run.length; i++) {
    const row = run[i]!;
    const value = values[row]!;
    let at = i;
    for (; at > 0 && values[run[at - 1]!]! > value; at--) run[at] = run[at - 1]!;
    run[at] = row;
  }
}
