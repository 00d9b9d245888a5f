import type { ApplicationRequest } from '../application.ts';

const BANDS = 8;
const ROWS = 3;
/** With fewer, everybody is like everybody: only the borrower tells. */
const MIN_FIELDS = 6;
const SEEDS = Uint32Array.from({ length: BANDS * ROWS }, (_, i) => mixed(0x9e3779b9 * (i + 1)));

/** Which application it is exactly, whoever the borrower and whatever the order of the fields: 53 bits of a hash. */
export function probeOf(request: ApplicationRequest): number {
  let [low, high] = [0, 0];
  for (const [name, value] of fieldsOf(request)) {
    const hash = hashOf(`${name}=${value}`);
    low = (low + mixed(hash)) >>> 0;
    high = (high + mixed(hash ^ 0x5bd1e995)) >>> 0;
  }
  return low * 2 ** 21 + (high >>> 11);
}

/**
 * Bands that applications nearly alike share: min-wise hashes of their fields, three to a band (Broder 1997), numbers by the half
 * octave, so that a small step changes nothing. Of two with one field in ten changed 99 of 100 pairs share a band; of two that share a
 * fifth of their fields 6 of 100. One more band is the borrower.
 */
export function bandsOf(request: ApplicationRequest): number[] {
  const least = new Uint32Array(BANDS * ROWS).fill(0xffffffff);
  let fields = 0;
  for (const [name, value] of fieldsOf(request)) {
    const hash = hashOf(`${name}=${coarse(value)}`);
    for (let i = 0; i < least.length; i++) least[i] = Math.min(least[i]!, mixed(hash ^ SEEDS[i]!));
    fields++;
  }
  const bands = [mixed(hashOf(request.borrowerId))];
  for (let b = 0; b < least.length && fields >= MIN_FIELDS; b += ROWS) {
    let band = b;
    for (let i = b; i < b + ROWS; i++) band = mixed(band ^ least[i]!);
    bands.push(band);
  }
  return bands;
}

type Value = number | string | boolean;

function* fieldsOf({ amountMinor, termMonths, attributes = {} }: ApplicationRequest): Generator<[string, Value]> {
  if (amountMinor !== undefined) yield ['amountMinor', amountMinor];
  if (termMonths !== undefined) yield ['termMonths', termMonths];
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== null && value !== undefined) yield [name, value];
  }
}

const coarse = (value: Value): Value =>
  typeof value === 'number' ? Math.sign(value) * Math.round(2 * Math.log2(1 + Math.abs(value))) : value;

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
