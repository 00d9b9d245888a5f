/**
 * Walks a person out of a whole installation: the simulated bank is run, events of one borrower are streamed, some refused; the borrower
 * is erased; the same files and the same feed are taken again. Then the borrower's id and application are looked for in every table
 * of the database, every Parquet file, the opened sealed zone, every compressed and plain file. Not looked into: source files as they were
 * delivered (docs/personal-data.md says why), and the stream's own log, which leaves after a day.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { zstdDecompressSync } from 'node:zlib';
import { DecisionStore, PersonStore } from '../../src/decisions/index.ts';
import { bookPipeline } from '../../src/entrypoints/run-book.ts';
import { personFacts } from '../../src/entrypoints/server/person-facts.ts';
import { consumersOf } from '../../src/entrypoints/stream-worker/run-worker.ts';
import { openSystem, type System } from '../../src/entrypoints/system.ts';
import { tablesOf } from '../../src/features/index.ts';
import { FraudLinkStore } from '../../src/fraud/index.ts';
import {
  type BookEvents,
  ConsumerRun,
  type Funnel,
  noFaults,
  openBookEvents,
  openSealedTables,
} from '../../src/ingestion/index.ts';
import {
  systemClock as clock,
  createLog,
  findXgboost,
  loadConfig,
  openErasedRegister,
  openPersonVault,
  openSealedZone,
} from '../../src/platform/index.ts';

const library = await findXgboost(loadConfig(process.env, process.cwd()));
const skip = library === undefined ? 'libxgboost is not installed on this machine; "assay doctor" says how' : false;
const BORROWERS = 400;

let home: string;
let system: System;
let events: BookEvents;
let persons: PersonStore;
let canaries: string[];

async function runBook(): Promise<Funnel> {
  const options = { portfolio: system.portfolio.name, data: home, borrowers: BORROWERS, seed: 1 };
  await bookPipeline(system, options, clock).run({ trigger: 'test', signal: new AbortController().signal });
  return JSON.parse(Buffer.from(await system.lake.get('processed/_quality/funnel.json')).toString('utf8'));
}

/** Everything on the stream into the online store and the raw zone. */
async function consume(): Promise<void> {
  const { database, lake, portfolio } = system;
  const log = createLog({ logLevel: 'silent' });
  for (const consumer of consumersOf({ database, lake, portfolio, events, clock, log, fault: noFaults })) {
    const run = new ConsumerRun({
      ...{ database, stream: events.stream, consumer, owner: 'test', clock, log },
      sleep: async () => {},
    });
    while (await run.round(true));
  }
}

const transaction = (id: string, customer: string, amount = '-12.50') => ({
  source: 'transactions',
  payload: {
    booking_no: id,
    account_no: 'A-streamed',
    customer_no: customer,
    booked_at: '2024-03-02 10:20:30',
    known_at: '2024-03-02 23:59:59',
    amount,
    balance: '100.00',
    channel: 'card',
    category: 'groceries',
    counterparty: 'shop',
  },
});
const send = (...values: unknown[]) => events.intake.accept(values.map((value) => ({ value })));

/** Where a canary is found, by table or file. */
async function found(): Promise<string[]> {
  const places: string[] = [];
  const look = (place: string, text: string): void => {
    for (const canary of canaries) if (text.includes(canary)) places.push(`${canary} in ${place}`);
  };
  const tables = await system.database.query<{ name: string }>(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables) {
    const rows = await system.database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
    look(name, rows.map(({ text }) => text).join('\n'));
    if (name === 'dead_letters') {
      const letters = await system.database.query<{ original: Buffer }>('SELECT original FROM dead_letters');
      look(name, letters.map(({ original }) => original.toString('utf8')).join('\n'));
    }
  }
  const delivered = new Set(system.portfolio.sources.map(({ name }) => name));
  for (const name of await readdir(home, { recursive: true })) {
    const path = join(home, name);
    if (/(^|\/)(postgres|sources)\//.test(name) || delivered.has(/raw\/([^/]+)\//.exec(name)?.[1] ?? '')) continue;
    if ((await stat(path)).isFile()) look(name, await contentOf(path));
  }
  const { warehouse } = system;
  await warehouse.run('CREATE SCHEMA IF NOT EXISTS opened');
  const sealed = openSealedZone({ lake: system.lake, home });
  await openSealedTables({ warehouse, sealed }, 'opened', tablesOf(system.portfolio));
  for (const { name } of await warehouse.rows<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'opened'`,
  )) {
    look(
      `sealed ${name}`,
      JSON.stringify(await warehouse.rows(`SELECT t::VARCHAR AS text FROM opened."${name}" AS t`)),
    );
  }
  await warehouse.run('DROP SCHEMA opened CASCADE');
  return [...new Set(places)].sort();
}

async function contentOf(path: string): Promise<string> {
  if (path.endsWith('.parquet') && !path.includes('/sealed/')) {
    const rows = await system.warehouse.rows<{ text: string }>(
      `SELECT t::VARCHAR AS text FROM read_parquet('${path}', hive_partitioning = false) AS t`,
    );
    return rows.map(({ text }) => text).join('\n');
  }
  const content = await readFile(path);
  return path.endsWith('.zst') ? zstdDecompressSync(content).toString('utf8') : content.toString('latin1');
}

describe('erasure reaches everything and stays', { skip }, () => {
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'assay-erasure-'));
    const config = loadConfig(
      { ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent', ASSAY_NTHREAD: '1' },
      process.cwd(),
    );
    const opened = await openSystem({ config, portfolio: 'simulated-bank', clock });
    system = { ...opened, portfolio: { ...opened.portfolio, estimators: ['logistic'], championEstimator: 'logistic' } };
    const { database, portfolio, online } = system;
    const erased = openErasedRegister({ home, database, portfolio: portfolio.name, clock });
    events = await openBookEvents({ database, portfolio, clock, erased });
    const vault = openPersonVault({ home, database, portfolio: portfolio.name, clock });
    const store = new DecisionStore({ database, clock, portfolio: portfolio.name, vault });
    const { fraud } = portfolio;
    const links = fraud && new FraudLinkStore({ database, portfolio: portfolio.name, definition: fraud, vault });
    const facts = personFacts(online, links);
    const { letters } = events;
    persons = new PersonStore({
      database,
      clock,
      portfolio: { name: portfolio.name },
      store,
      vault,
      facts,
      letters,
      erased,
    });
  });
  after(async () => {
    await system?.close();
    await rm(home, { recursive: true, force: true });
  });

  test('before: the borrower is in the lake, the online store, the fraud keys, the sealed zone, the raw stream and a dead letter', async () => {
    await runBook();
    const [row] = await system.warehouse.rows<{ borrower_id: string; application_id: string }>(
      `SELECT borrower_id, application_id FROM read_parquet('${system.lake.path('modeled/scores/scores.parquet')}')
       ORDER BY application_id LIMIT 1 OFFSET 100`,
    );
    canaries = [row!.borrower_id, row!.application_id];
    const [customer] = canaries;
    const results = await send(
      transaction('S-1', customer!),
      transaction('S-2', customer!, 'a lot'),
      transaction('S-3', 'C-else'),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['accepted', 'rejected', 'accepted'],
    );
    await consume();
    await runBook();
    const places = (await found()).join('\n');
    for (const place of [
      'online_base',
      'fraud_links',
      'dead_letters',
      'raw/stream/',
      'processed/',
      'modeled/scores',
      'modeled/features',
      'sealed ',
    ]) {
      assert.ok(places.includes(place), `${place} in:\n${places}`);
    }
  });

  test('at once: facts and dead letters go, the feed brings nothing back, and what is pending is said', async () => {
    const erasure = await persons.erase(canaries[0]!, 'compliance', 'asked for by letter of today');
    assert.ok(erasure.facts > 0);
    assert.equal(erasure.deadLetters, 1);
    assert.match(erasure.pending.map(({ where, until }) => `${where}: ${until}`).join('\n'), /marts.*next run/);
    // another process learns of it within half a second
    await sleep(600);
    const [again, refused] = await send(transaction('S-4', canaries[0]!), transaction('S-5', canaries[0]!, 'a lot'));
    assert.deepEqual(again, { status: 'accepted', facts: 0, skipped: ['the person was erased'] });
    assert.equal(refused!.status, 'rejected');
    await consume();
    const places = await found();
    for (const place of places) assert.match(place, /processed|sealed|modeled|raw\/stream/, places.join('\n'));
  });

  test('after the next run nothing of the person is anywhere, and the books close with the rows counted as erased', async () => {
    const funnel = await runBook();
    assert.deepEqual(await found(), []);
    const erased = new Map(
      funnel.sources.map(({ source, tables }) => [source, tables.reduce((n, one) => n + one.erased, 0)]),
    );
    assert.ok(erased.get('transactions')! > 0 && erased.get('loan_applications') === 1, JSON.stringify([...erased]));
    for (const { rowsRead, excluded, tables } of funnel.sources) {
      for (const one of tables) {
        assert.equal(rowsRead, excluded + one.notMapped + one.rejected + one.duplicates + one.erased + one.written);
      }
    }
    const [others] = await system.warehouse.rows<{ n: number }>(
      `SELECT count(DISTINCT borrower_id) AS n FROM read_parquet('${system.lake.path('modeled/scores/scores.parquet')}')`,
    );
    assert.ok(others!.n > BORROWERS / 2);
  });

  test('an erasure waits for who is storing facts, and who stores after it has the list', async () => {
    const { database, portfolio } = system;
    const register = openErasedRegister({ home, database, portfolio: portfolio.name, clock });
    const order: string[] = [];
    const storing = database.transaction(async (transaction) => {
      assert.equal((await register.hold(transaction)).has('C-else'), false);
      await sleep(300);
      order.push('stored');
    });
    await sleep(100);
    await persons.erase('C-else', 'compliance', 'asked for by letter of today');
    order.push('erased');
    await storing;
    assert.deepEqual(order, ['stored', 'erased']);
    assert.ok(await database.transaction(async (transaction) => (await register.hold(transaction)).has('C-else')));
  });

  test('under another master key, which would recognise nobody, nothing is ingested', async () => {
    const other = await mkdtemp(join(tmpdir(), 'assay-other-key-'));
    const register = openErasedRegister({
      home: other,
      database: system.database,
      portfolio: system.portfolio.name,
      clock,
    });
    await assert.rejects(register.current(), { code: 'tampered' });
    await rm(other, { recursive: true, force: true });
  });
});
