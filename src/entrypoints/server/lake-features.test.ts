import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { LoanApplication } from '../../decisions/index.ts';
import {
  borrowersTable,
  type FeatureDefinition,
  type FeatureExpression,
  loanApplicationsTable,
  type Portfolio,
  type TableSchema,
  transactionsTable,
} from '../../domain/index.ts';
import { buildFeatures, tablesOf } from '../../features/index.ts';
import { type Lake, openLocalLake, openWarehouse, type Warehouse } from '../../platform/index.ts';
import { openLakeFeatures } from './lake-features.ts';

/** The online path of the server against the batch path, over the same files. */
const feature = (
  name: string,
  definition: FeatureExpression,
  type: 'numeric' | 'categorical' = 'numeric',
): FeatureDefinition => ({
  name,
  title: name,
  unit: 'count',
  nullMeaning: 'none',
  type,
  definition,
  reason: { code: name, text: name },
});

const features = [
  feature('amount', { kind: 'attribute', column: 'amount_minor' }),
  feature('inflow_90d', {
    kind: 'aggregate',
    source: 'transactions',
    aggregate: { fn: 'sum', column: 'amount_minor' },
    where: [{ column: 'amount_minor', op: '>', value: 0 }],
    windowDays: 90,
  }),
  feature('bookings', { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'count' } }),
  feature(
    'favourite',
    { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'mode', column: 'category' } },
    'categorical',
  ),
  feature('income', {
    kind: 'lookup',
    path: [{ table: 'borrowers', on: 'borrower_id' }],
    column: 'income_monthly_minor',
  }),
];
const target = (table: TableSchema) => ({ table, map: () => null });
const portfolio = {
  name: 'events',
  currency: 'EUR',
  features: { features },
  sources: [
    {
      name: 'all',
      path: 'x',
      format: 'csv',
      targets: [loanApplicationsTable, transactionsTable, borrowersTable].map(target),
    },
  ],
} as unknown as Portfolio;

let folder = '';
let lake: Lake;
let warehouse: Warehouse;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-lake-features-'));
  lake = openLocalLake(folder);
  warehouse = await openWarehouse({ threads: 1 });
  await write(loanApplicationsTable, [
    { application_id: 'A1', borrower_id: 'B1', applied_at: '2024-05-01 09:00:00', amount_minor: 5000, term_months: 12 },
    { application_id: 'A2', borrower_id: 'B2', applied_at: '2024-05-02 09:00:00', amount_minor: 7000, term_months: 24 },
  ]);
  await write(borrowersTable, [{ borrower_id: 'B1', income_monthly_minor: 99_000, known_at: '2024-01-01 00:00:00' }]);
  const booking = (id: number, borrower: string, day: string, amount: number, category: string) => ({
    transaction_id: `T${id}`,
    account_id: 'C',
    borrower_id: borrower,
    occurred_at: `${day} 12:00:00`,
    known_at: `${day} 13:00:00`,
    amount_minor: amount,
    channel: 'transfer',
    category,
  });
  await write(transactionsTable, [
    booking(1, 'B1', '2023-01-05', 1000, 'salary'),
    booking(2, 'B1', '2024-04-05', 2000, 'salary'),
    booking(3, 'B1', '2024-04-06', -300, 'rent'),
    booking(4, 'B2', '2024-04-07', 4000, 'pension'),
    booking(5, 'B1', '2024-06-30', 8000, 'benefit'),
  ]);
});
after(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true });
});

async function write(table: TableSchema, rows: readonly Record<string, string | number>[]): Promise<void> {
  const types = {
    text: 'VARCHAR',
    integer: 'BIGINT',
    double: 'DOUBLE',
    money: 'BIGINT',
    date: 'DATE',
    timestamp: 'TIMESTAMP',
    boolean: 'BOOLEAN',
  };
  const cell = (value: string | number | undefined): string => (value === undefined ? 'NULL' : `'${value}'`);
  const selects = rows.map((row, i) => {
    const columns = table.columns.map(({ name, type }) => `CAST(${cell(row[name])} AS ${types[type]}) AS ${name}`);
    return `SELECT ${[...columns, `CAST(${i} AS BIGINT) AS source_row`].join(', ')}`;
  });
  const path = lake.path(`processed/${table.name}/dt=all/part-0.parquet`);
  await mkdir(dirname(path), { recursive: true });
  await warehouse.run(`COPY (${selects.join(' UNION ALL ')}) TO '${path}' (FORMAT parquet)`);
}

const application = (borrowerId: string, amount: number): LoanApplication => ({
  applicationId: 'new',
  borrowerId,
  columns: { amount_minor: amount, term_months: 12, instalment_minor: null, purpose: null, channel: null },
  missing: [],
});

test('an application at the moment of a booked one has the features batch computed for it', async () => {
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  const batch = await warehouse.rows(
    `SELECT * FROM read_parquet('${lake.path('modeled/features/features.parquet')}') ORDER BY application_id`,
  );
  const source = openLakeFeatures({ warehouse, lake, portfolio });
  const moments = [new Date('2024-05-01T09:00:00Z'), new Date('2024-05-02T09:00:00Z')];
  for (const [i, borrower] of ['B1', 'B2'].entries()) {
    const { features: online, missing } = await source.featuresFor(
      application(borrower, i === 0 ? 5000 : 7000),
      moments[i]!,
    );
    assert.deepEqual(online, Object.fromEntries(features.map(({ name }) => [name, batch[i]?.[name]])));
    assert.deepEqual(missing, []);
  }
});

test('asOf is now, or just after the last fact of the slowest feed if that is earlier', async () => {
  const source = openLakeFeatures({ warehouse, lake, portfolio });
  assert.equal((await source.asOf(new Date('2024-06-01T00:00:00Z'))).toISOString(), '2024-06-01T00:00:00.000Z');
  const horizon = await source.asOf(new Date('2030-01-01T00:00:00Z'));
  assert.equal(horizon.toISOString(), '2024-06-30T13:00:00.001Z');
  const { features: all } = await source.featuresFor(application('B1', 1), horizon);
  assert.deepEqual([all['bookings'], all['inflow_90d']], [4, 2000 + 8000]);
});

test('a borrower nobody knows is missing, not empty', async () => {
  const source = openLakeFeatures({ warehouse, lake, portfolio });
  const { missing, features: unknown } = await source.featuresFor(
    application('B9', 1),
    new Date('2024-06-01T00:00:00Z'),
  );
  assert.deepEqual(missing, ['borrower']);
  assert.equal(unknown['income'], null);
});

test('new deliveries are seen without a restart', async () => {
  const source = openLakeFeatures({ warehouse, lake, portfolio });
  await source.warmUp();
  await lake.put('processed/_quality/funnel.json', '{"createdAt":"later"}');
  await write(borrowersTable, [{ borrower_id: 'B9', income_monthly_minor: 5, known_at: '2024-01-01 00:00:00' }]);
  await source.asOf(new Date());
  const { missing } = await source.featuresFor(application('B9', 1), new Date('2024-06-01T00:00:00Z'));
  assert.deepEqual(missing, []);
});
