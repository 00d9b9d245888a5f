/**
 * What an event costs in processor time, ours and PostgreSQL's, at the door and at each consumer: a figure that other work on the
 * machine does not move, as it moves a rate. Linux only (/proc).
 *
 *   node bench/event-cpu.ts [--events 60000] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { consumersOf } from '../src/entrypoints/stream-worker/index.ts';
import { type ConsumerName, ConsumerRun, noFaults } from '../src/ingestion/index.ts';
import { openBook } from './events/check.ts';
import { paymentOf } from './events/feed.ts';
import { serverSeconds } from './events/processor.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '60000' }, json: { type: 'boolean' } } });
const BATCH = 2_000;
const events = Number(values.events);
const home = await mkdtemp(join(tmpdir(), 'assay-bench-event-cpu-'));
const book = await openBook(home);

type Cost = { readonly nodeMicros: number; readonly postgresMicros: number };

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const [ours, theirs] = [process.cpuUsage(), serverSeconds(home)];
  await work();
  const { user, system } = process.cpuUsage(ours);
  const perEvent = (micros: number): number => Math.round((micros / events) * 10) / 10;
  return { nodeMicros: perEvent(user + system), postgresMicros: perEvent((serverSeconds(home) - theirs) * 1e6) };
}

async function door(): Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  for (let at = 0; at < events; at += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, events - at) }, (_, i) => ({ value: paymentOf(at + i) }));
    const taken = book.events.intake.accept(batch);
    await before;
    before = taken;
  }
  await before;
}

try {
  const costs: Record<string, Cost> = { door: await costOf(door) };
  for (const consumer of consumersOf({ ...book, fault: noFaults })) {
    const { database, events: bookEvents, clock, log } = book;
    const run = new ConsumerRun({
      database,
      stream: bookEvents.stream,
      consumer,
      owner: 'bench',
      clock,
      log,
      sleep: async () => {},
    });
    costs[consumer.name] = await costOf(async () => {
      while ((await bookEvents.backlog([consumer.name as ConsumerName])) > 0) await run.round(true);
    });
  }
  const total = Object.values(costs).reduce((sum, cost) => sum + cost.nodeMicros + cost.postgresMicros, 0);
  const eventsPerSecondOfTwoCores = Math.round(2e6 / total);
  if (values.json) console.log(JSON.stringify({ events, costs, eventsPerSecondOfTwoCores }));
  else {
    console.table(costs);
    console.log(`${total.toFixed(1)} µs an event: two cores are full at ${eventsPerSecondOfTwoCores} events a second`);
  }
} finally {
  await book.close();
  await rm(home, { recursive: true, force: true });
}
