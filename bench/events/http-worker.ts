/** The stream's worker of the small book, a process of its own as `assay up` has it. Ends with its parent. */
import { join } from 'node:path';
import { runWorker } from '../../src/entrypoints/stream-worker/index.ts';
import { noFaults, openBookEvents } from '../../src/ingestion/index.ts';
import { createLog, loadConfig, openDatabase, openLocalLake, systemClock } from '../../src/platform/index.ts';
import { tinyPortfolio } from '../../test/flow/support/tiny-book.ts';

const stop = new AbortController();
process.on('disconnect', () => stop.abort());

const config = loadConfig({ ...process.env, ASSAY_LOG_LEVEL: 'warn' }, process.cwd());
const log = createLog(config);
const opened = await openDatabase(config, { log });
const { database, listen } = opened;
const events = await openBookEvents({ database, portfolio: tinyPortfolio, clock: systemClock });
const lake = openLocalLake(join(config.home, 'lake', tinyPortfolio.name));
await runWorker(
  { database, lake, portfolio: tinyPortfolio, events, clock: systemClock, log, fault: noFaults, listen },
  stop.signal,
);
await opened.close();
