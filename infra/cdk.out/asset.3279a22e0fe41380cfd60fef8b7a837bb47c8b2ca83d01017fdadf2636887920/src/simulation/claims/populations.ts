import type { ClaimBook } from './claim-book.ts';

/** Applicants a claim is judged on, with their outcome. */
export type Population = {
  readonly kind: PopulationKind;
  readonly pd: Float64Array;
  readonly incumbent: Float64Array;
  /** NaN where the book does not say. */
  readonly approved: Float64Array;
  readonly bad: Uint8Array;
};

/**
 * out_of_time  known outcomes after the training period, scored by the model fitted before it
 * out_of_fold  known outcomes of the training period, each scored by models that did not see it
 * truth        every applicant of a simulated book, the declined ones too, by what would have become of them
 */
export type PopulationKind = 'out_of_time' | 'out_of_fold' | 'truth';

export const POPULATION_TEXT: Readonly<Record<PopulationKind, string>> = {
  out_of_time: 'known outcomes after the training period, scored by the model fitted before it',
  out_of_fold: 'known outcomes of the training period, each scored by models that did not see it',
  truth: 'every applicant, the declined ones too, by what would have become of them (simulated book)',
};

/** Fewer applicants or fewer defaults than these say nothing. */
const MIN_ROWS = 400;
const MIN_BADS = 40;

/** The populations of a book that hold enough, the one that counts most first. */
export function populationsOf(book: ClaimBook): Population[] {
  const known = (row: number): boolean => !Number.isNaN(book.defaulted[row]!);
  const candidates = [
    select(book, 'truth', book.truth, (row) => !Number.isNaN(book.truth[row]!)),
    select(book, 'out_of_time', book.defaulted, (row) => known(row) && book.basis[row] === 'out_of_time'),
    select(book, 'out_of_fold', book.defaulted, (row) => known(row) && book.basis[row] === 'out_of_fold'),
  ];
  return candidates.filter(({ bad }) => {
    const bads = bad.reduce((sum, value) => sum + value, 0);
    return bad.length >= MIN_ROWS && bads >= MIN_BADS && bad.length - bads >= MIN_BADS;
  });
}

export function select(
  book: ClaimBook,
  kind: PopulationKind,
  outcome: Float64Array,
  keep: (row: number) => boolean,
): Population {
  const rows: number[] = [];
  for (let row = 0; row < book.pd.length; row++) if (keep(row)) rows.push(row);
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row]!);
  return {
    kind,
    pd: numbers(book.pd),
    incumbent: numbers(book.incumbent),
    approved: numbers(book.approved),
    bad: Uint8Array.from(rows, (row) => (outcome[row] === 1 ? 1 : 0)),
  };
}

/** Share the incumbent rule approves today; undefined where the book does not say, or holds only the approved. */
export function approvedShareOf({ approved }: Pick<Population, 'approved'>): number | undefined {
  let sum = 0;
  for (const value of approved) {
    if (Number.isNaN(value)) return undefined;
    sum += value;
  }
  const share = sum / approved.length;
  return share > 0 && share < 1 ? share : undefined;
}
