/**
 * A million events through the door, the stream and both consumers, in a process that is killed with SIGKILL at random moments:
 * what was acknowledged must be there once, and nothing else. The client goes on behind its last acknowledgement.
 *
 *   node bench/ingest-kills.ts [--events 1000000] [--kills 200] [--seed 1] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { caughtUp, onlineAgainst, openBook, rawAgainst } from './events/check.ts';
import { Client } from './events/client.ts';
import { oracle, paymentOf, randomOf } from './events/feed.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const BATCH = 1_000;
const [events, kills] = [Number(values.events), Number(values.kills)];
const random = randomOf(Number(values.seed));
const batches = Math.ceil(events / BATCH);
const numbersOf = (batch: number): number[] =>
  Array.from({ length: Math.min(BATCH, events - batch * BATCH) }, (_, i) => batch * BATCH + i);
// half of them between an effect and its checkpoint, by the process itself; half from outside, wherever it is
const moments = Array.from({ length: kills }, () => Math.floor(random() * batches)).sort((a, b) => a - b);

const home = await mkdtemp(join(tmpdir(), 'assay-ingest-kills-'));
try {
  const began = performance.now();
  const client = new Client({ home, batches, eventsOf: (batch) => numbersOf(batch).map(paymentOf) });
  let killed = 0;
  while (!client.isDone) {
    const end = await client.live((acknowledged) => {
      if (killed >= moments.length || acknowledged < moments[killed]!) return false;
      setTimeout(() => client.kill(), random() * 60);
      killed++;
      return false;
    });
    if (end === 'done') break;
    if (!values.json)
      process.stdout.write(`\r${killed} kills, ${client.acknowledgedBatches * BATCH} events acknowledged`);
  }
  const sentSeconds = (performance.now() - began) / 1000;
  const book = await openBook(home);
  await caughtUp(book);
  await client.stop();
  const seconds = (performance.now() - began) / 1000;
  const online = await onlineAgainst(book, oracle(Array.from({ length: events }, (_, i) => i)));
  const raw = await rawAgainst(book);
  const letters = await book.events.letters.waiting(book.database);
  await book.close();
  const figures = {
    events,
    kills: killed,
    sentSeconds: Math.round(sentSeconds),
    seconds: Math.round(seconds),
    ...client.totals,
    factsOnline: online.facts,
    borrowersWrong: online.wrong,
    linesInRawZone: raw.lines,
    linesTwice: raw.doubled,
    deadLetters: letters,
  };
  if (values.json) console.log(JSON.stringify(figures));
  else console.log(`\n${JSON.stringify(figures, null, 2)}`);
  const isWhole = online.facts === events && raw.lines === events && raw.doubled === 0 && online.wrong === 0;
  process.exitCode = isWhole && letters === 0 ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}
