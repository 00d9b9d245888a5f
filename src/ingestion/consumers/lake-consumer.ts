import type { Database, ErasedRegister, Lake } from '../../platform/index.ts';
import type { EventMapper } from '../events/event-mapper.ts';
import type { Batch, Consumer, FaultSwitch } from './contract.ts';
import { linesWithoutErased, rawFileKey, writeRawFile } from './raw-file.ts';

const RECORDS_PER_FILE = 50_000;
const WAIT_MS = 10_000;
const IDLE_MS = 250;

/**
 * The stream into the raw zone, as immutable files. Up to where a file goes is noted before it is written: after a crash the
 * same records go into the same file, so that no record is in two.
 */
export function lakeConsumer(options: {
  readonly database: Database;
  readonly lake: Lake;
  readonly stream: string;
  readonly fault: FaultSwitch;
  /** Whose events are not written, and what says whose an event is; unset: nobody's. */
  readonly erased?: { readonly register: ErasedRegister; readonly mapper: EventMapper } | undefined;
}): Consumer {
  const { database, lake, stream, fault, erased } = options;
  const apply = async ({ position, positions, records, millisBehind, recordsPerSecond }: Batch): Promise<void> => {
    const last = records.at(-1)!.sequenceNumber;
    await positions.claim(position, last);
    await fault('before_effect');
    const kept = erased ? linesWithoutErased(records, erased.mapper, await erased.register.current()) : records;
    await writeRawFile(lake, rawFileKey(stream, position.shardId, records), kept);
    await fault('after_effect');
    const progress = { records: records.length, rejected: 0, millisBehind, recordsPerSecond };
    await database.transaction((transaction) => positions.advance(transaction, position, last, progress));
    await fault('after_commit');
  };
  return { name: 'lake', recordsPerBatch: RECORDS_PER_FILE, waitMs: WAIT_MS, idleMs: IDLE_MS, apply };
}
