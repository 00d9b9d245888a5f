import type { FraudDefinition, FraudLink } from '../domain/index.ts';
import { type FraudApplication, keysOfLink, type LinkCounts, MAX_ENTRIES } from './links.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

type Holder = { readonly borrowerId: string; readonly atMs: number; readonly detail: string };
type Keyed = { readonly link: FraudLink; readonly holders: ReadonlyMap<string, readonly Holder[]> };
type Span = { readonly fromMs: number; readonly toMs: number };

/**
 * What applications share with those before and after them, for the links that look both ways: what the queue of a book sees and a
 * decision could not. `ordered` is in order of time; answers what each application's counts become.
 */
export function countAround(
  definition: FraudDefinition,
  ordered: readonly FraudApplication[],
): (application: FraudApplication, decided: LinkCounts) => LinkCounts {
  const keyed = definition.links.filter(({ later, burst }) => later || burst).map((link) => holdersOf(link, ordered));
  const book = { fromMs: ordered[0]?.appliedAt.getTime() ?? 0, toMs: ordered.at(-1)?.appliedAt.getTime() ?? 0 };
  return (application, decided) => {
    const counts: Record<string, number> = { ...decided };
    for (const { link, holders } of keyed) {
      for (const { hash, detail } of keysOfLink(link, application.columns)) {
        const own = { borrowerId: application.borrowerId, atMs: application.appliedAt.getTime(), detail };
        const found = link.burst
          ? aboveUsual(link, holders.get(hash)!, own, book)
          : othersAround(link, holders.get(hash)!, own);
        counts[link.id] = Math.max(found, counts[link.id] ?? 0);
      }
    }
    return counts;
  };
}

function holdersOf(link: FraudLink, ordered: readonly FraudApplication[]): Keyed {
  const holders = new Map<string, Holder[]>();
  for (const { borrowerId, appliedAt, columns } of ordered) {
    for (const { hash, detail } of keysOfLink(link, columns)) {
      const of = holders.get(hash) ?? [];
      of.push({ borrowerId, atMs: appliedAt.getTime(), detail });
      holders.set(hash, of);
    }
  }
  return { link, holders };
}

/** Other borrowers within the window on both sides; none of a key that more than `MAX_ENTRIES` hold in it: it says nothing. */
function othersAround({ windowDays, differs }: FraudLink, holders: readonly Holder[], own: Holder): number {
  const windowMs = windowDays * DAY_MS;
  const [from, to] = [firstFrom(holders, own.atMs - windowMs), firstFrom(holders, own.atMs + windowMs + 1)];
  if (to - from > MAX_ENTRIES) return 0;
  const others = holders
    .slice(from, to)
    .filter(
      ({ borrowerId, detail }) => borrowerId !== own.borrowerId && (differs === undefined || detail !== own.detail),
    );
  return new Set(others.map(({ borrowerId }) => borrowerId)).size;
}

/**
 * Whole others above what the key has in a window as long, by the rest of the year on either side: above that rate and two of its Poisson
 * deviations. None where the book is too short to know.
 */
function aboveUsual(link: FraudLink, holders: readonly Holder[], own: Holder, book: Span): number {
  const windowMs = 2 * link.windowDays * DAY_MS;
  const year = { fromMs: Math.max(book.fromMs, own.atMs - YEAR_MS), toMs: Math.min(book.toMs, own.atMs + YEAR_MS) };
  const near = {
    fromMs: Math.max(year.fromMs, own.atMs - windowMs / 2),
    toMs: Math.min(year.toMs, own.atMs + windowMs / 2),
  };
  const restMs = year.toMs - year.fromMs - (near.toMs - near.fromMs);
  if (restMs < windowMs) return 0;
  const usual = ((within(holders, year) - within(holders, near)) * windowMs) / restMs;
  return Math.max(0, Math.floor(othersAround(link, holders, own) - usual - 2 * Math.sqrt(usual)));
}

const within = (holders: readonly Holder[], { fromMs, toMs }: Span): number =>
  firstFrom(holders, toMs + 1) - firstFrom(holders, fromMs);

/** Index of the first holder at a moment or after it. */
function firstFrom(holders: readonly Holder[], ms: number): number {
  let [low, high] = [0, holders.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holders[middle]!.atMs < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
