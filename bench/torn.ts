/**
 * Tears every file that a book keeps outside PostgreSQL, each in ten ways a power cut may leave it, and flips bits in the files of
 * PostgreSQL: what reads them next must find the last acknowledged state, or refuse and name the file (R4, R5).
 * Without --home a book of the simulated bank is made first, which takes about a minute; a home that is given is copied.
 * node bench/torn.ts [--home DIR] [--borrowers 800] [--files REGEXP] [--ways 10] [--flips 40] [--seed 1] [--json]
 */
import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { seedUsers } from '../src/api/index.ts';
import { openLocalLake, REPOSITORY_ROOT, systemClock } from '../src/platform/index.ts';
import { randomOf } from './events/feed.ts';
import { type Trial, tear } from './torn/damages.ts';
import { lakeState, rawState, recordState, withSystem } from './torn/state.ts';

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    borrowers: { type: 'string', default: '800' },
    files: { type: 'string', default: '' },
    ways: { type: 'string', default: '10' },
    flips: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const random = randomOf(Number(values.seed));
const ASSAY = join(REPOSITORY_ROOT, 'bin/assay.js');
/** Not state: locks, logs, scratch, what says who uses the database now, and the lender's own files. */
const NOT_STATE = /^(postgres\/|postgres-users\/|tmp\/|sources\/)|\.log$|\.lock$/;

const say = (text: string): void => void (values.json || console.log(text));

async function assay(home: string, ...words: string[]): Promise<void> {
  const environment = { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent' };
  await promisify(execFile)(process.execPath, [ASSAY, ...words], { env: environment, maxBuffer: 1 << 26 });
}

/** A book with decisions, streamed events and a signed checkpoint. */
async function prepare(home: string): Promise<void> {
  // with owners and modes, which PostgreSQL insists on
  if (values.home !== undefined) await promisify(execFile)('cp', ['-a', `${values.home}/.`, home]);
  else await assay(home, 'up', '--once', '--borrowers', values.borrowers);
  const at = new Date().toISOString();
  const events = Array.from({ length: 50 }, (_, i) => ({
    ...{ source: 'plaid', borrowerId: `B${i}` },
    payload: { transaction_id: `torn-${i}`, account_id: 'A', amount: -10, iso_currency_code: 'EUR', datetime: at },
  }));
  const file = join(home, 'tmp', 'events.jsonl');
  await writeFile(file, events.map((event) => JSON.stringify(event)).join('\n'));
  await assay(home, 'ingest', file, '--source', 'plaid');
  const borrowers = await withSystem(home, async ({ database, warehouse, lake }) => {
    await seedUsers({ database, clock: systemClock, password: undefined });
    return warehouse.rows<{ id: string }>(
      `SELECT DISTINCT borrower_id AS id FROM read_parquet('${lake.path('processed/loan_applications')}/*/*.parquet') ORDER BY 1 LIMIT 5`,
    );
  });
  for (const { id } of borrowers) {
    const application = join(home, 'tmp', 'application.json');
    await writeFile(application, JSON.stringify({ borrowerId: id, amountMinor: 500_000, termMonths: 24 }));
    await assay(home, 'decide', application);
  }
  await assay(home, 'audit', 'checkpoint');
}

/** Every durable file; of a table's many partitions the first and the last. */
async function filesOf(home: string): Promise<string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const all = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))
    .filter((file) => !NOT_STATE.test(file) && new RegExp(values.files).test(file))
    .sort();
  const partitions = Map.groupBy(all, (file) => file.replace(/dt=[^/]*/, 'dt='));
  return [...partitions.values()].flatMap((files) => [...new Set([files[0]!, files.at(-1)!])]);
}

function readerOf(home: string, file: string): () => Promise<unknown> {
  if (/^lake\/[^/]*\/raw\//.test(file)) {
    return async () => {
      const folder = await mkdtemp(join(tmpdir(), 'assay-torn-raw-'));
      return rawState(home, openLocalLake(folder)).finally(() => rm(folder, { recursive: true, force: true }));
    };
  }
  return /^lake\//.test(file) || /protected\.key$/.test(file) ? () => lakeState(home) : () => recordState(home);
}

async function tearAll(home: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const file of await filesOf(home)) {
    const found = await tear(join(home, file), readerOf(home, file), { random, only: Number(values.ways) });
    trials.push(...found.map((trial) => ({ ...trial, file })));
    const bad = found.filter(({ verdict }) => verdict === 'silent' || verdict === 'unnamed');
    say(`${file}: ${summary(found)}${bad.map((one) => `\n  ${one.damage}: ${one.verdict} ${one.message}`).join('')}`);
  }
  return trials;
}

const VERDICTS = ['recovered', 'refused', 'unnamed', 'silent'] as const;
const countOf = (trials: readonly Trial[], verdict: Trial['verdict']): number =>
  trials.filter((trial) => trial.verdict === verdict).length;
const summary = (trials: readonly Trial[]): string =>
  VERDICTS.filter((verdict) => countOf(trials, verdict) > 0)
    .map((verdict) => `${countOf(trials, verdict)} ${verdict}`)
    .join(', ');

/** Files of the tables that hold the record, while the server is down. */
async function heapFiles(home: string): Promise<string[]> {
  const rows = await withSystem(home, ({ database }) =>
    database.query<{ path: string }>(
      `SELECT pg_relation_filepath(oid) AS path FROM pg_class
       WHERE relname IN ('decisions', 'decisions_pkey', 'audit_log', 'model_versions', 'credit_policies') AND pg_relation_size(oid) > 0`,
    ),
  );
  return rows.map(({ path }) => path);
}

/** One bit at a time, the server started anew: read as before (the page was not needed), or refused; never another answer. */
async function flipBits(
  home: string,
  flips: number,
): Promise<{ flips: number; same: number; found: number; silent: number }> {
  const paths = await heapFiles(home);
  const expected = JSON.stringify(await recordState(home));
  const counts = { flips, same: 0, found: 0, silent: 0 };
  const place: { dataDirectory: string } = JSON.parse(await readFile(join(home, 'postgres.json'), 'utf8'));
  for (let i = 0; i < flips; i++) {
    const path = join(home, place.dataDirectory, paths[Math.floor(random() * paths.length)]!);
    const offset = Math.floor(random() * (await stat(path)).size);
    await flip(path, offset, 1 << Math.floor(random() * 8), async () => {
      const state = await recordState(home).then(JSON.stringify, () => undefined);
      if (state === undefined) counts.found++;
      else if (state === expected) counts.same++;
      else counts.silent++;
    });
  }
  return counts;
}

async function flip(path: string, offset: number, mask: number, during: () => Promise<void>): Promise<void> {
  const write = async (): Promise<void> => {
    const file = await open(path, 'r+');
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, offset);
    byte[0]! ^= mask;
    await file.write(byte, 0, 1, offset);
    await file.close();
  };
  await write();
  await during().finally(write);
}

const home = await mkdtemp(join(tmpdir(), 'assay-torn-'));
try {
  await prepare(home);
  const began = performance.now();
  const trials = await tearAll(home);
  const bits = await flipBits(home, Number(values.flips));
  const seconds = Math.round((performance.now() - began) / 1000);
  const figures = {
    files: new Set(trials.map(({ file }) => file)).size,
    trials: trials.length,
    ...Object.fromEntries(VERDICTS.map((verdict) => [verdict, countOf(trials, verdict)])),
    bitFlips: bits,
    seconds,
  };
  console.log(JSON.stringify(figures, null, values.json ? 0 : 2));
  const failed = countOf(trials, 'silent') + countOf(trials, 'unnamed') + bits.silent;
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(home, { recursive: true, force: true });
}
