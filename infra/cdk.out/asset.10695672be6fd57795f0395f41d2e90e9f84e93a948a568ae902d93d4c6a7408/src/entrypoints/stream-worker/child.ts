// A process of its own beside the server: reads the stream, so that a page or a decision never waits for it. Ends with its parent.
import { loadConfig } from '../../platform/index.ts';
import { clockOf } from '../clock.ts';
import { faultSwitch } from './faults.ts';
import { openEventBook } from './open-book.ts';
import { runWorker } from './run-worker.ts';

const stop = new AbortController();
process.on('disconnect', () => stop.abort());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

const portfolio = process.argv[2] ?? '';
const book = await openEventBook({
  config: loadConfig(process.env, process.cwd()),
  portfolio,
  clock: clockOf(process.env),
});
try {
  const fault = faultSwitch(process.env['ASSAY_TEST_FAULTS'], Math.random);
  await runWorker({ ...book, fault }, stop.signal);
} finally {
  await book.close();
  if (process.connected) process.disconnect();
}
