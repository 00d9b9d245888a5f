import { type Book, INTEREST_STEPS, PD_STEPS } from './book.ts';

/** Bins of the pd, equal in log-odds. */
export const BINS = 120;
const LOWEST_LOG_ODDS = -7;
const HIGHEST_LOG_ODDS = 3;

/** Sums kept of a run of rows: rows, known outcomes, defaults, pd, amount, pd x amount, interest, pd x interest. */
export const SUMS = 8;
/** Rows summed together: a run of rows costs a sum a block, and at most two blocks row by row. */
const BLOCK = 1024;
const TODAY = 4;
const COUNTS = 3;
const NOT_KNOWN = 2;
export const GROUPS_MAX = 256;

/** Bin of every 16-bit pd. */
const BIN_OF = Uint8Array.from({ length: PD_STEPS + 1 }, (_, step) => binOf(step / PD_STEPS));

function binOf(pd: number): number {
  if (pd <= 0) return 0;
  if (pd >= 1) return BINS - 1;
  const place = (Math.log(pd / (1 - pd)) - LOWEST_LOG_ODDS) / (HIGHEST_LOG_ODDS - LOWEST_LOG_ODDS);
  return Math.min(BINS - 1, Math.max(0, Math.floor(place * BINS)));
}

/** The pd at the lower edge of a bin. */
export function edgeOf(bin: number): number {
  const logOdds = LOWEST_LOG_ODDS + (bin / BINS) * (HIGHEST_LOG_ODDS - LOWEST_LOG_ODDS);
  return 1 / (1 + Math.exp(-logOdds));
}

/** Which part of the book is looked at. */
export type Filter = {
  /** For each dimension the level looked at; -1 = all. */
  readonly levels: readonly number[];
  /** Amounts looked at, minor units; 0 and Infinity = all. */
  readonly amountFrom: number;
  readonly amountTo: number;
};

/**
 * A filtered book summed by blocks of rows, so that a cut-off, which is a row number, moves without a pass over the rows: one pass builds it,
 * and then any run of rows is the sum of its whole blocks and the rows at its two ends.
 */
export type BookIndex = {
  readonly book: Book;
  /** 1 where the row is looked at; null = every row. */
  readonly keep: Uint8Array | null;
  /** Row at which each bin begins; one more for the end. Rows are sorted by pd. */
  readonly binStarts: Int32Array;
  /** By block, then sum. */
  readonly sums: Float64Array;
  /** By block, then today's decision, then rows, known outcomes, defaults. */
  readonly today: Float64Array;
  /** For each protected attribute: by block, then group: rows. */
  readonly groups: readonly Float64Array[];
  /** Codes each attribute uses, at most. */
  readonly groupCodes: readonly number[];
};

export function openBookIndex(book: Book, filter: Filter): BookIndex {
  const blocks = Math.ceil(book.rows / BLOCK);
  const groupCodes = book.groups.map((codes) => codes.reduce((most, code) => Math.max(most, code + 1), 0));
  const index: BookIndex = {
    book,
    keep: filterOf(book, filter),
    binStarts: binStartsOf(book),
    sums: new Float64Array(blocks * SUMS),
    today: new Float64Array(blocks * TODAY * COUNTS),
    groups: groupCodes.map((codes) => new Float64Array(blocks * codes)),
    groupCodes,
  };
  for (let block = 0; block < blocks; block++) {
    const [from, to] = [block * BLOCK, Math.min(book.rows, (block + 1) * BLOCK)];
    addSumsOfRows(index, from, to, index.sums, block * SUMS);
    addTodayOfRows(index, from, to, index.today, block * TODAY * COUNTS);
    index.groups.forEach((counts, attribute) => {
      addGroupOfRows(index, { attribute, from, to }, counts, block * groupCodes[attribute]!);
    });
  }
  return index;
}

function binStartsOf({ pd, rows }: Book): Int32Array {
  const starts = new Int32Array(BINS + 1).fill(rows);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    const bin = BIN_OF[pd[row]!]!;
    while (next <= bin) starts[next++] = row;
  }
  return starts;
}

function filterOf(book: Book, { levels, amountFrom, amountTo }: Filter): Uint8Array | null {
  const byAmount = amountFrom > 0 || amountTo < Number.POSITIVE_INFINITY;
  if (!byAmount && levels.every((level) => level < 0)) return null;
  const keep = new Uint8Array(book.rows).fill(1);
  levels.forEach((level, dimension) => {
    const codes = book.dimensions[dimension];
    if (level < 0 || codes === undefined) return;
    for (let row = 0; row < keep.length; row++) if (codes[row] !== level) keep[row] = 0;
  });
  if (!byAmount) return keep;
  const { amountMinor } = book;
  for (let row = 0; row < keep.length; row++) {
    if (amountMinor[row]! < amountFrom || amountMinor[row]! > amountTo) keep[row] = 0;
  }
  return keep;
}

/** Adds the sums of the rows `from` (in) to `to` (out) at `into[at]`. */
export function addSums(index: BookIndex, from: number, to: number, into: Float64Array, at: number): void {
  const { first, last } = wholeBlocks(from, to);
  if (first >= last) {
    addSumsOfRows(index, from, to, into, at);
    return;
  }
  addSumsOfRows(index, from, first * BLOCK, into, at);
  addBlocks(index.sums, { first, last, width: SUMS }, into, at);
  addSumsOfRows(index, last * BLOCK, to, into, at);
}

/** Adds rows, known outcomes and defaults by today's decision. */
export function addToday(index: BookIndex, from: number, to: number, into: Float64Array, at: number): void {
  const { first, last } = wholeBlocks(from, to);
  if (first >= last) {
    addTodayOfRows(index, from, to, into, at);
    return;
  }
  addTodayOfRows(index, from, first * BLOCK, into, at);
  addBlocks(index.today, { first, last, width: TODAY * COUNTS }, into, at);
  addTodayOfRows(index, last * BLOCK, to, into, at);
}

/** Rows of each group of a protected attribute. */
export function countGroups(index: BookIndex, attribute: number, from: number, to: number): Float64Array {
  const counts = new Float64Array(GROUPS_MAX);
  const { first, last } = wholeBlocks(from, to);
  if (first >= last) {
    addGroupOfRows(index, { attribute, from, to }, counts, 0);
    return counts;
  }
  addGroupOfRows(index, { attribute, from, to: first * BLOCK }, counts, 0);
  addBlocks(index.groups[attribute]!, { first, last, width: index.groupCodes[attribute]! }, counts, 0);
  addGroupOfRows(index, { attribute, from: last * BLOCK, to }, counts, 0);
  return counts;
}

/** Blocks that lie wholly between two rows: from `first` (in) to `last` (out). */
function wholeBlocks(from: number, to: number): { first: number; last: number } {
  return { first: Math.ceil(from / BLOCK), last: Math.floor(to / BLOCK) };
}

type Blocks = { readonly first: number; readonly last: number; readonly width: number };

function addBlocks(blocks: Float64Array, { first, last, width }: Blocks, into: Float64Array, at: number): void {
  for (let block = first; block < last; block++) {
    for (let i = 0; i < width; i++) into[at + i]! += blocks[block * width + i]!;
  }
}

/** The inner loops: nothing but typed arrays, since they pass over a million rows when a filter changes. */
function addSumsOfRows({ book, keep }: BookIndex, from: number, to: number, into: Float64Array, at: number): void {
  const { pd, amountMinor, outcome, interest } = book;
  for (let row = from; row < to; row++) {
    if (keep !== null && keep[row] === 0) continue;
    const step = pd[row]!;
    const amount = amountMinor[row]!;
    const earned = (amount * interest[row]!) / INTEREST_STEPS;
    into[at]! += 1;
    if (outcome[row] !== NOT_KNOWN) {
      into[at + 1]! += 1;
      into[at + 2]! += outcome[row]!;
    }
    into[at + 3]! += step;
    into[at + 4]! += amount;
    into[at + 5]! += step * amount;
    into[at + 6]! += earned;
    into[at + 7]! += step * earned;
  }
}

function addTodayOfRows({ book, keep }: BookIndex, from: number, to: number, into: Float64Array, at: number): void {
  const { outcome, decision } = book;
  for (let row = from; row < to; row++) {
    if (keep !== null && keep[row] === 0) continue;
    const cell = at + decision[row]! * COUNTS;
    into[cell]! += 1;
    if (outcome[row] === NOT_KNOWN) continue;
    into[cell + 1]! += 1;
    into[cell + 2]! += outcome[row]!;
  }
}

type GroupRows = { readonly attribute: number; readonly from: number; readonly to: number };

function addGroupOfRows({ book, keep }: BookIndex, rows: GroupRows, into: Float64Array, at: number): void {
  const codes = book.groups[rows.attribute]!;
  for (let row = rows.from; row < rows.to; row++) {
    if (keep === null || keep[row] === 1) into[at + codes[row]!]! += 1;
  }
}
