import { PD_STEPS } from './book.ts';
import {
  addSums as addSumsOf,
  addToday,
  BINS,
  type BookIndex,
  countGroups,
  type Filter,
  GROUPS_MAX,
  SUMS,
} from './book-index.ts';

export { BINS, edgeOf, GROUPS_MAX } from './book-index.ts';

/** Who is decided how, and which part of the book is looked at. Rows are sorted, so a cut-off is a row number. */
export type Strategy = Filter & {
  /** Rows below this are approved. */
  readonly approveRows: number;
  /** Rows from this on are declined; those between are referred. */
  readonly declineFrom: number;
};

export const DECISIONS = 3;
const TODAY = 4;

export type Sums = {
  readonly rows: number;
  readonly known: number;
  readonly bads: number;
  readonly pd: number;
  readonly amount: number;
  readonly pdAmount: number;
  /** Interest by the policy's prices, minor units, if all were repaid; and weighted by pd. */
  readonly interest: number;
  readonly pdInterest: number;
};

export const NO_SUMS: Sums = {
  ...{ rows: 0, known: 0, bads: 0, pd: 0 },
  ...{ amount: 0, pdAmount: 0, interest: 0, pdInterest: 0 },
};

export type Recomputed = {
  /** By bin, then decision (approved, referred, declined), then sum. */
  readonly bins: Float64Array;
  /** By new decision, then today's (approved, counter-offer, referred, declined): rows, known outcomes, defaults. */
  readonly swap: Float64Array;
  /** For each protected attribute: by group, then decision: rows. */
  readonly groups: readonly Float64Array[];
};

/** Every figure of a strategy, over the whole book. */
export function recompute(index: BookIndex, cuts: Pick<Strategy, 'approveRows' | 'declineFrom'>): Recomputed {
  const { approveRows, declineFrom } = cuts;
  const bins = new Float64Array(BINS * DECISIONS * SUMS);
  const swap = new Float64Array(DECISIONS * TODAY * 3);
  const groups = index.book.groups.map(() => new Float64Array(GROUPS_MAX * DECISIONS));
  const ranges = [0, approveRows, Math.max(approveRows, declineFrom), index.book.rows];
  for (let decision = 0; decision < DECISIONS; decision++) {
    const [from, to] = [ranges[decision]!, ranges[decision + 1]!];
    addBins(index, { decision, from, to }, bins);
    addToday(index, from, to, swap, decision * TODAY * 3);
    groups.forEach((counts, attribute) => {
      countGroups(index, attribute, from, to).forEach((rows, code) => {
        counts[code * DECISIONS + decision] = rows;
      });
    });
  }
  return { bins, swap, groups };
}

type Range = { readonly decision: number; readonly from: number; readonly to: number };

function addBins(index: BookIndex, { decision, from, to }: Range, bins: Float64Array): void {
  const { binStarts } = index;
  for (let bin = 0; bin < BINS; bin++) {
    const [begin, end] = [Math.max(from, binStarts[bin]!), Math.min(to, binStarts[bin + 1]!)];
    if (begin < end) addSumsOf(index, begin, end, bins, (bin * DECISIONS + decision) * SUMS);
  }
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
    interest: sums[6]!,
    pdInterest: sums[7]! / PD_STEPS,
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
    interest: a.interest + b.interest,
    pdInterest: a.pdInterest + b.pdInterest,
  };
}
