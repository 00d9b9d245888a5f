import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  AssayError,
  column,
  type Portfolio,
  type RawRecord,
  type SourceFile,
  type TableSchema,
} from '../domain/index.ts';
import {
  ErasedPersons,
  fixedClock,
  type Lake,
  openLocalLake,
  openWarehouse,
  type Warehouse,
} from '../platform/index.ts';
import { ingestPortfolio, landRaw, minorUnitsOf, processRaw, requiredText, textOf } from './index.ts';

const payments: TableSchema = {
  name: 'payments',
  description: 'Payments.',
  key: ['payment_id'],
  eventTime: 'paid_on',
  knownTime: 'known_at',
  partitionBy: 'paid_on',
  columns: [
    column.text('payment_id'),
    column.text('borrower_id'),
    column.date('paid_on'),
    column.money('amount_minor', { min: 0 }),
    column.timestamp('known_at'),
  ],
};

const mapPayment = (record: RawRecord) => ({
  payment_id: textOf(record, 'id'),
  borrower_id: textOf(record, 'who'),
  paid_on: textOf(record, 'day'),
  amount_minor: minorUnitsOf(record, 'amount'),
  known_at: textOf(record, 'known'),
});

const paymentsFile = (more: Partial<SourceFile> = {}): SourceFile => ({
  name: 'payments',
  path: 'payments.csv',
  format: 'csv',
  targets: [{ table: payments, map: mapPayment }],
  ...more,
});

const portfolioOf = (...sources: SourceFile[]): Portfolio => ({
  name: 'test-book',
  title: '',
  description: '',
  currency: 'EUR',
  sources,
  defaultDefinition: { description: '', outcomeWindowMonths: null },
  features: { features: [] },
  split: { kind: 'folds', name: 'test', folds: 5 },
  estimators: [],
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: {
    format: 'assay-policy/1',
    version: '1',
    status: 'draft',
    description: '',
    limits: [],
    pricing: [],
    rules: [],
  },
  protectedAttributes: [],
  segments: [],
});

const HEADER = 'id,who,day,amount,known\n';
const clock = fixedClock(new Date('2025-01-01T00:00:00Z'));

let folder: string;
let data: string;
let lake: Lake;
let warehouse: Warehouse;
let runs = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-ingestion-'));
  warehouse = await openWarehouse({ threads: 1 });
});
beforeEach(async () => {
  data = join(folder, `data-${++runs}`);
  await mkdir(data);
  lake = openLocalLake(join(folder, `lake-${runs}`));
});
after(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true, force: true });
});

const ingest = (portfolio: Portfolio) => ingestPortfolio({ portfolio, dataDirectory: data, lake, warehouse, clock });

const written = (table: string) =>
  warehouse.rows(
    `SELECT * EXCLUDE (dt) FROM read_parquet('${lake.path('processed')}/${table}/*/*.parquet', hive_partitioning = true) ORDER BY source_row`,
  );

const rejects = () =>
  warehouse.rows<{ kind: string; line: number; field: string | null; reason: string; raw: string }>(
    `SELECT kind, line, field, reason, raw FROM '${lake.path('processed/_quality/rejects.parquet')}' ORDER BY line, kind`,
  );

async function refused(portfolio: Portfolio): Promise<AssayError> {
  const error: unknown = await ingest(portfolio).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AssayError, `expected a refusal, got ${String(error)}`);
  return error;
}

test('every row is written, rejected, excluded or a repeat, and the books close', async () => {
  await writeFile(
    join(data, 'payments.csv'),
    `${HEADER}${[
      'p1,b1,2024-01-31,10.00,2024-02-01 08:00:00',
      'p2,b1,2024-02-30,10.00,2024-02-01 08:00:00',
      'p3,b2,2024-02-01,ten,2024-02-01 08:00:00',
      'p1,b1,2024-01-31,10.00,2024-02-03 08:00:00',
      'p1,b1,2024-01-31,99.00,2024-02-01 08:00:00',
      'p4,test,2024-02-01,5.00,2024-02-01 08:00:00',
      'p5,b3',
      ',b3,2024-02-01,5.00,2024-02-01 08:00:00',
      'p6,b3,2024-03-01,0.07,2024-03-01 08:00:00',
    ].join('\n')}\n`,
  );
  const { funnel } = await ingest(
    portfolioOf(paymentsFile({ exclude: (record) => (record['who'] === 'test' ? 'test customer' : null) })),
  );
  const source = funnel.sources[0]!;
  assert.equal(source.rowsRead, 9);
  assert.deepEqual(source.excludedBy, { 'test customer': 1 });
  assert.deepEqual(source.tables[0], {
    table: 'payments',
    notMapped: 0,
    rejected: 5,
    rejectedBy: {
      'amount: not an amount of money': 1,
      'paid_on: not a date (YYYY-MM-DD)': 1,
      'payment_id: missing but required': 1,
      'payment_id: the key of another row with other content': 1,
      ragged: 1,
    },
    duplicates: 1,
    erased: 0,
    written: 2,
  });
  assert.equal(funnel.rejectedShare, 5 / 8);
  const rows = await written('payments');
  assert.deepEqual(
    rows.map((row) => [row['payment_id'], row['amount_minor'], row['paid_on'], row['source_row']]),
    [
      ['p1', 1000, '2024-01-31', 0],
      ['p6', 7, '2024-03-01', 8],
    ],
  );
  assert.deepEqual(
    (await rejects()).map((row) => [row.line, row.kind, row.field]),
    [
      [3, 'rejected', 'paid_on'],
      [4, 'rejected', 'amount'],
      [5, 'duplicate', 'payment_id'],
      [6, 'rejected', 'payment_id'],
      [7, 'excluded', null],
      [8, 'rejected', null],
      [9, 'rejected', 'payment_id'],
    ],
  );
  assert.deepEqual(
    (await lake.list('processed/payments')).map((key) => key.slice(19)),
    ['dt=2024-01/part-0.parquet', 'dt=2024-03/part-0.parquet'],
  );
});

test('rows of an erased person are counted and go nowhere, what belongs to them by a key and what was refused included', async () => {
  const accounts: TableSchema = {
    name: 'accounts',
    description: 'Accounts.',
    key: ['account_id'],
    columns: [column.text('account_id'), column.text('borrower_id')],
  };
  const limits: TableSchema = {
    name: 'limits',
    description: 'Limits of accounts: no borrower is named.',
    key: ['limit_id'],
    columns: [column.text('limit_id'), column.text('account_id')],
  };
  const plain = (name: string, table: TableSchema): SourceFile => ({
    ...{ name, path: `${name}.csv`, format: 'csv' },
    targets: [{ table, map: (record) => ({ ...record }) }],
  });
  await writeFile(join(data, 'accounts.csv'), 'account_id,borrower_id\na1,canary-1\na2,b2\n');
  await writeFile(join(data, 'limits.csv'), 'limit_id,account_id\nl1,a1\nl2,a2\nl3,a1\n');
  await writeFile(
    join(data, 'payments.csv'),
    `${HEADER}${[
      'p1,canary-1,2024-01-31,10.00,2024-02-01 08:00:00',
      'p1,canary-1,2024-01-31,11.00,2024-02-01 08:00:00',
      'p2,canary-1,2024-02-30,10.00,2024-02-01 08:00:00',
      'p3,canary-1,2024-02-01,ten,2024-02-01 08:00:00',
      'p4,canary-1',
      'p5,canary-11,2024-02-01,ten,2024-02-01 08:00:00',
      'p6,b2,2024-02-01,5.00,2024-02-01 08:00:00',
    ].join('\n')}\n`,
  );
  const portfolio = portfolioOf(plain('accounts', accounts), plain('limits', limits), paymentsFile());
  const erased = new ErasedPersons(new Set(['hash of canary-1']), (id) => `hash of ${id}`);
  const { funnel } = await ingestPortfolio({ portfolio, dataDirectory: data, lake, warehouse, clock, erased });
  assert.deepEqual(
    funnel.sources.map(({ rowsRead, tables: [one] }) => [rowsRead, one!.written, one!.erased, one!.rejected]),
    [
      [2, 1, 1, 0],
      [3, 1, 2, 0],
      // two rows and a third that its own content refuses; what nobody could map stays refused
      [7, 1, 3, 3],
    ],
  );
  assert.equal(funnel.rejectedShare, 3 / 6);
  assert.deepEqual(
    (await rejects()).map(({ line, raw }) => [line, raw]),
    [
      [5, '(of an erased person)'],
      [6, '(of an erased person)'],
      [7, 'p5,canary-11,2024-02-01,ten,2024-02-01 08:00:00'],
    ],
  );
  assert.deepEqual(
    (await written('limits')).map((row) => row['limit_id']),
    ['l2'],
  );
});

test('what came from a social network is kept of those who agreed alone, and of nobody while nobody did', async () => {
  const profiles: TableSchema = {
    name: 'profiles',
    description: 'Profiles.',
    key: ['borrower_id'],
    columns: [
      column.text('borrower_id'),
      {
        name: 'social_plaza_account_age_days',
        type: 'integer',
        dataClass: 'social_network',
        platform: 'plaza',
        nullable: true,
      },
    ],
  };
  const source: SourceFile = {
    ...{ name: 'profiles', path: 'profiles.csv', format: 'csv' },
    targets: [{ table: profiles, map: (record) => ({ ...record }) }],
  };
  await writeFile(
    join(data, 'profiles.csv'),
    'borrower_id,social_plaza_account_age_days\nyes,10\nno,20\nelsewhere,30\n',
  );
  const request = { portfolio: portfolioOf(source), dataDirectory: data, lake, warehouse, clock };
  const kept = async (agreed: readonly string[]): Promise<unknown[]> => {
    const consented = {
      fingerprint: agreed.join(),
      has: (id: string, platform: string) => agreed.includes(`${platform} ${id}`),
    };
    await ingestPortfolio({ ...request, ...(agreed.length > 0 && { consented }) });
    return (await written('profiles')).map((row) => row['social_plaza_account_age_days']);
  };
  assert.deepEqual(await kept(['plaza yes', 'other elsewhere']), [10, null, null]);
  assert.deepEqual(await kept([]), [null, null, null]);
});

test('a fact delivered twice is kept as first known, whichever came first in the file', async () => {
  const late = 'p1,b1,2024-01-31,10.00,2024-02-09 08:00:00';
  const early = 'p1,b1,2024-01-31,10.00,2024-02-01 08:00:00';
  await writeFile(join(data, 'payments.csv'), `${HEADER}${late}\n${early}\n`);
  await ingest(portfolioOf(paymentsFile()));
  const rows = await written('payments');
  assert.equal(rows.length, 1);
  assert.match(String(rows[0]!['known_at']), /^2024-02-01/);
});

test('the raw zone is immutable and content-addressed; landing again copies nothing', async () => {
  await writeFile(join(data, 'payments.csv'), `${HEADER}p1,b1,2024-01-31,10.00,2024-02-01\n`);
  const portfolio = portfolioOf(paymentsFile());
  const first = await landRaw({ portfolio, dataDirectory: data, lake });
  const again = await landRaw({ portfolio, dataDirectory: data, lake });
  assert.deepEqual([first[0]!.copied, again[0]!.copied, again[0]!.key === first[0]!.key], [true, false, true]);
  await writeFile(join(data, 'payments.csv'), `${HEADER}p2,b1,2024-01-31,10.00,2024-02-01\n`);
  const changed = await landRaw({ portfolio, dataDirectory: data, lake });
  assert.notEqual(changed[0]!.key, first[0]!.key);
  assert.match(Buffer.from(await lake.get(first[0]!.key)).toString(), /p1/);
  const funnel = await processRaw({ portfolio, lake, warehouse, clock });
  assert.equal(funnel.sources[0]!.sha256, changed[0]!.sha256);
});

test('processing twice gives the same files, byte for byte, but for the time in the funnel', async () => {
  const lines = Array.from({ length: 500 }, (_, i) => `p${i},b${i % 7},2024-0${1 + (i % 6)}-11,${i}.25,2024-07-01`);
  await writeFile(join(data, 'payments.csv.gz'), gzipSync(HEADER + lines.join('\n')));
  const portfolio = portfolioOf(paymentsFile({ path: 'payments.csv.gz' }));
  await ingest(portfolio);
  const contents = async () => {
    const keys = (await lake.list('processed')).filter((key) => key.endsWith('.parquet'));
    return Promise.all(keys.map(async (key) => [key, Buffer.from(await lake.get(key)).toString('hex')]));
  };
  const first = await contents();
  await ingest(portfolio);
  assert.equal(first.length, 7);
  assert.deepEqual(await contents(), first);
});

test('a failing run leaves the zone that was there', async () => {
  await writeFile(join(data, 'payments.csv'), `${HEADER}p1,b1,2024-01-31,10.00,2024-02-01\n`);
  await ingest(portfolioOf(paymentsFile()));
  const before = await written('payments');
  await writeFile(join(data, 'payments.csv'), 'id;who\np1;b1\n');
  await refused(portfolioOf(paymentsFile()));
  assert.deepEqual(await written('payments'), before);
});

test('one record may give rows of several tables, and several files one table', async () => {
  const owners: TableSchema = {
    name: 'owners',
    description: '',
    key: ['who'],
    columns: [column.text('who'), column.text('name')],
  };
  const holders: SourceFile = {
    name: 'owners',
    path: 'owners.csv',
    format: 'csv',
    targets: [
      { table: owners, map: (record) => ({ who: textOf(record, 'who'), name: textOf(record, 'name') }) },
      {
        table: payments,
        map: (record) =>
          record['fee'] === ''
            ? null
            : mapPayment({
                id: `fee-${record['who']}`,
                who: record['who']!,
                day: '2024-01-01',
                amount: record['fee']!,
                known: '2024-01-01',
              }),
      },
    ],
  };
  const named = paymentsFile({
    targets: [
      {
        table: payments,
        lookups: ['owners'],
        map: (record, _row, context) => ({
          ...mapPayment(record),
          borrower_id: context.lookup('owners', requiredText(record, 'who'))?.['name'] ?? null,
        }),
      },
    ],
  });
  await writeFile(join(data, 'owners.csv'), 'who,name,fee\n1,Ann,\n2,Bob,3.50\n');
  await writeFile(
    join(data, 'payments.csv'),
    `${HEADER}p1,1,2024-01-31,10.00,2024-02-01\np2,9,2024-01-31,1.00,2024-02-01\n`,
  );
  const { funnel } = await ingest(portfolioOf(holders, named));
  assert.deepEqual(
    funnel.sources.flatMap(({ tables }) =>
      tables.map((table) => [table.table, table.notMapped, table.rejected, table.written]),
    ),
    [
      ['owners', 0, 0, 2],
      ['payments', 1, 0, 1],
      ['payments', 0, 1, 1],
    ],
  );
  assert.deepEqual(new Set((await written('payments')).map((row) => row['borrower_id'])), new Set(['2', 'Ann']));
});

test('missing files are named with the path looked at and --data', async () => {
  const error = await refused(portfolioOf(paymentsFile()));
  assert.equal(error.code, 'not_found');
  assert.ok(error.message.includes(join(data, 'payments.csv')));
  assert.match(error.message, /--data DIR/);
});

test('unusable files end in words: wrong delimiter, cut gzip, repeated header, mapper slips', async () => {
  const cases: [string, string | Uint8Array, SourceFile, RegExp][] = [
    [
      'payments.csv',
      'id;who;day\np1;b1;x\n',
      paymentsFile({ delimiter: ',' }),
      /no column "id".*columns: id;who;day.*delimiter/,
    ],
    [
      'payments.csv',
      gzipSync(HEADER + 'p,b\n'.repeat(9999)).subarray(0, 40),
      paymentsFile(),
      /payments\.csv is damaged gzip/,
    ],
    ['payments.csv', 'id,id,who\n1,2,3\n', paymentsFile(), /columns of the same name.*"id" at 1, 2/],
    ['payments.csv', '', paymentsFile(), /empty/],
    [
      'payments.csv',
      `${HEADER}p1,b1,2024-01-31,1,2024-02-01\n`,
      paymentsFile({ targets: [{ table: payments, map: () => ({ paymentid: 'x' }) }] }),
      /fields that table "payments" does not have.*paymentid/,
    ],
    [
      'payments.csv',
      `${HEADER}p1,b1,2024-01-31,1,2024-02-01\n`,
      paymentsFile({ targets: [{ table: payments, map: (_r, _i, context) => context.lookup('owners', 'x') ?? null }] }),
      /looks into "owners" without saying so/,
    ],
  ];
  for (const [file, content, source, message] of cases) {
    await writeFile(join(data, file), content);
    assert.match((await refused(portfolioOf(source))).message, message);
  }
});

test('a cancelled run is cancelled', async () => {
  await writeFile(join(data, 'payments.csv'), `${HEADER}p1,b1,2024-01-31,10.00,2024-02-01\n`);
  const portfolio = portfolioOf(paymentsFile());
  const landed = await landRaw({ portfolio, dataDirectory: data, lake });
  const run = processRaw({ portfolio, lake, warehouse, clock, landed, signal: AbortSignal.abort() });
  await assert.rejects(run, (error) => error instanceof AssayError && error.code === 'cancelled');
});
