import { setTimeout as pause } from 'node:timers/promises';
import type { Portfolio } from '../../domain/index.ts';
import {
  type BookEvents,
  CONSUMERS,
  type Consumer,
  ConsumerRun,
  type FaultSwitch,
  lakeConsumer,
  onlineConsumer,
  trimReceipts,
  trimStream,
} from '../../ingestion/index.ts';
import {
  type Clock,
  currentOwner,
  type Database,
  type Lake,
  type Listen,
  type Log,
  OnlineStore,
  STREAM_CHANNEL,
} from '../../platform/index.ts';
import { Wake } from './wake.ts';

export type WorkerParts = {
  readonly database: Database;
  readonly lake: Lake;
  readonly portfolio: Portfolio;
  readonly events: BookEvents;
  readonly clock: Clock;
  readonly log: Log;
  readonly fault: FaultSwitch;
  readonly listen: Listen;
};

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What every consumer has taken stays on the stream for a day, as with Kinesis. */
const STREAM_RETENTION_MS = DAY_MS;
/** A repeat after this is told from a new event by its facts. */
const RECEIPT_RETENTION_MS = 7 * DAY_MS;

/** Reads the stream of a book into the online store and the raw zone until the signal fires. */
export async function runWorker(parts: WorkerParts, signal: AbortSignal): Promise<void> {
  const wake = new Wake();
  const listening = await parts.listen(STREAM_CHANNEL, (name) => name === parts.events.stream.name && wake.fire());
  const [online, lake] = consumersOf(parts);
  const runs = [
    consumerRun(parts, online, (ms, stop) => wake.wait(ms, stop)),
    // files wait for records to come together: nothing to be woken for
    consumerRun(parts, lake, sleep),
  ];
  await Promise.all([...runs.map((run) => run.run(signal)), keepTidy(parts, signal)]);
  await listening.stop();
}

export function consumersOf({
  database,
  lake,
  portfolio,
  events,
  clock,
  fault,
}: Omit<WorkerParts, 'listen'>): [online: Consumer, lake: Consumer] {
  const { mapper, letters, stream, erased } = events;
  const sink = new OnlineStore({ database, portfolio: portfolio.name, tables: mapper.tables, clock });
  return [
    onlineConsumer({ database, mapper, sink, letters, fault, erased }),
    lakeConsumer({ database, lake, stream: stream.name, fault, erased: erased && { register: erased, mapper } }),
  ];
}

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

function consumerRun({ database, events, clock, log }: WorkerParts, consumer: Consumer, sleep: Sleep): ConsumerRun {
  return new ConsumerRun({ database, stream: events.stream, consumer, owner: currentOwner(), clock, log, sleep });
}

async function keepTidy({ database, events, clock, log }: WorkerParts, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await sleep(MINUTE_MS, signal)) {
    try {
      const now = clock.now().getTime();
      await trimReceipts(database, new Date(now - RECEIPT_RETENTION_MS));
      const olderThan = new Date(now - STREAM_RETENTION_MS);
      if (events.embedded) await trimStream(database, events.embedded, { consumers: CONSUMERS, olderThan });
    } catch (error) {
      log.warn({ error: error instanceof Error ? error.message : error }, 'the stream could not be tidied');
    }
  }
}

/** Ends early, and without an error, when the signal fires. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {});
}
