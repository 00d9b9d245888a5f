// `assay features` on a small simulated bank: list, get at a time and over time, parity. Prints and exit, as a person or a script
// would see them. Not tested here: the cells themselves (test/parity).
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { AssayError } from '../../src/domain/index.ts';
import { registerFeatures } from '../../src/entrypoints/commands/features.ts';
import type { CommandContext } from '../../src/entrypoints/context.ts';
import { openSystem } from '../../src/entrypoints/system.ts';
import { FEATURES_KEY, fillOnlineStore, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { factKeyOf, loadConfig, openWarehouse } from '../../src/platform/index.ts';

let home = '';
let borrower = '';
const clock = { now: () => new Date('2026-01-01T00:00:00Z') };

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-features-command-'));
  const config = loadConfig(environment(), '/');
  const system = await openSystem({ config, portfolio: 'simulated-bank', clock });
  try {
    const { portfolio, lake, warehouse, online } = system;
    const dataDirectory = join(home, 'sources');
    await portfolio.generate?.({ directory: dataDirectory, seed: 9, borrowers: 40 });
    await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
    const tables = tablesOf(portfolio);
    const context = { warehouse, lake, catalog: portfolio.features, tables, store: online };
    await fillOnlineStore({ ...context, snapshotId: 'test', endsWithData: true });
    const [first] = await system.database.query<{ borrower_id: string }>(
      "SELECT borrower_id FROM online_base WHERE table_name = 'loan_applications' ORDER BY borrower_id",
    );
    borrower = first!.borrower_id;
  } finally {
    await system.close();
  }
});
after(() => rm(home, { recursive: true, force: true }));

const environment = () => ({ ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'silent', ASSAY_NTHREAD: '1' });

async function run(...args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const context: CommandContext = {
    environment: environment(),
    workingDirectory: '/',
    clock,
    signal: new AbortController().signal,
    isTerminal: false,
    print: (text) => void printed.push(text),
    printError: () => {},
  };
  const program = new Command().exitOverride();
  registerFeatures(program, context);
  await program.parseAsync(['features', ...args], { from: 'user' });
  return printed.join('\n');
}

test('build and list: every feature with its class, formula and lineage', async () => {
  assert.match(await run('build'), /^simulated-bank: \d+ features of \d+ loan applications/);
  const features: { name: string; dataClass: string; lineage: string[] }[] = JSON.parse(await run('list', '--json'));
  assert.ok(features.length > 60);
  assert.ok(features.every(({ dataClass, lineage }) => dataClass !== 'protected' && lineage.length > 0));
  assert.match(await run('list'), /loan_amount .*amount_minor/);
});

test('get: as of a time only what was known before it, over time in equal steps', async () => {
  const over = JSON.parse(await run('get', borrower, '--over', '120', '--points', '5', '--json'));
  assert.equal(over.rows.length, 5);
  const last: { asOf: string; features: Record<string, unknown> } = over.rows.at(-1);
  const again = JSON.parse(await run('get', borrower, '--as-of', last.asOf, '--json'));
  assert.deepEqual(again.rows[0], last);
  const early = JSON.parse(await run('get', borrower, '--as-of', '1990-01-01', '--json'));
  assert.equal(early.rows[0].applicationId, null);
  assert.match(await run('get', borrower, '--feature', 'loan_amount'), /^borrower .*\n.*\n.*\nloan_amount/);
});

test('get: what is not there is said by name', async () => {
  await assert.rejects(run('get', 'nobody'), (error) => error instanceof AssayError && error.code === 'not_found');
  await assert.rejects(run('get', borrower, '--feature', 'horoscope'), /horoscope/);
  await assert.rejects(run('get', borrower, '--as-of', 'yesterday'), /yesterday/);
});

test('sql: the script that is printed gives in DuckDB what build wrote; for Spark it is Spark SQL', async () => {
  const script = await run('sql', '--feature', 'loan_amount', 'surplus_after_instalment');
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    const statements = script.split(/;\n|;$/).filter((statement) => statement.trim() !== '');
    for (const statement of statements.slice(0, -1)) await warehouse.run(statement);
    const columns = 'application_id, loan_amount, surplus_after_instalment';
    const rowsOf = (from: string) => warehouse.rows(`SELECT ${columns} FROM ${from} ORDER BY application_id`);
    const built = join(home, 'lake', 'simulated-bank', FEATURES_KEY);
    const rows = await rowsOf(`(${statements.at(-1)})`);
    assert.ok(rows.length > 0);
    assert.deepEqual(rows, await rowsOf(`read_parquet('${built}')`));
  } finally {
    await warehouse.close();
  }
  const spark: { dialect: string; sql: string } = JSON.parse(await run('sql', '--dialect', 'spark', '--json'));
  assert.equal(spark.dialect, 'spark');
  assert.match(spark.sql, /^SET spark\.sql\.[\s\S]*CREATE OR REPLACE TEMPORARY VIEW `transactions` USING parquet/);
  await assert.rejects(run('sql', '--feature', 'horoscope'), /no such feature.*horoscope/s);
});

test('parity: no mismatch; a streamed fact that the lake lacks is named, and the exit is a failure', async () => {
  assert.match(await run('parity'), /^online: \d+ loan applications, \d+ cells compared, 0 mismatches$/);
  assert.match(await run('parity', '--sample', '7'), /^online: 7 loan applications/);
  const system = await openSystem({ config: loadConfig(environment(), '/'), portfolio: 'simulated-bank', clock });
  try {
    const { database, online } = system;
    const table = tablesOf(system.portfolio).find(({ name }) => name === 'transactions')!;
    const known = Date.UTC(2015, 0, 1) * 1000;
    const row = {
      ...{ transaction_id: 'late', account_id: 'x', borrower_id: borrower, occurred_at: known, known_at: known },
      ...{ amount_minor: 123, balance_minor: null, channel: 'card', category: 'dining', counterparty: null },
    };
    const fact = { table: table.name, key: factKeyOf(table, row), borrowerId: borrower, row };
    await database.transaction((transaction) => online.apply(transaction, [fact]));
  } finally {
    await system.close();
  }
  await assert.rejects(run('parity'), /batch and online features differ/);
});
