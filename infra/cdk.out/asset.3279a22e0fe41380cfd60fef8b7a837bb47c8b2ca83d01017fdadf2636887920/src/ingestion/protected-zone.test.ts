import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AssayError,
  borrowersTable,
  column,
  loanApplicationsTable,
  type Portfolio,
  type RawRecord,
} from '../domain/index.ts';
import {
  fixedClock,
  type Lake,
  openLocalLake,
  openSealedZone,
  openWarehouse,
  type SealedZone,
  type Warehouse,
} from '../platform/index.ts';
import { ingestPortfolio } from './ingest-portfolio.ts';
import { openSealedTables, sealedColumns } from './protected-zone.ts';

/** A trait that nobody has otherwise, so that it is found wherever it was left. */
const TRAIT = 'traitcanary';
const applications = {
  ...loanApplicationsTable,
  columns: [...loanApplicationsTable.columns, column.integer('age', { nullable: true, dataClass: 'protected' })],
};
const CSV = `id,who,at,amount,ethnic,age\nA1,B1,2024-01-02,100,${TRAIT}one,777001\nA2,B2,2024-01-03,200,${TRAIT}two,777002\n`;
const portfolio = {
  name: 'p',
  currency: 'EUR',
  sources: [
    {
      name: 'book',
      path: 'book.csv',
      format: 'csv',
      targets: [
        {
          table: applications,
          map: (record: RawRecord) => ({
            application_id: record['id']!,
            borrower_id: record['who']!,
            applied_at: record['at']!,
            amount_minor: Number(record['amount']),
            term_months: 12,
            age: record['age']!,
          }),
        },
        {
          table: borrowersTable,
          map: (record: RawRecord) => ({
            borrower_id: record['who']!,
            ethnic_group: record['ethnic']!,
            known_at: record['at']!,
          }),
        },
      ],
    },
  ],
} as unknown as Portfolio;

let home = '';
let lake: Lake;
let sealed: SealedZone;
let warehouse: Warehouse;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-protected-'));
  await writeFile(join(home, 'book.csv'), CSV);
  lake = openLocalLake(join(home, 'lake'));
  sealed = openSealedZone({ lake, home });
  warehouse = await openWarehouse({ threads: 1 });
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory: home, lake, warehouse, clock, sealed });
});
after(async () => {
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

test('no trait lies open in the processed zone, in its values or in its bytes', async () => {
  for (const [table, name] of [
    ['borrowers', 'ethnic_group'],
    ['loan_applications', 'age'],
  ] as const) {
    const rows = await warehouse.rows(
      `SELECT ${name} AS trait FROM read_parquet('${lake.path(`processed/${table}`)}/*/*.parquet')`,
    );
    assert.deepEqual(rows, [{ trait: null }, { trait: null }]);
  }
  for (const zone of ['processed', 'sealed']) {
    const files = (await readdir(lake.path(zone), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    assert.ok(files.length > 0);
    for (const file of files) assert.ok(!(await readFile(join(file.parentPath, file.name))).includes(TRAIT), file.name);
  }
});

test('the holder of the key reads traits with their applications; the key is owner-only', async () => {
  await warehouse.run('CREATE SCHEMA sealed_test');
  await openSealedTables({ warehouse, sealed }, 'sealed_test', [borrowersTable, applications]);
  const traits = await warehouse.rows('SELECT borrower_id, ethnic_group, sex FROM sealed_test.borrowers ORDER BY 1');
  assert.deepEqual(traits, [
    { borrower_id: 'B1', ethnic_group: `${TRAIT}one`, sex: null },
    { borrower_id: 'B2', ethnic_group: `${TRAIT}two`, sex: null },
  ]);
  const ages = await warehouse.rows('SELECT application_id, age FROM sealed_test.loan_applications ORDER BY 1');
  assert.deepEqual(ages, [
    { application_id: 'A1', age: 777001 },
    { application_id: 'A2', age: 777002 },
  ]);
  await warehouse.run('DROP SCHEMA sealed_test CASCADE');
  assert.equal((await stat(join(home, 'keys', 'protected.key'))).mode & 0o777, 0o600);
  assert.deepEqual(
    sealedColumns(borrowersTable).map(({ name }) => name),
    ['borrower_id', 'sex', 'ethnic_group', 'marital_status', 'known_at'],
  );
});

test('another key, another name and a changed byte do not open', async () => {
  const isTampered = (error: unknown) => error instanceof AssayError && error.code === 'tampered';
  const other = await mkdtemp(join(tmpdir(), 'assay-protected-other-'));
  try {
    await assert.rejects(openSealedZone({ lake, home: other }).get('borrowers.parquet'), isTampered);
  } finally {
    await rm(other, { recursive: true, force: true });
  }
  const bytes = Buffer.from(await lake.get('sealed/borrowers.parquet'));
  await lake.put('sealed/loans.parquet', bytes);
  await assert.rejects(sealed.get('loans.parquet'), isTampered);
  for (const at of [0, 12, 30, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    await lake.put('sealed/loans.parquet', changed);
    await assert.rejects(sealed.get('loans.parquet'), isTampered, `byte ${at}`);
  }
  await lake.remove('sealed/loans.parquet');
});

test('without a sealed zone traits are not kept at all', async () => {
  const bare = openLocalLake(join(home, 'bare'));
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory: home, lake: bare, warehouse, clock });
  assert.deepEqual(await bare.list('sealed'), []);
  const [row] = await warehouse.rows(
    `SELECT count(ethnic_group) AS n FROM read_parquet('${bare.path('processed/borrowers')}/*/*.parquet')`,
  );
  assert.deepEqual(row, { n: 0 });
});
