/**
 * One event in a hundred is poison: all of them must be among the dead letters with a reason, the others must not go slower, and
 * a redrive after the cause was mended must apply each once. Clean and poisoned feeds alternate in one run.
 *
 *   node bench/ingest-poison.ts [--events 1000000] [--rounds 1] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { caughtUp, onlineAgainst, openBook } from './events/check.ts';
import { Client } from './events/client.ts';
import { oracle, paymentOf } from './events/feed.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const BATCH = 1_000;
const events = Number(values.events);
const isPoison = (i: number): boolean => i % 100 === 13;

/** Five kinds of poison; what a mended mapper could take is the category that is not known. */
function poisonOf(i: number): unknown {
  const payment = paymentOf(i);
  switch (Math.floor(i / 100) % 5) {
    case 0:
      return { ...payment, payload: { ...payment.payload, amount: 'much' } };
    case 1:
      return { ...payment, payload: { ...payment.payload, booked_at: '2024-13-45 00:00:00' } };
    case 2:
      return { ...payment, source: 'nowhere' };
    case 3:
      return { ...payment, payload: [i] };
    default:
      return { ...payment, payload: { ...payment.payload, category: 'bribes' } };
  }
}

async function run(poisoned: boolean) {
  const home = await mkdtemp(join(tmpdir(), 'assay-ingest-poison-'));
  try {
    const eventOf = (i: number): unknown => (poisoned && isPoison(i) ? poisonOf(i) : paymentOf(i));
    const client = new Client({
      home,
      batches: Math.ceil(events / BATCH),
      eventsOf: (batch) =>
        Array.from({ length: Math.min(BATCH, events - batch * BATCH) }, (_, i) => eventOf(batch * BATCH + i)),
    });
    const book = await openBook(home);
    const began = performance.now();
    await client.live(() => false);
    await caughtUp(book, ['online']);
    const seconds = (performance.now() - began) / 1000;
    const result = poisoned ? await afterwards(book) : {};
    await client.stop();
    await book.close();
    return { seconds, perSecond: events / seconds, ...client.totals, ...result };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function afterwards(book: Awaited<ReturnType<typeof openBook>>) {
  const waiting = await book.events.letters.waiting(book.database);
  const [reasons] = await book.database.query<{ n: number }>(
    "SELECT count(*) AS n FROM dead_letters WHERE reason <> '' AND length(original) > 0",
  );
  // as if the mapper had been mended: the category it did not know is now another
  await book.database.query(
    `UPDATE dead_letters SET original = convert_to(replace(convert_from(original, 'UTF8'), '"bribes"', '"dining"'), 'UTF8')`,
  );
  const both = await Promise.all([book.events.redrive(), book.events.redrive()]);
  await caughtUp(book);
  const redriven = both.reduce((sum, { accepted }) => sum + accepted, 0);
  const mended = (i: number): boolean => isPoison(i) && Math.floor(i / 100) % 5 === 4;
  const kept = Array.from({ length: events }, (_, i) => i).filter((i) => !isPoison(i) || mended(i));
  const online = await onlineAgainst(book, oracle(kept.filter((i) => !mended(i))));
  const expectedRedriven = kept.filter(mended).length;
  return {
    waiting,
    withReason: reasons!.n,
    redriven,
    expectedRedriven,
    factsOnline: online.facts,
    expectedFacts: kept.length,
  };
}

const rounds: { clean: Awaited<ReturnType<typeof run>>; poisoned: Awaited<ReturnType<typeof run>> }[] = [];
for (let round = 0; round < Number(values.rounds); round++)
  rounds.push({ clean: await run(false), poisoned: await run(true) });
const loss =
  1 - rounds.reduce((sum, { clean, poisoned }) => sum + poisoned.perSecond / clean.perSecond, 0) / rounds.length;
console.log(JSON.stringify({ events, lossShare: Math.round(loss * 1000) / 1000, rounds }, null, values.json ? 0 : 2));
