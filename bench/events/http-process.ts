/** The HTTP server of a small book with its stream worker, in one process: what an overload is tried on. Says where it listens. */

import { runWorker } from '../../src/entrypoints/stream-worker/index.ts';
import { noFaults, openBookEvents } from '../../src/ingestion/index.ts';
import { createLog } from '../../src/platform/index.ts';
import { tinyPortfolio } from '../../test/flow/support/tiny-book.ts';
import { startTinyServer } from '../../test/flow/support/tiny-server.ts';

const server = await startTinyServer({ databasePort: 0 });
const clock = { now: () => new Date() };
const events = await openBookEvents({ database: server.database, portfolio: tinyPortfolio, clock });
const stop = new AbortController();
const worker = runWorker(
  {
    ...{ database: server.database, lake: server.lake, portfolio: tinyPortfolio, events, clock },
    log: createLog({ logLevel: 'warn' }),
    fault: noFaults,
    listen: server.listen,
  },
  stop.signal,
);
process.send?.({ url: server.url });
process.on('message', async (message) => {
  if (message === 'count') {
    const backlog = await events.backlog(['online']);
    const [row] = await server.database.query<{ n: number }>('SELECT count(*) AS n FROM online_tail');
    process.send?.({ facts: row!.n, backlog, residentBytes: process.memoryUsage().rss });
  }
  if (message !== 'stop') return;
  stop.abort();
  await worker;
  await server.stop();
  process.exit(0);
});
