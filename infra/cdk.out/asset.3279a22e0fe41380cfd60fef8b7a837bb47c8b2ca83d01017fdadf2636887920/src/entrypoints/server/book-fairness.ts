import { Worker } from 'node:worker_threads';
import type { ModelSource } from '../../decisions/index.ts';
import { AssayError, type Portfolio } from '../../domain/index.ts';
import { type FairnessViews, openFairnessViews, type RunSearch, type TraitSearch } from '../../monitoring/index.ts';
import { type Config, type Lake, openWarehouse, type SealedZone } from '../../platform/index.ts';

/** Memory for reading one book with one trait. */
const FAIRNESS_MEMORY = '512MB';

/** What the thread of a search is given, and what it sends. */
export type SearchOrder = {
  readonly home: string;
  readonly portfolio: string;
  readonly trait: string;
  readonly importance: readonly string[];
};
export type SearchMessage =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'result'; readonly result: TraitSearch }
  | { readonly kind: 'failed'; readonly detail: string };

/** Fairness of a served book, in a warehouse of its own; searches run in a thread, so that no decision waits for one. */
export async function openBookFairness(parts: {
  readonly config: Pick<Config, 'nthread'> & Partial<Pick<Config, 'home'>>;
  readonly portfolio: Portfolio;
  readonly lake: Lake;
  readonly sealed: SealedZone;
  readonly models: ModelSource;
}): Promise<{ readonly views: FairnessViews; readonly close: () => Promise<void> }> {
  const { portfolio, lake, sealed, models, config } = parts;
  const warehouse = await openWarehouse({ threads: 1, memoryLimit: FAIRNESS_MEMORY });
  const runSearch: RunSearch = async (trait, options) => {
    if (config.home === undefined) throw new AssayError('unavailable', { what: 'no data directory to search' });
    const { manifest } = await models.champion();
    const importance = [...manifest.importance].sort((a, b) => b.share - a.share).map(({ feature }) => feature);
    return searchInThread({ home: config.home, portfolio: portfolio.name, trait, importance }, options);
  };
  const views = openFairnessViews({ warehouse, lake, sealed, portfolio, runSearch });
  const close = async (): Promise<void> => {
    views.close();
    await warehouse.close();
  };
  return { views, close };
}

function searchInThread(order: SearchOrder, { signal, onProgress }: Parameters<RunSearch>[1]): Promise<TraitSearch> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./fairness-thread.ts', import.meta.url), { workerData: order });
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: SearchMessage) => {
      if (message.kind === 'progress') onProgress(message.done, message.total);
      else if (message.kind === 'result') resolve(message.result);
      else reject(new AssayError('internal', { what: message.detail }));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new AssayError('cancelled', { what: 'the fairness search was stopped' }));
    });
    worker.unref();
  });
}
