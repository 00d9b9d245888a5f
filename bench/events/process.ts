/** The process under test: the door of the stream and its consumers. The parent sends batches over IPC and is told when they are durable. */
import { faultSwitch, openEventBook, runWorker } from '../../src/entrypoints/stream-worker/index.ts';
import { loadConfig, systemClock } from '../../src/platform/index.ts';

export type ToProcess = { readonly batch: number; readonly events: readonly unknown[] } | 'stop';
export type FromProcess =
  | 'ready'
  | { readonly batch: number; readonly accepted: number; readonly duplicates: number; readonly rejected: number }
  | { readonly batch: number; readonly failed: string };

const config = loadConfig(process.env, process.cwd());
const book = await openEventBook({ config, portfolio: 'simulated-bank', clock: systemClock });
const stop = new AbortController();
const tell = (message: FromProcess): void => void (process.connected && process.send?.(message, () => {}));

process.on('message', (message: ToProcess) => {
  if (message === 'stop') return stop.abort();
  void take(message.batch, message.events);
});
process.on('disconnect', () => stop.abort());

async function take(batch: number, events: readonly unknown[]): Promise<void> {
  try {
    const results = await book.events.intake.accept(events.map((value) => ({ value })));
    const count = (status: string): number => results.filter((result) => result.status === status).length;
    tell({ batch, accepted: count('accepted'), duplicates: count('duplicate'), rejected: count('rejected') });
  } catch (error) {
    tell({ batch, failed: error instanceof Error ? error.message : String(error) });
  }
}

tell('ready');
const fault = faultSwitch(process.env['ASSAY_TEST_FAULTS'], Math.random);
if (process.env['BENCH_CONSUME'] !== 'no') await runWorker({ ...book, fault }, stop.signal);
else await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
await book.close();
process.exit(0);
