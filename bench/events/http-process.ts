/** The HTTP server of a small book and its stream worker, as `assay up` has them: what an overload is tried on. Says where it listens. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBookEvents } from '../../src/ingestion/index.ts';
import { systemClock } from '../../src/platform/index.ts';
import { tinyPortfolio } from '../../test/flow/support/tiny-book.ts';
import { startTinyServer } from '../../test/flow/support/tiny-server.ts';

const server = await startTinyServer({ databasePort: 0 });
const events = await openBookEvents({ database: server.database, portfolio: tinyPortfolio, clock: systemClock });
const worker = fork(fileURLToPath(new URL('./http-worker.ts', import.meta.url)), [], {
  execArgv: [],
  env: { ...process.env, ASSAY_HOME: server.home },
});
process.send?.({ url: server.url });
process.on('message', async (message) => {
  if (message === 'count') {
    const backlog = await events.backlog(['online']);
    const [row] = await server.database.query<{ n: number }>('SELECT count(*) AS n FROM online_tail');
    process.send?.({ facts: row!.n, backlog, residentBytes: process.memoryUsage().rss });
  }
  if (message !== 'stop') return;
  const gone = once(worker, 'exit');
  worker.disconnect();
  await gone;
  await server.stop();
  process.exit(0);
});
