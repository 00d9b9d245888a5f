// The command line of events on a data directory of its own: a file sent and consumed by a worker that the command starts, refused
// rows kept with their line, a second start that repeats nothing, a killed one that goes on, JSON lines from standard input, redrive.
// Not tested here: what the consumers keep under faults (events.test.ts), speed (bench/stream.ts).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openEventBook } from '../../src/entrypoints/stream-worker/index.ts';
import { loadConfig, REPOSITORY_ROOT, systemClock } from '../../src/platform/index.ts';
import { onlineFacts, payment, rawLines } from './support/event-book.ts';

let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-ingest-command-'));
});
after(() => rm(home, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function assay(
  args: readonly string[],
  options: { input?: string; killWhen?: () => Promise<boolean> } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(REPOSITORY_ROOT, 'src/entrypoints/cli.ts'), ...args], {
    cwd: home,
    env: { ...process.env, ASSAY_HOME: join(home, 'data') },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data));
  child.stderr.on('data', (data: Buffer) => (stderr += data));
  child.stdin.end(options.input ?? '');
  if (options.killWhen) {
    const { killWhen } = options;
    void (async () => {
      while (child.exitCode === null && !(await killWhen())) await pause(50);
      child.kill('SIGKILL');
    })();
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

async function withBook<T>(work: (book: Awaited<ReturnType<typeof openEventBook>>) => Promise<T>): Promise<T> {
  const config = loadConfig({ ASSAY_HOME: join(home, 'data'), ASSAY_LOG_LEVEL: 'silent' }, home);
  const book = await openEventBook({ config, portfolio: 'simulated-bank', clock: systemClock });
  try {
    return await work(book);
  } finally {
    await book.close();
  }
}

async function csv(name: string, ids: readonly string[], bad: readonly string[] = []): Promise<string> {
  const rows = ids.map((id) => payment(id, bad.includes(id) ? { amount: 'much' } : {}).payload);
  const lines = [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map((cells) => cells.join(','));
  await writeFile(join(home, name), `${lines.join('\n')}\n`);
  return name;
}

const numbered = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

test('a file is sent, consumed, and its bad rows kept with their line; again, nothing is repeated', async () => {
  const file = await csv('payments.csv', numbered('T', 300), ['T5', 'T200']);
  const first = JSON.parse((await assay(['ingest', file, '--source', 'transactions', '--json'])).stdout);
  assert.deepEqual([first.rows, first.accepted, first.duplicates, first.rejected], [300, 298, 0, 2]);
  const second = await assay(['ingest', file, '--source', 'transactions', '--json']);
  assert.match(second.stderr, /going on behind row 300/);
  assert.deepEqual([JSON.parse(second.stdout).rows, JSON.parse(second.stdout).resumedAt], [0, 300]);
  const restarted = JSON.parse(
    (await assay(['ingest', file, '--source', 'transactions', '--restart', '--json'])).stdout,
  );
  assert.deepEqual([restarted.accepted, restarted.duplicates, restarted.rejected], [0, 298, 2]);
  const listed = JSON.parse((await assay(['deadletters', 'list', '--json'])).stdout);
  assert.deepEqual(
    listed.rows.map((row: { place: string; field: string; times: number }) => [row.place, row.field, row.times]).sort(),
    [
      ['payments.csv:202', 'amount', 2],
      ['payments.csv:7', 'amount', 2],
    ],
  );
  assert.match((await assay(['deadletters', 'redrive'])).stdout, /0 taken, 0 had been taken before, 2 still refused/);
  await withBook(async (book) => {
    assert.equal((await onlineFacts(book.database, book.portfolio.name)).length, 298);
    assert.equal((await rawLines(book.lake)).length, 298);
  });
});

test('a killed run goes on behind its last acknowledged row, and nothing is lost or doubled', async () => {
  const file = await csv('slow.csv', numbered('K', 600));
  const marked = (): Promise<boolean> =>
    withBook(
      async ({ database }) =>
        (await database.query('SELECT 1 FROM ingest_marks WHERE rows BETWEEN 100 AND 299')).length > 0,
    );
  const killed = await assay(['ingest', file, '--source', 'transactions', '--rate', '150/s'], { killWhen: marked });
  assert.equal(killed.code, null);
  const next = JSON.parse((await assay(['ingest', file, '--source', 'transactions', '--json'])).stdout);
  assert.ok(next.resumedAt >= 100, `went on at ${next.resumedAt}`);
  assert.equal(next.resumedAt + next.rows, 600);
  await withBook(async (book) => {
    const keys = (await onlineFacts(book.database, book.portfolio.name)).filter((line) => line.includes('["K'));
    assert.equal(keys.length, 600);
    assert.equal((await rawLines(book.lake)).filter((line) => line.includes('"booking_no":"K')).length, 600);
  });
});

test('JSON lines from standard input are whole events or payloads; what is no JSON is a dead letter', async () => {
  const pay = { transaction_id: 'P1', account_id: 'A', amount: -10, iso_currency_code: 'EUR', date: '2024-05-01' };
  const lines = [
    JSON.stringify({ source: 'plaid', borrowerId: 'C1', payload: pay }),
    JSON.stringify({ ...pay, transaction_id: 'P2' }),
    '{"transaction_id":',
    '',
  ];
  const result = JSON.parse(
    (await assay(['ingest', '-', '--source', 'plaid', '--json'], { input: lines.join('\n') })).stdout,
  );
  assert.deepEqual([result.rows, result.accepted, result.rejected], [3, 1, 2]);
  const listed = JSON.parse((await assay(['deadletters', 'list', '--source', 'plaid', '--json'])).stdout);
  assert.deepEqual(listed.rows.map((row: { place: string; reason: string }) => `${row.place} ${row.reason}`).sort(), [
    '-:2 missing but required: this source does not say whose account it is',
    '-:3 not JSON',
  ]);
});

test('wrong use is said in four parts', async () => {
  const file = await csv('other.csv', ['X1']);
  const unknown = await assay(['ingest', file, '--source', 'nowhere']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no such source.*given.*nowhere.*allowed.*transactions.*fix/s);
  assert.equal((await assay(['ingest', 'missing.csv', '--source', 'transactions'])).code, 1);
  assert.equal((await assay(['ingest', file, '--source', 'transactions', '--rate', 'fast'])).code, 2);
});
