/**
 * One stream of events delivered once in order, and three times interleaved at random; among them late facts, repeats with another
 * known time, and keys with other content. The online store, the dead letters, and the tables of the processed zone after a run over
 * files and stream must hold the same.
 *
 *   node bench/ingest-orders.ts [--events 100000] [--seeds 3] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { generateBank } from '../src/simulation/index.ts';
import { caughtUp, onlineHash, openBook, processedHashes } from './events/check.ts';
import { Client } from './events/client.ts';
import { type Payment, paymentOf, randomOf } from './events/feed.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    seeds: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
});
const BATCH = 1_000;
const BORROWERS_IN_FILES = 200;
const events = Number(values.events);
const files = await mkdtemp(join(tmpdir(), 'assay-ingest-orders-files-'));

/** Every hundredth comes again known later, every hundredth with other content. */
function feed(): Payment[] {
  const sent: Payment[] = [];
  for (let i = 0; i < events; i++) {
    const payment = paymentOf(i);
    sent.push(payment);
    if (i % 100 === 7) sent.push({ ...payment, payload: { ...payment.payload, known_at: '2024-12-30 10:00:00' } });
    if (i % 100 === 9) sent.push({ ...payment, payload: { ...payment.payload, amount: '77.00' } });
  }
  return sent;
}

/** Three deliveries, each in an order of its own. */
function interleaved(sent: readonly Payment[], seed: number): Payment[] {
  const random = randomOf(seed);
  const all = [...sent, ...sent, ...sent];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all;
}

type Held = Awaited<ReturnType<typeof deliver>>;

function isSame(a: Held, b: Held): boolean {
  return a.hash === b.hash && a.letters === b.letters && isDeepStrictEqual(a.tables, b.tables);
}

async function deliver(order: readonly Payment[]) {
  const home = await mkdtemp(join(tmpdir(), 'assay-ingest-orders-'));
  try {
    const batches = Math.ceil(order.length / BATCH);
    const client = new Client({
      home,
      batches,
      eventsOf: (batch) => order.slice(batch * BATCH, (batch + 1) * BATCH),
    });
    await client.live(() => false);
    const book = await openBook(home);
    await caughtUp(book);
    await client.stop();
    const hash = await onlineHash(book);
    const letters = await book.database.query<{ hash: string }>(
      "SELECT count(*) || ':' || md5(string_agg(dead_letter_id, '' ORDER BY dead_letter_id)) AS hash FROM dead_letters",
    );
    const tables = await processedHashes(book, files);
    await book.close();
    return { ...client.totals, hash, letters: letters[0]!.hash, tables };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

const sent = feed();
await generateBank({ directory: files, seed: 1, borrowers: BORROWERS_IN_FILES });
try {
  const ordered = await deliver(sent);
  const others: Held[] = [];
  for (let seed = 1; seed <= Number(values.seeds); seed++) others.push(await deliver(interleaved(sent, seed)));
  const different = others.filter((other) => !isSame(other, ordered)).length;
  if (values.json) console.log(JSON.stringify({ events: sent.length, ordered, others, different }));
  else {
    console.table(
      [ordered, ...others].map(({ tables, ...held }) => ({ ...held, transactions: tables['transactions'] })),
    );
    console.log(
      `${sent.length} events; ${others.length} deliveries of three copies interleaved; ${different} differ from the ordered one`,
    );
  }
  process.exitCode = different === 0 ? 0 : 1;
} finally {
  await rm(files, { recursive: true, force: true });
}
