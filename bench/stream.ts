/**
 * How fast events become durable facts: a file through `assay ingest` (checked, told from repeats, on the stream, in the online
 * store and the raw zone), beside the same rows put into one keyed table of the same PostgreSQL, 5,000 a transaction, which checks
 * and keeps nothing else. Alternating in one run. Beside the rate stands what share of the machine's cores the run had, and what share had
 * nothing to do: where the rest of the machine works on something else, the rate is that of the share. Linux only (/proc).
 *
 *   node bench/stream.ts [--events 200000] [--rounds 2] [--json]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { REPOSITORY_ROOT } from '../src/platform/index.ts';
import { caughtUp, openBook } from './events/check.ts';
import { paymentOf } from './events/feed.ts';
import { childrenSeconds, idleSeconds, serverSeconds } from './events/processor.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '2' },
    json: { type: 'boolean' },
  },
});
const events = Number(values.events);
const home = await mkdtemp(join(tmpdir(), 'assay-bench-stream-'));
const run = promisify(execFile);

/** Each round has rows of its own: a repeat would be a duplicate. */
async function fileOf(round: number): Promise<string> {
  const rows = Array.from({ length: events }, (_, i) => paymentOf(round * events + i).payload);
  const path = join(home, `round-${round}.csv`);
  const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(','));
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

type Ours = {
  readonly ours: number;
  /** Of all cores, over the command from its start to its end. */
  readonly oursCores: number;
  readonly idleCores: number;
  /** With the start of the command and of its worker. */
  readonly microsPerEvent: number;
};

async function ours(path: string): Promise<Ours> {
  const busy = (): number => childrenSeconds() + serverSeconds(home);
  const [began, busyBefore, idleBefore] = [performance.now(), busy(), idleSeconds()];
  const { stdout } = await run(
    process.execPath,
    [join(REPOSITORY_ROOT, 'src/entrypoints/cli.ts'), 'ingest', path, '--source', 'transactions', '--json'],
    { env: { ...process.env, ASSAY_HOME: home } },
  );
  const result: { accepted: number; seconds: number } = JSON.parse(stdout);
  if (result.accepted !== events) throw new Error(`${result.accepted} of ${events} accepted`);
  const coreSeconds = ((performance.now() - began) / 1000) * availableParallelism();
  const share = (seconds: number): number => Math.round((seconds / coreSeconds) * 100) / 100;
  const used = busy() - busyBefore;
  return {
    ours: Math.round(events / result.seconds),
    oursCores: share(used),
    idleCores: share(idleSeconds() - idleBefore),
    microsPerEvent: Math.round((used / events) * 1e7) / 10,
  };
}

async function bare(book: Awaited<ReturnType<typeof openBook>>, round: number): Promise<number> {
  await book.database.query(
    'CREATE TABLE IF NOT EXISTS bare_rows (id text PRIMARY KEY, borrower text, at text, content text)',
  );
  const began = performance.now();
  for (let at = 0; at < events; at += 5_000) {
    const rows = Array.from(
      { length: Math.min(5_000, events - at) },
      (_, i) => paymentOf(round * events + at + i).payload,
    );
    await book.database.transaction(async (transaction) => {
      await transaction.prepared(
        'bare_insert',
        'INSERT INTO bare_rows SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])',
        [
          rows.map((row) => row['booking_no']),
          rows.map((row) => row['customer_no']),
          rows.map((row) => row['booked_at']),
          rows.map((row) => JSON.stringify(row)),
        ],
      );
    });
  }
  return (events / (performance.now() - began)) * 1000;
}

const book = await openBook(home);
try {
  const rates: (Ours & { readonly bare: number })[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const path = await fileOf(round);
    rates.push({ ...(await ours(path)), bare: Math.round(await bare(book, round)) });
  }
  await caughtUp(book);
  if (values.json) console.log(JSON.stringify({ events, rates }));
  else console.table(rates);
} finally {
  await book.close();
  await rm(home, { recursive: true, force: true });
}
