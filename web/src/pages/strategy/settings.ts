import type { StrategyBook } from '../../contract.ts';
import type { StrategySearch } from '../../search.ts';
import { type Book, PD_STEPS } from './book.ts';
import type { Economics } from './outcome.ts';
import type { Strategy } from './recompute.ts';

/** Everything a person sets on the bench; lives in the address. */
export type Settings = {
  readonly approve: number;
  readonly decline: number;
  /** Level looked at by dimension name. */
  readonly filters: Readonly<Record<string, string>>;
  /** Amounts looked at, minor units. */
  readonly amountFrom: number | undefined;
  readonly amountTo: number | undefined;
  readonly economics: Economics;
};

const DEFAULT_APPROVE = 0.7;
const DEFAULT_DECLINE = 0.15;
const DEFAULT_MARGIN = 0.08;
const DEFAULT_COSTS = 0.03;
const DEFAULT_REVIEW_COST_MINOR = 3000;
const DEFAULT_ACCURACY = 0.7;
/** Where the book has no amounts: a loan of 10,000. */
const ASSUMED_AMOUNT_MINOR = 1_000_000;

export function settingsOf(search: StrategySearch, book: StrategyBook): Settings {
  const approve = search.approve ?? DEFAULT_APPROVE;
  return {
    approve,
    decline: Math.min(search.decline ?? DEFAULT_DECLINE, 1 - approve),
    filters: parseFilters(search.filter),
    amountFrom: search.amountFrom,
    amountTo: search.amountTo,
    economics: {
      earned: search.earned ?? 'margin',
      margin: search.margin ?? DEFAULT_MARGIN,
      costs: search.costs ?? DEFAULT_COSTS,
      lgd: search.lgd ?? book.assumedLgd,
      reviewCostMinor: search.reviewCost ?? DEFAULT_REVIEW_COST_MINOR,
      reviewerAccuracy: search.accuracy ?? DEFAULT_ACCURACY,
      assumedAmountMinor: ASSUMED_AMOUNT_MINOR,
    },
  };
}

export function searchOf(settings: Settings): Omit<StrategySearch, 'tab'> {
  const { economics } = settings;
  const filter = Object.entries(settings.filters).map(([name, level]) => `${name}=${level}`);
  return {
    approve: settings.approve,
    decline: settings.decline,
    filter: filter.length === 0 ? undefined : filter.join('|'),
    amountFrom: settings.amountFrom,
    amountTo: settings.amountTo,
    earned: economics.earned === 'margin' ? undefined : economics.earned,
    margin: economics.margin,
    costs: economics.earned === 'margin' ? undefined : economics.costs,
    lgd: economics.lgd,
    reviewCost: economics.reviewCostMinor,
    accuracy: economics.reviewerAccuracy,
  };
}

function parseFilters(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split('|').flatMap((part) => {
    const at = part.indexOf('=');
    return at > 0 ? [[part.slice(0, at), part.slice(at + 1)] as const] : [];
  });
  return Object.fromEntries(pairs);
}

export function strategyOf(settings: Settings, book: StrategyBook): Strategy {
  return {
    approveRows: Math.round(settings.approve * book.rows),
    declineFrom: Math.round((1 - settings.decline) * book.rows),
    levels: book.dimensions.map(({ name, levels }) => levels.indexOf(settings.filters[name] ?? '')),
    amountFrom: settings.amountFrom ?? 0,
    amountTo: settings.amountTo ?? Number.POSITIVE_INFINITY,
  };
}

/** The pd at a share of the whole book; null at its ends. */
export function pdAt(book: Book, share: number): number | null {
  const step = book.pd[Math.round(share * book.rows)];
  return step === undefined || share <= 0 ? null : step / PD_STEPS;
}
