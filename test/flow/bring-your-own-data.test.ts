/**
 * Follows docs/bring-your-own-data.md: writes the files it shows into an empty installation beside the real sources, type-checks
 * them, and takes the page's CSV, and a larger one of the same shape, through ingestion, features and the training snapshot.
 * Does not train: other flows do.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { loadPortfolio, portfolioNames } from '../../portfolios/index.ts';
import { evaluatePolicy } from '../../src/decisions/index.ts';
import type { Portfolio } from '../../src/domain/index.ts';
import { buildFeatures, buildSnapshot, readSnapshot, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { fixedClock, openLocalLake, openWarehouse, REPOSITORY_ROOT, type Warehouse } from '../../src/platform/index.ts';

const CSV = 'acme/loans.csv';
const clock = fixedClock(new Date('2025-01-01T00:00:00Z'));

let home: string;
let warehouse: Warehouse;
let portfolio: Portfolio;
/** Path -> content of every block of the page that names a file. */
let blocks: Map<string, string>;

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-own-data-'));
  const page = await readFile(join(REPOSITORY_ROOT, 'docs/bring-your-own-data.md'), 'utf8');
  blocks = new Map(
    [...page.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path, content]) => [path!, content!]),
  );
  for (const [path, content] of blocks) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    await writeFile(join(home, path), content);
  }
  for (const shared of ['src', 'node_modules']) await symlink(join(REPOSITORY_ROOT, shared), join(home, shared));
  await writeFile(join(home, 'package.json'), '{ "type": "module" }\n');
  portfolio = await loadPortfolio('acme-loans', join(home, 'portfolios'));
  warehouse = await openWarehouse({ threads: 1 });
});
after(async () => {
  await warehouse?.close();
  await rm(home, { recursive: true, force: true });
});

test('the page shows a CSV, a portfolio and a policy, and the folder alone makes a book', () => {
  assert.deepEqual(
    [...blocks.keys()],
    [CSV, 'portfolios/acme-loans/portfolio.ts', 'portfolios/acme-loans/policy.json'],
  );
  assert.deepEqual(portfolioNames(join(home, 'portfolios')), ['acme-loans']);
});

test('the code of the page passes the strict type check', async () => {
  const options = JSON.parse(await readFile(join(REPOSITORY_ROOT, 'tsconfig.json'), 'utf8'));
  await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ ...options, include: ['portfolios'] }));
  const tsc = join(REPOSITORY_ROOT, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', home]).catch((error: { stdout: string }) => error);
  assert.equal(stdout, '');
});

test('the rows of the page are read as it says', async () => {
  const lake = openLocalLake(join(home, 'lake-page'));
  const { funnel } = await ingestPortfolio({ portfolio, dataDirectory: home, lake, warehouse, clock });
  assert.equal(funnel.rowsRejected, 0);
  const rows = await warehouse.rows(
    `SELECT a.application_id, a.amount_minor, a.income_minor, strftime(a.applied_at, '%Y-%m-%d') AS applied, o.defaulted
     FROM '${lake.path('processed/loan_applications/dt=all/part-0.parquet')}' AS a
     JOIN '${lake.path('processed/outcomes/dt=all/part-0.parquet')}' AS o USING (application_id) ORDER BY 1`,
  );
  assert.deepEqual(rows.map(Object.values), [
    ['10001', 850_000, 231_050, '2023-03-14', 0],
    ['10002', 120_000, null, '2023-03-14', 1],
    ['10003', 300_000, 180_000, '2023-03-15', null],
  ]);
});

test('a book of six hundred rows, some of them bad, comes out as features and a snapshot', async () => {
  const header = blocks.get(CSV)!.split('\n')[0]!;
  const lines = Array.from({ length: 600 }, (_, i) => lineOf(i));
  lines[5] = lines[5]!.replace(/\d\d\.\d\d\.2023/, '30.02.2023');
  lines[6] = lines[6]!.replace(/"[^"]*"/, 'ten');
  lines[7] = lines[7]!.replace('C-7', 'TEST');
  lines[8] = lines[9]!;
  const data = join(home, 'larger');
  await mkdir(join(data, 'acme'), { recursive: true });
  await writeFile(join(data, CSV), `${[header, ...lines].join('\n')}\n`);

  const lake = openLocalLake(join(home, 'lake-larger'));
  const { funnel } = await ingestPortfolio({ portfolio, dataDirectory: data, lake, warehouse, clock });
  const [applications] = funnel.sources[0]!.tables;
  assert.deepEqual(
    { ...applications, excluded: funnel.sources[0]!.excludedBy },
    {
      table: 'loan_applications',
      notMapped: 0,
      rejected: 2,
      rejectedBy: { 'amount: not an amount of money': 1, 'applied_at: not a time (YYYY-MM-DD hh:mm:ss)': 1 },
      duplicates: 1,
      erased: 0,
      written: 596,
      excluded: { 'test customer': 1 },
    },
  );
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  await buildSnapshot({ warehouse, lake, split: portfolio.split });
  const snapshot = await readSnapshot({ warehouse, lake });
  assert.deepEqual(
    snapshot.frame.columns.map((column) => column.name),
    portfolio.features.features.map((feature) => feature.name),
  );
  assert.ok(!snapshot.frame.columns.some((column) => ['age', 'sex'].includes(column.name)));
});

/** Application `i` of the larger file; every tenth is still open, every seventh written off. */
function lineOf(i: number): string {
  const status = i % 10 === 9 ? 'open' : i % 7 === 3 ? 'written off' : 'paid';
  const day = String(1 + (i % 28)).padStart(2, '0');
  const income = i % 11 === 0 ? '-' : `"${1 + (i % 4)}.${100 + (i % 900)},50"`;
  return `${20_000 + i},C-${i},${day}.05.2023,"${1 + (i % 9)}.000,00",${12 + 12 * (i % 4)},${income},${20 + (i % 50)},${'fm'[i % 2]},rent,${i % 6},${status}`;
}

test('the policy of the page decides', () => {
  assert.equal(evaluatePolicy(portfolio.policy, { pd: 0.05, 'feature.late_payments': 0 }).outcome, 'approved');
  assert.equal(evaluatePolicy(portfolio.policy, { pd: 0.05, 'feature.late_payments': 5 }).outcome, 'declined');
  assert.equal(evaluatePolicy(portfolio.policy, { pd: 0.2 }).outcome, 'referred');
  assert.equal(
    evaluatePolicy(portfolio.policy, { pd: 0.1, grade: 'F3', amountMinor: 600_000 }).outcome,
    'counter_offer',
  );
});
