import type { ClaimBook } from './claim-book.ts';
import { type DrawCounts, defaultCutAt } from './default-cut.ts';
import { DrawnFigures, type DrawOptions, forEachDraw } from './draws.ts';
import { drawHalves } from './halves.ts';
import type { MaybeInterval } from './judge-population.ts';
import { approvedShareOf, select } from './populations.ts';
import { countGroups, emptyCounts, rankRows } from './ranking.ts';

/**
 * How many times the odds of a granted applicant of the same pd a declined one is assumed to have, at the worse end. Twice was
 * tried first: on the simulated bank, where it can be checked, the truth then lay outside the band.
 */
export const DECLINED_ODDS_FACTOR = 3;

/** The default cut at the incumbent's own approval share when nobody has seen what the declined would have done. */
export type RejectBand = {
  readonly approvedShare: number;
  readonly applicants: number;
  readonly declined: number;
  /** If none, or if all, of the declined would have defaulted: bounds that assume nothing. */
  readonly widest: { readonly lower: MaybeInterval; readonly upper: MaybeInterval };
  /** If the declined default at the odds the model says, or at `oddsFactor` times those. */
  readonly assumed: { readonly lower: MaybeInterval; readonly upper: MaybeInterval; readonly oddsFactor: number };
  /** What is true, where the book is simulated. */
  readonly truth: MaybeInterval;
};

const CASES = ['none', 'all', 'asModel', 'worseOdds', 'truth'] as const;

/**
 * Reject inference as a band: applicants without an outcome because the incumbent declined them get an assumed one. Applicants
 * without an outcome for another reason (not matured, indeterminate) stay out. Null where the book holds no declined applicants.
 */
export async function rejectBand(book: ClaimBook, options: DrawOptions): Promise<RejectBand | null> {
  const isDeclined = (row: number): boolean => book.approved[row] === 0;
  const keep = (row: number): boolean => isDeclined(row) || !Number.isNaN(book.defaulted[row]!);
  const population = select(book, 'truth', book.defaulted, keep);
  const share = approvedShareOf(population);
  if (share === undefined || population.bad.length === 0) return null;
  const outcomes = assumedOutcomes(book, keep);
  const orders = { model: rankRows(population.pd), incumbent: rankRows(population.incumbent) };
  const empty = () => ({ model: emptyCounts(orders.model), incumbent: emptyCounts(orders.incumbent) });
  const counts: DrawCounts = { setting: empty(), judging: empty() };
  const figures = new DrawnFigures(options.draws);
  await forEachDraw(options, (draw) => {
    const halves = drawHalves(population.bad.length, options.seed, draw);
    for (const name of CASES) {
      for (const half of ['setting', 'judging'] as const) {
        for (const order of ['model', 'incumbent'] as const)
          countGroups(orders[order], halves[half], outcomes[name], counts[half][order]);
      }
      figures.set(name, draw, defaultCutAt(counts, share).cut);
    }
  });
  return {
    approvedShare: share,
    applicants: population.bad.length,
    declined: population.approved.reduce((sum, value) => sum + (1 - value), 0),
    widest: { lower: figures.interval('all'), upper: figures.interval('none') },
    assumed: {
      lower: figures.interval('worseOdds'),
      upper: figures.interval('asModel'),
      oddsFactor: DECLINED_ODDS_FACTOR,
    },
    truth: figures.interval('truth'),
  };
}

function assumedOutcomes(
  book: ClaimBook,
  keep: (row: number) => boolean,
): Record<(typeof CASES)[number], Float64Array> {
  const with_ = (assumed: (row: number) => number): Float64Array => {
    const values: number[] = [];
    for (let row = 0; row < book.pd.length; row++) {
      if (keep(row)) values.push(book.approved[row] === 0 ? assumed(row) : book.defaulted[row]!);
    }
    return Float64Array.from(values);
  };
  return {
    none: with_(() => 0),
    all: with_(() => 1),
    asModel: with_((row) => book.pd[row]!),
    worseOdds: with_((row) => withOdds(book.pd[row]!, DECLINED_ODDS_FACTOR)),
    truth: with_((row) => book.truth[row]!),
  };
}

function withOdds(pd: number, factor: number): number {
  return (factor * pd) / (1 - pd + factor * pd);
}
