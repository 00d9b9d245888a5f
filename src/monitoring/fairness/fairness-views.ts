import { type ProtectedAttribute, sha256Hex } from '../../domain/index.ts';
import type { Lake } from '../../platform/index.ts';
import type { FairnessContext } from './book-data.ts';
import { bookFairness, type TraitFairness, type TraitSearch } from './book-fairness.ts';

/** A search takes a while: it is started when first asked for, and its answer kept as long as the data stands. */
export type SearchState =
  | { readonly state: 'computing'; readonly done: number; readonly total: number }
  | { readonly state: 'failed'; readonly detail: string }
  | { readonly state: 'ready'; readonly result: TraitSearch };

export type FairnessViews = {
  readonly traits: () => readonly ProtectedAttribute[];
  readonly groups: (trait: string, reference?: string | undefined) => Promise<TraitFairness>;
  readonly search: (trait: string) => Promise<SearchState>;
  readonly close: () => void;
};

const SNAPSHOT_MANIFEST = 'modeled/training/snapshot.json';
/** Searches kept: a portfolio has few traits. */
const MAX_KEPT = 16;

/** Runs a search apart from what serves requests, which it would hold up. */
export type RunSearch = (
  trait: string,
  options: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
) => Promise<TraitSearch>;

/** What the Fairness page shows of one book. A search that was done lies in the lake, in figures of groups alone. */
export function openFairnessViews(context: FairnessContext & { readonly runSearch: RunSearch }): FairnessViews {
  const { lake, portfolio } = context;
  const stop = new AbortController();
  const searches = new Map<string, { state: SearchState }>();
  // statements of one warehouse share schemas of one name: one reading at a time
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const run = async (kept: { state: SearchState }, key: string, trait: string, stamp: string): Promise<void> => {
    const onProgress = (done: number, total: number): void => {
      kept.state = { state: 'computing', done, total };
    };
    try {
      const result = await context.runSearch(trait, { signal: stop.signal, onProgress });
      await lake.put(keptKey(trait), JSON.stringify({ stamp, result }));
      kept.state = { state: 'ready', result };
    } catch (error) {
      kept.state = { state: 'failed', detail: error instanceof Error ? error.message : String(error) };
      searches.delete(key);
    }
  };
  return {
    traits: () => portfolio.protectedAttributes,
    groups: (trait, reference) => inTurn(() => bookFairness(context, trait, reference)),
    search: async (trait) => {
      const stamp = await stampOf(lake);
      const key = `${trait} ${stamp}`;
      const running = searches.get(key);
      if (running) return running.state;
      const done = await keptSearch(lake, trait, stamp);
      if (done) return { state: 'ready', result: done };
      const kept: { state: SearchState } = { state: { state: 'computing', done: 0, total: 0 } };
      if (searches.size >= MAX_KEPT) searches.clear();
      searches.set(key, kept);
      void run(kept, key, trait, stamp);
      return kept.state;
    },
    close: () => stop.abort(),
  };
}

const keptKey = (trait: string): string => `modeled/fairness/${trait}.json`;

async function stampOf(lake: Lake): Promise<string> {
  return (await lake.exists(SNAPSHOT_MANIFEST)) ? sha256Hex(await lake.get(SNAPSHOT_MANIFEST)) : '';
}

async function keptSearch(lake: Lake, trait: string, stamp: string): Promise<TraitSearch | null> {
  if (!/^[a-z][a-z0-9_]*$/.test(trait) || !(await lake.exists(keptKey(trait)))) return null;
  const kept: { stamp: string; result: TraitSearch } = JSON.parse(
    Buffer.from(await lake.get(keptKey(trait))).toString('utf8'),
  );
  return kept.stamp === stamp ? kept.result : null;
}
