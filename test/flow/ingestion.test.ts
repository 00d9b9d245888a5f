/**
 * Whole books from source files to the processed zone: the simulated bank with planted faults, checked against the bank without
 * them; a run killed in the middle; and, where the public data are at hand (ASSAY_SHARED_DATA), the five real books against the
 * counts their publishers give. Does not test single kinds of faults: src/ingestion does.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { loadPortfolio } from '../../portfolios/index.ts';
import { type Funnel, ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  fixedClock,
  type Lake,
  openLocalLake,
  openWarehouse,
  REPOSITORY_ROOT,
  type Warehouse,
} from '../../src/platform/index.ts';
import { generateBank } from '../../src/simulation/index.ts';

const DATA = resolve(REPOSITORY_ROOT, process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');
const withoutData = existsSync(join(DATA, 'berka/loan.asc'))
  ? false
  : `no public data sets at ${DATA}; set ASSAY_SHARED_DATA`;
const clock = fixedClock(new Date('2025-01-01T00:00:00Z'));
const BORROWERS = 400;

let home: string;
let warehouse: Warehouse;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-ingestion-flow-'));
  warehouse = await openWarehouse({ threads: 1 });
});
after(async () => {
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

async function ingestBank(name: string, faultRate: number): Promise<{ lake: Lake; funnel: Funnel }> {
  const directory = join(home, name);
  await generateBank({ directory, seed: 3, borrowers: BORROWERS, faultRate });
  const lake = openLocalLake(join(home, `${name}-lake`));
  const portfolio = await loadPortfolio('simulated-bank');
  const { funnel } = await ingestPortfolio({ portfolio, dataDirectory: directory, lake, warehouse, clock });
  return { lake, funnel };
}

const parquet = (lake: Lake, table: string): string =>
  `read_parquet('${lake.path('processed')}/${table}/*/*.parquet', hive_partitioning = false)`;

const countOf = async (from: string): Promise<number> =>
  (await warehouse.rows<{ n: number }>(`SELECT count(*) AS n FROM ${from}`))[0]!.n;

test('a faulty export gives the clean one, less the rows it spoiled: none altered, none invented', async () => {
  const clean = await ingestBank('clean', 0);
  const faulty = await ingestBank('faulty', 0.02);
  assert.equal(clean.funnel.rowsRejected, 0);
  for (const source of faulty.funnel.sources) {
    const [table] = source.tables;
    const [name, before] = [parquet(faulty.lake, table!.table), parquet(clean.lake, table!.table)];
    assert.equal(table!.written, await countOf(name), table!.table);
    const columns = '* EXCLUDE (source_row)';
    assert.equal(
      await countOf(`(SELECT ${columns} FROM ${name} EXCEPT SELECT ${columns} FROM ${before})`),
      0,
      table!.table,
    );
    const lost = (await countOf(before)) - table!.written;
    assert.equal(lost, table!.rejected, `rows of ${table!.table} lost without a reject`);
  }
  const transactions = faulty.funnel.sources.find((source) => source.source === 'transactions')!.tables[0]!;
  assert.ok(transactions.rejected > 200 && transactions.duplicates > 200, JSON.stringify(transactions));
  const rejects = `'${faulty.lake.path('processed/_quality/rejects.parquet')}'`;
  assert.equal(await countOf(`(SELECT 1 FROM ${rejects} WHERE kind = 'rejected')`), faulty.funnel.rowsRejected);
  assert.equal(await countOf(`(SELECT 1 FROM ${rejects} WHERE raw IS NULL OR raw = '' OR line < 2)`), 0);
});

test('partitions are the months, and every row carries its place in the file', async () => {
  const { lake, funnel } = await ingestBank('months', 0.01);
  const files = (await lake.list('processed/transactions')).length;
  assert.equal(files, funnel.tables.find((table) => table.table === 'transactions')!.partitions);
  const wrong = `(SELECT 1 FROM read_parquet('${lake.path('processed/transactions')}/*/*.parquet', hive_partitioning = true)
    WHERE strftime(occurred_at, '%Y-%m') <> dt)`;
  assert.equal(await countOf(wrong), 0);
  const applications = parquet(lake, 'loan_applications');
  assert.equal(await countOf(`(SELECT DISTINCT source_row FROM ${applications})`), await countOf(applications));
});

test('a run killed in the middle leaves the old zone whole, and the next run cleans up', async () => {
  const { lake } = await ingestBank('killed', 0);
  const whole = await lake.list('processed');
  const rows = await countOf(parquet(lake, 'transactions'));
  const child = spawn(process.execPath, ['--input-type=module', '-e', childProgram('killed')], {
    cwd: REPOSITORY_ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once('exit', (_code, signal) => done(signal)));
  while (!(await lake.list('staging')).some((key) => key.includes('transactions'))) {
    if (child.exitCode !== null) break;
    await delay(5);
  }
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
  assert.ok((await lake.list('staging')).length > 0, 'killed while writing');
  assert.deepEqual(await lake.list('processed'), whole);
  assert.equal(await countOf(parquet(lake, 'transactions')), rows);
  await ingestBank('killed', 0);
  assert.deepEqual(await lake.list('staging'), []);
  assert.deepEqual(await lake.list('processed'), whole);
});

function childProgram(name: string): string {
  return `
    import { loadPortfolio } from './portfolios/index.ts';
    import { ingestPortfolio } from './src/ingestion/index.ts';
    import { openLocalLake, openWarehouse, systemClock } from './src/platform/index.ts';
    await ingestPortfolio({
      portfolio: await loadPortfolio('simulated-bank'),
      dataDirectory: ${JSON.stringify(join(home, name))},
      lake: openLocalLake(${JSON.stringify(join(home, `${name}-lake`))}),
      warehouse: await openWarehouse({ threads: 1 }),
      clock: systemClock,
    });`;
}

/** Rows and defaults as published. */
const PUBLISHED = [
  { name: 'berka', applications: 392, defaults: 35 },
  { name: 'give-me-some-credit', applications: 150_000, defaults: 10_026 },
  { name: 'german-credit', applications: 1000, defaults: 300 },
  { name: 'taiwan-credit-card', applications: 30_000, defaults: 6636 },
  { name: 'lending-club', applications: 42_535, defaults: 6431 },
] as const;

for (const { applications, defaults, name } of PUBLISHED) {
  test(`${name}: every row is read, and the defaults are as many as published`, { skip: withoutData }, async () => {
    const portfolio = await loadPortfolio(name);
    const lake = openLocalLake(join(home, name));
    const { funnel } = await ingestPortfolio({ portfolio, dataDirectory: DATA, lake, warehouse, clock });
    assert.equal(funnel.rowsRejected, 0);
    assert.equal(await countOf(parquet(lake, 'loan_applications')), applications);
    assert.equal(await countOf(`(SELECT 1 FROM ${parquet(lake, 'outcomes')} WHERE defaulted = 1)`), defaults);
    if (name === 'berka') await checkBerka(lake, funnel);
  });
}

async function checkBerka(lake: Lake, funnel: Funnel): Promise<void> {
  const loans = funnel.sources.find((source) => source.source === 'loans')!;
  assert.deepEqual(loans.excludedBy, { 'history not in the file': 290 });
  assert.equal(await countOf(parquet(lake, 'transactions')), 79_302);
  const [orders] = await warehouse.rows<{ n: number }>(
    `SELECT count(*) AS n FROM ${parquet(lake, 'standing_orders')} WHERE category = 'loan_payment'`,
  );
  assert.equal(orders!.n, 0, 'orders that repay a loan are left out');
  const strange = `(SELECT 1 FROM ${parquet(lake, 'transactions')}
    WHERE (category IN ('salary', 'pension', 'interest', 'transfer_in', 'cash_deposit')) <> (amount_minor > 0)
      AND category NOT IN ('interest', 'other_credit') AND amount_minor <> 0)`;
  assert.equal(await countOf(strange), 0, 'credits are above zero and debits below');
}
