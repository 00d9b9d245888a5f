import { AssayError, type EstimatorName, type ThreeWayShares } from '../../domain/index.ts';
import { type ClaimSource, readClaimBook } from './claim-book.ts';
import { judgePopulation, type PopulationClaims } from './judge-population.ts';
import { populationsOf } from './populations.ts';
import { type RejectBand, rejectBand } from './reject-band.ts';

export const DEFAULT_DRAWS = 500;
export const MAX_DRAWS = 5000;

export type ClaimsOptions = {
  /** Bootstrap draws, 2 to MAX_DRAWS. */
  readonly draws?: number;
  readonly seed?: number;
  /** Unset: the champion's. */
  readonly estimator?: EstimatorName | undefined;
  /** Unset: the incumbent's of the portfolio. */
  readonly threeWay?: ThreeWayShares | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (done: number, total: number) => void;
};

export type Claims = {
  readonly format: 'assay-claims/1';
  readonly portfolio: string;
  readonly title: string;
  readonly estimator: string;
  readonly incumbent: { readonly title: string; readonly source: string };
  readonly draws: number;
  readonly seed: number;
  /** The one that counts most first. */
  readonly populations: readonly PopulationClaims[];
  /** Null: the book holds no declined applicants, so nothing can be said about them. */
  readonly rejectInference: RejectBand | null;
};

/**
 * The two outcome claims on a scored book against its incumbent: fewer defaults at equal approvals, fewer reviews at equal risk.
 * Thresholds are set on one half of the applicants and judged on the other; intervals are 95 % percentile bootstrap, each draw
 * with its own split and its own applicants. Same book, seed and draws: same figures.
 * @throws AssayError not_found before the book is scored; bad_input without an incumbent, for shares that leave nothing, or for a
 *   book with too few outcomes; cancelled
 */
export async function simulateClaims(source: ClaimSource, options: ClaimsOptions = {}): Promise<Claims> {
  const { draws = DEFAULT_DRAWS, seed = 1, signal } = options;
  assertDraws(draws);
  const book = await readClaimBook(source, options.estimator);
  const incumbent = source.portfolio.incumbent!;
  const threeWay = options.threeWay ?? incumbent.threeWay;
  assertShares(threeWay);
  const populations = populationsOf(book);
  if (populations.length === 0) throw tooFew(source.portfolio.name);
  let done = 0;
  const total = (populations.length + 1) * (draws + 1);
  const drawing = { draws, seed, signal, onDraw: () => options.onProgress?.(++done, total) };
  const judged: PopulationClaims[] = [];
  for (const population of populations) judged.push(await judgePopulation(population, threeWay, drawing));
  return {
    format: 'assay-claims/1',
    portfolio: source.portfolio.name,
    title: source.portfolio.title,
    estimator: book.estimator,
    incumbent: { title: incumbent.title, source: incumbent.source },
    draws,
    seed,
    populations: judged,
    rejectInference: await rejectBand(book, drawing),
  };
}

function assertDraws(draws: number): void {
  if (Number.isInteger(draws) && draws >= 2 && draws <= MAX_DRAWS) return;
  throw new AssayError('bad_input', {
    what: 'the number of bootstrap draws is not usable',
    given: String(draws),
    allowed: `a whole number from 2 to ${MAX_DRAWS}`,
    fix: `leave --draws out for ${DEFAULT_DRAWS}`,
  });
}

function assertShares({ approved, declined }: ThreeWayShares): void {
  if (approved > 0 && declined > 0 && approved + declined < 1) return;
  throw new AssayError('bad_input', {
    what: 'a three-way policy needs applicants in all three parts',
    given: `approved ${approved}, declined ${declined}`,
    allowed: 'both above 0 and together below 1',
    fix: 'for example --auto-approve 0.4 --auto-decline 0.2',
  });
}

function tooFew(portfolio: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the book has too few known outcomes to judge a claim on',
    given: portfolio,
    allowed: 'at least 400 applications with 40 defaults and 40 repaid in one population',
    fix: 'wait for more outcomes, or take a larger book',
  });
}
