import { Worker } from 'node:worker_threads';
import { AssayError } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import type { DatabaseConnection } from '../database/index.ts';
import type { AuditRegister } from './register.ts';
import { type ScannedRange, type ScanRange, scanRange } from './scan.ts';

export type ScanJob = {
  readonly connection: DatabaseConnection;
  readonly register: AuditRegister;
  readonly portfolio: string;
};
export type ScanMessage = { readonly scanned: ScannedRange } | { readonly failed: string };

/** Records a thread reads at a time: large enough to keep it busy, small enough to hold in memory whatever they weigh. */
const RANGE_ROWS = 2_000;

/** Scans records 1 to `last`: in threads, each with a connection of its own, unless there are few. Ranges come in any order. */
export async function scanInThreads(
  job: ScanJob,
  options: { readonly database: Database; readonly last: number; readonly threads: number },
  onRange: (range: ScannedRange) => void,
): Promise<void> {
  if (options.last === 0) return;
  if (options.last <= RANGE_ROWS) {
    const whole = { first: 1, last: options.last };
    return onRange(await scanRange(options.database, job.register, job.portfolio, whole));
  }
  let next = 1;
  const take = (): ScanRange | undefined => {
    if (next > options.last) return undefined;
    const range = { first: next, last: Math.min(next + RANGE_ROWS - 1, options.last) };
    next = range.last + 1;
    return range;
  };
  const threads = Math.min(options.threads, Math.ceil(options.last / RANGE_ROWS));
  await Promise.all(Array.from({ length: threads }, () => runThread(job, take, onRange)));
}

function runThread(
  job: ScanJob,
  take: () => ScanRange | undefined,
  onRange: (range: ScannedRange) => void,
): Promise<void> {
  const worker = new Worker(new URL('./scan-worker.ts', import.meta.url), { workerData: job });
  return new Promise<void>((resolve, reject) => {
    const giveNext = (): void => worker.postMessage(take() ?? null);
    worker.on('message', (message: ScanMessage) => {
      if ('failed' in message) return reject(scanFailed(message.failed));
      onRange(message.scanned);
      giveNext();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(scanFailed(`a thread ended with code ${code}`))));
    giveNext();
  }).finally(() => worker.terminate());
}

const scanFailed = (given: string): AssayError =>
  new AssayError('unavailable', { what: 'the records could not be read', given, fix: 'see "assay doctor"' });
