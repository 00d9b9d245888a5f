// Features at decision time, from the online store on a real PostgreSQL: filled from a lake, added to by streamed facts, read for a
// decision. An applied fact is seen at once, a late one where it belongs, and the cell is the one batch computes once the fact has
// reached the lake. Not tested here: every feature of the language (test/parity), the stream itself.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { LoanApplication } from '../../src/decisions/index.ts';
import {
  borrowersTable,
  bureauReportsTable,
  DUCKDB_TYPES,
  districtsTable,
  type FeatureDefinition,
  type FeatureExpression,
  loanApplicationsTable,
  type Portfolio,
  type TableSchema,
  transactionsTable,
} from '../../src/domain/index.ts';
import { openOnlineFeatures } from '../../src/entrypoints/server/index.ts';
import { buildFeatures, FEATURES_KEY, featureParity, fillOnlineStore, tablesOf } from '../../src/features/index.ts';
import {
  createLog,
  type Database,
  type FactRow,
  factKeyOf,
  type Lake,
  loadConfig,
  migrate,
  OnlineStore,
  openDatabase,
  openLocalLake,
  openWarehouse,
  REPOSITORY_ROOT,
  type Warehouse,
} from '../../src/platform/index.ts';

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

const byBorrower = [{ table: 'borrowers', on: 'borrower_id' }];
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
  feature('income', { kind: 'lookup', path: byBorrower, column: 'income_monthly_minor' }),
  feature('bureau_score', {
    kind: 'lookup',
    path: [{ table: 'bureau_reports', on: 'borrower_id' }],
    column: 'bureau_score',
  }),
  feature('unemployment', {
    kind: 'lookup',
    path: [...byBorrower, { table: 'districts', on: 'district_id' }],
    column: 'unemployment_rate',
  }),
];
const used = [loanApplicationsTable, transactionsTable, borrowersTable, bureauReportsTable, districtsTable];
const bookNamed = (name: string, endsWithData = false): Portfolio =>
  ({
    name,
    currency: 'EUR',
    endsWithData,
    features: { features },
    sources: [{ name: 'all', path: 'x', format: 'csv', targets: used.map((table) => ({ table, map: () => null })) }],
  }) as unknown as Portfolio;

let folder = '';
let lake: Lake;
let warehouse: Warehouse;
let database: Database;
let close: () => Promise<void>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-online-features-'));
  lake = openLocalLake(join(folder, 'lake'));
  warehouse = await openWarehouse({ threads: 1 });
  const config = loadConfig({ ASSAY_HOME: folder }, '/');
  ({ database, close } = await openDatabase(config, { log: createLog({ logLevel: 'silent' }) }));
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  await write(loanApplicationsTable, [
    { application_id: 'A1', borrower_id: 'B1', applied_at: '2024-05-01 09:00:00', amount_minor: 5000, term_months: 12 },
    { application_id: 'A2', borrower_id: 'B2', applied_at: '2024-05-02 09:00:00', amount_minor: 7000, term_months: 24 },
  ]);
  await write(borrowersTable, [
    { borrower_id: 'B1', district_id: 'D1', income_monthly_minor: 90_000, known_at: '2023-01-01 00:00:00' },
    { borrower_id: 'B1', district_id: 'D1', income_monthly_minor: 99_000, known_at: '2024-01-01 00:00:00' },
  ]);
  await write(districtsTable, [{ district_id: 'D1', unemployment_rate: 0.1, known_at: '2023-01-01 00:00:00' }]);
  await write(transactionsTable, TRANSACTIONS);
});
after(async () => {
  await close?.();
  await warehouse.close();
  await rm(folder, { recursive: true });
});

type Cells = Readonly<Record<string, string | number>>;

const booking = (id: number, borrower: string, day: string, amount: number, category: string): Cells => ({
  transaction_id: `T${id}`,
  account_id: 'C',
  borrower_id: borrower,
  occurred_at: `${day} 12:00:00`,
  known_at: `${day} 13:00:00`,
  amount_minor: amount,
  channel: 'transfer',
  category,
});
const TRANSACTIONS = [
  booking(1, 'B1', '2023-01-05', 1000, 'salary'),
  booking(2, 'B1', '2024-04-05', 2000, 'salary'),
  booking(3, 'B1', '2024-04-06', -300, 'rent'),
  booking(4, 'B2', '2024-04-07', 4000, 'pension'),
  booking(5, 'B1', '2024-06-30', 8000, 'benefit'),
];

async function write(table: TableSchema, rows: readonly Cells[]): Promise<void> {
  const cell = (value: string | number | undefined): string => (value === undefined ? 'NULL' : `'${value}'`);
  const selects = rows.map((row, i) => {
    const columns = table.columns.map(
      ({ name, type }) => `CAST(${cell(row[name])} AS ${DUCKDB_TYPES[type]}) AS ${name}`,
    );
    return `SELECT ${[...columns, `CAST(${i} AS BIGINT) AS source_row`].join(', ')}`;
  });
  const path = lake.path(`processed/${table.name}/dt=all/part-0.parquet`);
  await mkdir(dirname(path), { recursive: true });
  await warehouse.run(`COPY (${selects.join(' UNION ALL ')}) TO '${path}' (FORMAT parquet)`);
}

let books = 0;
/** A book of its own over the same lake, with a clock that can be set. */
async function openBook(endsWithData = false) {
  const portfolio = bookNamed(`book-${books++}`, endsWithData);
  const time = { now: new Date('2024-07-10T10:00:00.000Z') };
  const clock = { now: () => time.now };
  const store = new OnlineStore({ database, portfolio: portfolio.name, tables: tablesOf(portfolio), clock });
  const fill = () =>
    fillOnlineStore({
      warehouse,
      lake,
      catalog: portfolio.features,
      tables: tablesOf(portfolio),
      store,
      snapshotId: 'test',
      endsWithData,
    });
  const source = openOnlineFeatures({ store, portfolio });
  await fill();
  const stream = (table: TableSchema, cells: Cells) =>
    database.transaction((transaction) => store.apply(transaction, [factOf(table, cells)]));
  const featuresOf = (borrowerId: string, amount = 1) => source.featuresFor(application(borrowerId, amount), time.now);
  return { portfolio, store, source, fill, stream, featuresOf, setTime: (text: string) => (time.now = new Date(text)) };
}

function factOf(table: TableSchema, cells: Cells) {
  const staged = table.columns.map(({ name, type }) => {
    const value = cells[name] ?? null;
    if (value === null || (type !== 'timestamp' && type !== 'date')) return [name, value];
    const milliseconds = Date.parse(type === 'date' ? `${value}T00:00:00Z` : `${String(value).replace(' ', 'T')}Z`);
    return [name, type === 'date' ? milliseconds / 86_400_000 : milliseconds * 1000];
  });
  const row: FactRow = Object.fromEntries(staged);
  const owner = row['borrower_id'];
  return { table: table.name, key: factKeyOf(table, row), borrowerId: typeof owner === 'string' ? owner : null, row };
}

const application = (borrowerId: string, amount: number): LoanApplication => ({
  applicationId: 'new',
  borrowerId,
  columns: { amount_minor: amount, term_months: 12, instalment_minor: null, purpose: null, channel: null },
  missing: [],
});

test('an application at the moment of a booked one has the features batch computed for it', async () => {
  const { portfolio, featuresOf, setTime } = await openBook();
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  const batch = await warehouse.rows(
    `SELECT * FROM read_parquet('${lake.path(FEATURES_KEY)}') ORDER BY application_id`,
  );
  for (const [i, borrower] of ['B1', 'B2'].entries()) {
    setTime(i === 0 ? '2024-05-01T09:00:00Z' : '2024-05-02T09:00:00Z');
    const { features: online } = await featuresOf(borrower, i === 0 ? 5000 : 7000);
    assert.deepEqual(online, Object.fromEntries(features.map(({ name }) => [name, batch[i]?.[name]])));
  }
});

test('an applied event is seen by the next decision, in the same millisecond and by another process', async () => {
  const { portfolio, store, featuresOf, stream, setTime } = await openBook();
  assert.deepEqual((await featuresOf('B1')).features['bookings'], 4);
  setTime('2024-07-10T10:00:00.123Z');
  await stream(transactionsTable, {
    ...booking(6, 'B1', '2024-07-10', 50, 'salary'),
    occurred_at: '2024-07-10 10:00:00.123',
    known_at: '2024-07-10 10:00:00.123',
  });
  const { features: seen, asOf, provenance } = await featuresOf('B1');
  assert.deepEqual([seen['bookings'], seen['inflow_90d']], [5, 8050]);
  assert.equal(asOf.toISOString(), '2024-07-10T10:00:00.124Z');
  assert.deepEqual([provenance['events'], provenance['streamed']], [5, 1]);
  const other = new OnlineStore({
    database,
    portfolio: portfolio.name,
    tables: tablesOf(portfolio),
    clock: { now: () => new Date() },
  });
  const { borrowers } = await other.factsOf(['B1']);
  assert.equal(borrowers.get('B1')?.tables.get('transactions')?.rows.length, 5);
  assert.equal((await store.book()).generation > 0, true);
});

test('versions: an update of a customer, a bureau report and district figures change the next decision, not an earlier one', async () => {
  const { featuresOf, stream, setTime } = await openBook();
  const before = (await featuresOf('B1')).features;
  assert.deepEqual([before['income'], before['bureau_score'], before['unemployment']], [99_000, null, 0.1]);
  const known_at = '2024-07-10 10:00:00';
  await stream(borrowersTable, { borrower_id: 'B1', district_id: 'D1', income_monthly_minor: 120_000, known_at });
  await stream(bureauReportsTable, {
    borrower_id: 'B1',
    bureau: 'X',
    reported_at: '2024-07-09 00:00:00',
    known_at,
    bureau_score: 640,
  });
  await stream(districtsTable, { district_id: 'D1', unemployment_rate: 0.25, known_at });
  setTime('2024-07-10T10:00:00.002Z');
  const now = (await featuresOf('B1')).features;
  assert.deepEqual([now['income'], now['bureau_score'], now['unemployment']], [120_000, 640, 0.25]);
});

test('late and future facts: seen once they had happened and were known, and never before', async () => {
  const { featuresOf, stream, setTime } = await openBook();
  await stream(transactionsTable, {
    ...booking(7, 'B1', '2024-04-20', 700, 'salary'),
    known_at: '2024-07-11 00:00:00',
  });
  await stream(transactionsTable, booking(8, 'B1', '2024-07-12', 900, 'salary'));
  assert.equal((await featuresOf('B1')).features['bookings'], 4);
  setTime('2024-07-11T00:00:00.001Z');
  assert.equal((await featuresOf('B1')).features['bookings'], 5);
  setTime('2024-07-12T13:00:00.001Z');
  assert.equal((await featuresOf('B1')).features['bookings'], 6);
});

test('a clock set back an hour hides no applied event and makes no negative age', async () => {
  const { featuresOf, stream, setTime } = await openBook();
  setTime('2024-10-27T02:30:00Z');
  const moment = '2024-10-27 02:29:00';
  await stream(transactionsTable, {
    ...booking(9, 'B1', '2024-10-27', 10, 'rent'),
    occurred_at: moment,
    known_at: moment,
  });
  setTime('2024-10-27T01:30:00Z');
  const { features: seen, asOf } = await featuresOf('B1');
  assert.equal(seen['bookings'], 5);
  assert.equal(asOf.toISOString(), '2024-10-27T02:30:00.000Z');
});

test('a book whose data ends in the past is decided in its own time, which goes on', async () => {
  const { store, featuresOf, stream, setTime } = await openBook(true);
  const horizon = '2024-06-30T13:00:00.001Z';
  assert.equal((await featuresOf('B1')).asOf.toISOString(), horizon);
  setTime('2024-07-10T10:00:05.000Z');
  assert.equal((await featuresOf('B1')).asOf.toISOString(), '2024-06-30T13:00:05.001Z');
  const arrival = await store.bookTime(new Date('2024-07-10T10:00:05.000Z'));
  const stamped = arrival.toISOString().replace('Z', '').replace('T', ' ');
  await stream(transactionsTable, {
    ...booking(10, 'B1', '2024-06-30', 5, 'rent'),
    occurred_at: stamped,
    known_at: stamped,
  });
  assert.equal((await featuresOf('B1')).features['bookings'], 5);
  // an event with a later time of its own moves its borrower there, and nobody else
  await stream(transactionsTable, booking(11, 'B1', '2024-07-09', 6, 'rent'));
  const { asOf, features: seen } = await featuresOf('B1');
  assert.deepEqual([asOf.toISOString(), seen['bookings']], ['2024-07-09T13:00:00.001Z', 6]);
  assert.equal((await featuresOf('B2')).asOf.toISOString(), '2024-06-30T13:00:05.001Z');
  // a pause is no time in the book
  setTime('2024-09-01T00:00:00.000Z');
  await store.resume();
  assert.equal((await featuresOf('B2')).asOf.toISOString(), '2024-06-30T13:00:05.002Z');
});

test('what was streamed and what the lake holds by now count once; parity holds and names a fact that differs', async () => {
  const { portfolio, store, fill, stream } = await openBook();
  const late = { ...booking(12, 'B1', '2024-04-30', 4321, 'salary'), known_at: '2024-04-30 20:00:00' };
  await stream(transactionsTable, late);
  const context = { warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio), facts: store };
  const before = await featureParity(context);
  assert.deepEqual(before.byFeature, { inflow_90d: 1, bookings: 1 });
  assert.deepEqual(
    before.mismatches.map(({ applicationId, facts }) => [applicationId, facts.map(({ key, batch }) => [key, batch])]),
    [
      ['A1', [['["T12"]', null]]],
      ['A1', [['["T12"]', null]]],
    ],
  );
  await write(transactionsTable, [...TRANSACTIONS, late]);
  try {
    await buildFeatures(context);
    assert.equal((await featureParity(context)).mismatchCount, 0);
    const { pruned, facts } = await fill();
    assert.deepEqual([pruned, facts], [1, 2 + 6 + 2 + 1]);
    const after = await featureParity(context);
    assert.deepEqual([after.applications, after.cells, after.mismatchCount], [2, 2 * features.length, 0]);
    const { borrowers } = await store.factsOf(['B1']);
    assert.deepEqual(borrowers.get('B1')?.streamedMicroseconds, []);
  } finally {
    await write(transactionsTable, TRANSACTIONS);
  }
});

test('borrowers asked for at once are read in one round trip; nobody knows B9', async () => {
  const { store, source } = await openBook();
  let reads = 0;
  const counting: OnlineStore = Object.create(store, {
    factsOf: {
      value: (...request: Parameters<OnlineStore['factsOf']>) => {
        reads++;
        return store.factsOf(...request);
      },
    },
    references: { value: (...request: Parameters<OnlineStore['references']>) => store.references(...request) },
  });
  const together = openOnlineFeatures({ store: counting, portfolio: bookNamed('book-0') });
  const now = new Date('2024-07-10T10:00:00Z');
  const all = await Promise.all(['B1', 'B2', 'B9', 'B1'].map((id) => together.featuresFor(application(id, 1), now)));
  assert.equal(reads, 1);
  assert.deepEqual(
    all.map(({ missing }) => missing),
    [[], [], ['borrower'], []],
  );
  assert.deepEqual(all[0], await source.featuresFor(application('B1', 1), now));
  assert.equal(all[2]?.features['income'], null);
});

test('before the store is filled, readiness says so', async () => {
  const portfolio = bookNamed('never-filled');
  const store = new OnlineStore({
    database,
    portfolio: portfolio.name,
    tables: tablesOf(portfolio),
    clock: { now: () => new Date() },
  });
  await assert.rejects(openOnlineFeatures({ store, portfolio }).ready(), /not been filled/);
});
