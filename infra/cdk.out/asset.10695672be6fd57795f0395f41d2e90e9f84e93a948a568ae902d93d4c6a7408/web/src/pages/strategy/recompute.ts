import { type Book, PD_STEPS } from './book.ts';

/** Who is decided how, and which part of the book is looked at. Rows are sorted, so a cut-off is a row number. */
export type Strategy = {
  /** Rows below this are approved. */
  readonly approveRows: number;
  /** Rows from this on are declined; those between are referred. */
  readonly declineFrom: number;
  /** For each dimension the level looked at; -1 = all. */
  readonly levels: readonly number[];
  /** Amounts looked at, minor units; 0 and Infinity = all. */
  readonly amountFrom: number;
  readonly amountTo: number;
};

/** Bins of the pd, equal in log-odds. */
export const BINS = 120;
const LOWEST_LOG_ODDS = -7;
const HIGHEST_LOG_ODDS = 3;

export const DECISIONS = 3;
const TODAY = 4;
/** Sums kept for each bin and decision. */
const SUMS = 6;
const NOT_KNOWN = 2;
export const GROUPS_MAX = 256;

export type Sums = {
  readonly rows: number;
  readonly known: number;
  readonly bads: number;
  readonly pd: number;
  readonly amount: number;
  readonly pdAmount: number;
};

export type Recomputed = {
  /** By bin, then decision (approved, referred, declined), then sum. */
  readonly bins: Float64Array;
  /** By new decision, then today's (approved, counter-offer, referred, declined): rows, known outcomes, defaults. */
  readonly swap: Float64Array;
  /** For each protected attribute: by group, then decision: rows. */
  readonly groups: readonly Float64Array[];
};

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

/** One pass over the whole book. */
export function recompute(book: Book, strategy: Strategy): Recomputed {
  const bins = new Float64Array(BINS * DECISIONS * SUMS);
  const swap = new Float64Array(DECISIONS * TODAY * 3);
  const groups = book.groups.map(() => new Float64Array(GROUPS_MAX * DECISIONS));
  const keep = filterOf(book, strategy);
  const { approveRows, declineFrom } = strategy;
  const ranges = [0, approveRows, Math.max(approveRows, declineFrom), book.rows];
  for (let decision = 0; decision < DECISIONS; decision++) {
    addRows(book, { from: ranges[decision]!, to: ranges[decision + 1]!, decision, keep }, bins, swap);
    addGroups(book, { from: ranges[decision]!, to: ranges[decision + 1]!, decision, keep }, groups);
  }
  return { bins, swap, groups };
}

type Range = {
  readonly from: number;
  readonly to: number;
  readonly decision: number;
  /** 1 where the row is looked at; null = every row. */
  readonly keep: Uint8Array | null;
};

function filterOf(book: Book, { levels, amountFrom, amountTo }: Strategy): Uint8Array | null {
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

/** The inner loop: nothing but typed arrays, since it runs over a million rows while a slider moves. */
function addRows(book: Book, { from, to, decision, keep }: Range, bins: Float64Array, swap: Float64Array): void {
  const { pd, amountMinor, outcome, decision: today } = book;
  for (let row = from; row < to; row++) {
    if (keep !== null && keep[row] === 0) continue;
    const step = pd[row]!;
    const at = (BIN_OF[step]! * DECISIONS + decision) * SUMS;
    const cell = (decision * TODAY + today[row]!) * 3;
    bins[at]! += 1;
    swap[cell]! += 1;
    if (outcome[row] !== NOT_KNOWN) {
      bins[at + 1]! += 1;
      swap[cell + 1]! += 1;
      bins[at + 2]! += outcome[row]!;
      swap[cell + 2]! += outcome[row]!;
    }
    bins[at + 3]! += step;
    bins[at + 4]! += amountMinor[row]!;
    bins[at + 5]! += step * amountMinor[row]!;
  }
}

function addGroups(book: Book, { from, to, decision, keep }: Range, groups: readonly Float64Array[]): void {
  groups.forEach((counts, attribute) => {
    const codes = book.groups[attribute]!;
    for (let row = from; row < to; row++) {
      if (keep === null || keep[row] === 1) counts[codes[row]! * DECISIONS + decision]! += 1;
    }
  });
}

/** Sums over some bins of one decision, pds as probabilities. */
export function sumsOf({ bins }: Recomputed, decision: number, fromBin = 0, toBin = BINS): Sums {
  const sums = new Float64Array(SUMS);
  for (let bin = fromBin; bin < toBin; bin++) {
    const at = (bin * DECISIONS + decision) * SUMS;
    for (let i = 0; i < SUMS; i++) sums[i]! += bins[at + i]!;
  }
  return {
    rows: sums[0]!,
    known: sums[1]!,
    bads: sums[2]!,
    pd: sums[3]! / PD_STEPS,
    amount: sums[4]!,
    pdAmount: sums[5]! / PD_STEPS,
  };
}

export function addSums(a: Sums, b: Sums): Sums {
  return {
    rows: a.rows + b.rows,
    known: a.known + b.known,
    bads: a.bads + b.bads,
    pd: a.pd + b.pd,
    amount: a.amount + b.amount,
    pdAmount: a.pdAmount + b.pdAmount,
  };
}
