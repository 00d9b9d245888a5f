import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import {
  AssayError,
  DUCKDB_TYPES,
  loanApplicationsTable,
  outcomesTable,
  type TableSchema,
  transactionsTable,
} from '../domain/index.ts';
import { type Lake, openLocalLake, openWarehouse, type Warehouse } from '../platform/index.ts';
import { buildFeatures, FEATURES_KEY } from './build-features.ts';
import { readFeatureFrame } from './feature-frame.ts';
import { featureParity } from './feature-parity.ts';
import { aggregate, attribute, categorical, derived, divide, feature, numeric } from './library/builders.ts';
import { assertNoFutureFacts } from './no-future-facts.ts';
import { buildSnapshot, foldOf, readSnapshot, SNAPSHOT_KEY } from './snapshot.ts';
import { compileDuckdb } from './sql/compile-sql.ts';

const tables = [loanApplicationsTable, transactionsTable];
const about = { title: 't', unit: 'u', nullMeaning: 'n', reason: { code: 'R', text: 'r' } };
const catalog = {
  features: [
    numeric('amount', attribute('amount_minor'), about),
    categorical('purpose', attribute('purpose'), about),
    numeric('spent_30d', aggregate('transactions', { fn: 'sum', column: 'amount_minor' }, { windowDays: 30 }), about),
    categorical('channel', aggregate('transactions', { fn: 'mode', column: 'channel' }), about),
    numeric('burden', derived(divide(feature('amount'), feature('spent_30d'))), about),
  ],
};

let warehouse: Warehouse;
let home: string;
let lake: Lake;
before(async () => {
  warehouse = await openWarehouse({ threads: 1 });
});
after(() => warehouse.close());
beforeEach(async (t) => {
  home = await mkdtemp(join(tmpdir(), 'assay-features-test-'));
  lake = openLocalLake(home);
  await writeBook();
  if ('after' in t) t.after(() => rm(home, { recursive: true, force: true }));
});

/** Writes rows as ingestion does: Parquet with source_row, in a dt partition. Columns not given are null. */
async function writeTable(
  table: TableSchema,
  rows: readonly Record<string, string | number | null>[],
  dt = 'all',
): Promise<void> {
  const file = lake.path(`processed/${table.name}/dt=${dt}/part-0.parquet`);
  await mkdir(dirname(file), { recursive: true });
  const literal = (value: string | number | null | undefined): string =>
    typeof value === 'string' ? `'${value}'` : String(value ?? 'NULL');
  const selects = rows.map((row, i) => {
    const columns = table.columns.map(
      ({ name, type }) => `CAST(${literal(row[name])} AS ${DUCKDB_TYPES[type]}) AS "${name}"`,
    );
    return `SELECT ${columns.join(', ')}, CAST(${row['source_row'] ?? i} AS BIGINT) AS source_row`;
  });
  await warehouse.run(`COPY (${selects.join(' UNION ALL ')}) TO '${file}' (FORMAT parquet)`);
}

const application = (i: number) => ({
  application_id: `l${i}`,
  borrower_id: `b${i % 4}`,
  applied_at: `2024-0${1 + Math.floor(i / 3)}-15 12:00:00`,
  amount_minor: 100 + i,
  term_months: 12,
  purpose: i === 2 ? null : ['car', 'home', 'art'][i % 3]!,
  // The file order is not the order of ids; some rows were left out.
  source_row: 50 - i * 2,
});

const transaction = (i: number, extra: Record<string, string> = {}) => ({
  transaction_id: `t${i}`,
  account_id: 'a',
  borrower_id: `b${i % 4}`,
  occurred_at: `2024-01-${String(1 + i).padStart(2, '0')} 08:00:00`,
  known_at: `2024-01-${String(1 + i).padStart(2, '0')} 08:00:00`,
  amount_minor: i * 10 - 40,
  balance_minor: i,
  channel: i % 2 === 0 ? 'cash' : 'card',
  category: 'other_debit',
  ...extra,
});

async function writeBook(): Promise<void> {
  await writeTable(
    loanApplicationsTable,
    Array.from({ length: 12 }, (_, i) => application(i)),
  );
  await writeTable(
    transactionsTable,
    Array.from({ length: 16 }, (_, i) => transaction(i)),
    '2024-01',
  );
  await writeTable(
    transactionsTable,
    [transaction(90, { occurred_at: '2024-02-20', known_at: '2024-03-20' })],
    '2024-02',
  );
  const outcomes = Array.from({ length: 12 }, (_, i) => ({
    application_id: `l${i}`,
    defaulted: i === 5 ? null : i % 3 === 0 ? 1 : 0,
  }));
  await writeTable(outcomesTable, outcomes);
}

const context = () => ({ warehouse, lake, catalog, tables });

test('features are built, published with their SQL, and read back as a frame in file order', async () => {
  const notes: string[] = [];
  const manifest = await buildFeatures({ ...context(), onProgress: ({ note }) => notes.push(note) });
  assert.deepEqual(
    [manifest.rows, manifest.features.map((item) => item.group)],
    [12, ['loan_applications', 'loan_applications', 'transactions', 'transactions', 'derived']],
  );
  assert.deepEqual(notes, ['transactions', 'published']);
  assert.ok(await lake.exists('modeled/features/sql/transactions.sql'));
  const { frame, applicationIds, asOf } = await readFeatureFrame({ warehouse, lake });
  assert.deepEqual(applicationIds.slice(0, 3), ['l11', 'l10', 'l9']);
  assert.equal(asOf[0], '2024-04-15T12:00:00.000000');
  const purpose = frame.columns[1]!;
  assert.ok(purpose.kind === 'categorical');
  assert.deepEqual(purpose.levels, ['art', 'car', 'home']);
  assert.equal(purpose.codes[applicationIds.indexOf('l2')], -1);
  const spent = frame.columns[2]!;
  assert.ok(spent.kind === 'numeric');
  // b0 by 2024-01-15 12:00: t0, t4, t8 and t12.
  assert.equal(spent.values[applicationIds.indexOf('l0')], -40 + 0 + 40 + 80);
  const [columns] = await warehouse.rows(`SELECT * FROM read_parquet('${lake.path(FEATURES_KEY)}') LIMIT 1`);
  assert.deepEqual(Object.keys(columns!), [
    'application_id',
    'borrower_id',
    'as_of',
    'source_row',
    'amount',
    'purpose',
    'spent_30d',
    'channel',
    'burden',
  ]);
});

test('every cell equals the online evaluation, and a changed cell is listed by name', async () => {
  await buildFeatures(context());
  const report = await featureParity(context());
  assert.deepEqual([report.applications, report.cells, report.mismatchCount], [12, 60, 0]);
  const file = lake.path(FEATURES_KEY);
  await warehouse.run(
    `CREATE OR REPLACE TABLE edited AS SELECT * REPLACE (CASE WHEN application_id = 'l3' THEN amount + 1e-9 ELSE amount END AS amount) FROM read_parquet('${file}')`,
  );
  await warehouse.run(`COPY edited TO '${file}' (FORMAT parquet)`);
  const edited = await featureParity(context());
  assert.deepEqual([edited.mismatchCount, edited.byFeature], [1, { amount: 1 }]);
  assert.equal(edited.mismatches[0]?.applicationId, 'l3');
});

test('the lake is proved free of facts from the future, and a leaking query is named', async () => {
  const report = await assertNoFutureFacts(context());
  assert.deepEqual([report.applications, report.cells], [12, 60]);
  const leaky = (relation: (name: string) => string) => {
    const compiled = compileDuckdb(catalog, tables, { relation });
    const groups = compiled.groups.map((group) => ({
      ...group,
      sql: group.sql.replace(/AND t\."known_at" < spine\.as_of/, ''),
    }));
    return { ...compiled, groups };
  };
  await assert.rejects(assertNoFutureFacts({ ...context(), compile: leaky }), /spent_30d: changes for 1 applications/);
});

test('a fact said to be known before it happened is found', async () => {
  await writeTable(
    transactionsTable,
    [transaction(91, { occurred_at: '2024-02-21', known_at: '2024-01-01' })],
    '2024-03',
  );
  await assert.rejects(
    assertNoFutureFacts(context()),
    /transactions: 1 rows are said to be known before they happened/,
  );
});

test('a snapshot holds the labelled rows in file order with the fold of their position', async () => {
  await buildFeatures(context());
  const split = { kind: 'folds', name: 'demo', folds: 5 } as const;
  const manifest = await buildSnapshot({ warehouse, lake, split });
  assert.deepEqual([manifest.rows, manifest.defaults, manifest.unlabelledRows, manifest.testRows], [11, 4, 1, 0]);
  const snapshot = await readSnapshot({ warehouse, lake });
  assert.deepEqual(snapshot.applicationIds.slice(0, 7), ['l11', 'l10', 'l9', 'l8', 'l7', 'l6', 'l4']);
  assert.deepEqual([...snapshot.target.slice(0, 3)], [0, 0, 1]);
  assert.deepEqual(
    [...snapshot.fold],
    Array.from({ length: 11 }, (_, i) => foldOf('demo', i, 5)),
  );
  assert.equal(snapshot.manifest.snapshotHash, manifest.snapshotHash);
});

test('the same lake gives the same snapshot and leaves what lies beside it; another label gives another hash', async () => {
  await buildFeatures(context());
  const split = { kind: 'folds', name: 'demo', folds: 5 } as const;
  const first = await buildSnapshot({ warehouse, lake, split });
  await lake.put('modeled/training/out_of_fold.parquet', 'predictions');
  assert.deepEqual(await buildSnapshot({ warehouse, lake, split }), first);
  assert.ok(await lake.exists('modeled/training/out_of_fold.parquet'));
  await writeTable(outcomesTable, [
    { application_id: 'l0', defaulted: 0 },
    { application_id: 'l1', defaulted: 1 },
  ]);
  const second = await buildSnapshot({ warehouse, lake, split });
  assert.notEqual(second.snapshotHash, first.snapshotHash);
  assert.ok(!(await lake.exists('modeled/training/out_of_fold.parquet')));
  assert.ok(await lake.exists(SNAPSHOT_KEY));
});

test('out of time: later applications are the test split', async () => {
  await buildFeatures(context());
  const manifest = await buildSnapshot({
    warehouse,
    lake,
    split: { kind: 'out_of_time', trainUntil: '2024-04-01', name: 'demo', folds: 5 },
  });
  assert.deepEqual([manifest.trainRows, manifest.testRows], [8, 3]);
  const { isTest, applicationIds } = await readSnapshot({ warehouse, lake });
  assert.deepEqual(
    applicationIds.filter((_, i) => isTest[i] === 1),
    ['l11', 'l10', 'l9'],
  );
});

test('a step before its input says which step is missing', async () => {
  await assert.rejects(
    readFeatureFrame({ warehouse, lake }),
    (error) => error instanceof AssayError && error.code === 'not_found',
  );
  await lake.remove('processed/loan_applications');
  await assert.rejects(buildFeatures(context()), /no loan applications/);
});
