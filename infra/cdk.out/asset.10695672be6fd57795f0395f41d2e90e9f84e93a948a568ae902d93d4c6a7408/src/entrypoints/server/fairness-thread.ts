/** Started as a thread by the server: one search for proxies and alternatives. */
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { loadPortfolio } from '../../../portfolios/index.ts';
import { searchBook } from '../../monitoring/index.ts';
import { openLocalLake, openSealedZone, openWarehouse } from '../../platform/index.ts';
import type { SearchMessage, SearchOrder } from './book-fairness.ts';

const send = (message: SearchMessage): void => parentPort?.postMessage(message);

async function search({ home, portfolio: name, trait, importance }: SearchOrder): Promise<void> {
  const portfolio = await loadPortfolio(name);
  const lake = openLocalLake(join(home, 'lake', portfolio.name));
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    const context = { warehouse, lake, sealed: openSealedZone({ lake, home }), portfolio };
    const onProgress = (done: number, total: number): void => send({ kind: 'progress', done, total });
    send({ kind: 'result', result: await searchBook(context, { trait, importance, onProgress }) });
  } finally {
    await warehouse.close();
  }
}

search(workerData).catch((error: unknown) => {
  send({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
});
