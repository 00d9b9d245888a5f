// A thread of "assay audit verify": reads ranges of records by a connection of its own and recomputes them.
import { parentPort, workerData } from 'node:worker_threads';
import { openPool } from '../database/pool.ts';
import { createLog } from '../log.ts';
import { scanRange } from './scan.ts';
import type { ScanJob, ScanMessage } from './scan-threads.ts';

const job: ScanJob = workerData;
const { database } = await openPool(job.connection, createLog({ logLevel: 'silent' }));

parentPort?.on('message', async (range: { first: number; last: number } | null) => {
  if (range === null) {
    await database.close();
    parentPort?.close();
    return;
  }
  try {
    send({ scanned: await scanRange(database, job.register, job.portfolio, range) });
  } catch (error) {
    send({ failed: error instanceof Error ? error.message : String(error) });
  }
});

function send(message: ScanMessage): void {
  parentPort?.postMessage(message);
}
