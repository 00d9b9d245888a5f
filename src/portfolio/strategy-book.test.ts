import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  borrowersTable,
  type FeatureDefinition,
  loanApplicationsTable,
  outcomesTable,
  type Portfolio,
} from '../domain/index.ts';
import { sealedColumns, sealTable } from '../ingestion/index.ts';
import {
  fixedClock,
  type Lake,
  openLocalLake,
  openSealedZone,
  openWarehouse,
  type SealedZone,
  type Warehouse,
} from '../platform/index.ts';
import { buildMarts } from './build-marts.ts';
import { MartReader } from './mart-reader.ts';
import { readStrategyBook } from './strategy-book.ts';
import { readStrategyGroups } from './strategy-groups.ts';

/** A book of 60 applications on the real engine; every packed column is unpacked and held against the rows it was made from. */
const purpose: FeatureDefinition = {
  name: 'purpose',
  title: 'Purpose',
  unit: 'category',
  nullMeaning: 'not given',
  type: 'categorical',
  definition: { kind: 'attribute', column: 'purpose' },
  reason: { code: 'PUR', text: 'purpose of the loan' },
};
const portfolio: Portfolio = {
  name: 'tiny',
  title: 'Tiny',
  description: 'for tests',
  currency: 'EUR',
  sources: [
    {
      name: 'all',
      path: 'all.csv',
      format: 'csv',
      targets: [loanApplicationsTable, borrowersTable, outcomesTable].map((table) => ({ table, map: () => null })),
    },
  ],
  defaultDefinition: { description: '90 days', outcomeWindowMonths: 12 },
  features: { features: [purpose] },
  split: { kind: 'folds', name: 'tiny', folds: 5 },
  estimators: ['logistic'],
  scale: { baseScore: 600, baseOdds: 50, pdo: 20 },
  policy: {
    format: 'assay-policy/1',
    version: '1',
    status: 'live',
    description: '',
    limits: [],
    pricing: [],
    rules: [],
  },
  protectedAttributes: [{ table: 'borrowers', column: 'sex', title: 'Sex' }],
  segments: ['purpose'],
};
const DECISIONS = ['approved', 'counter_offer', 'referred', 'declined'] as const;
const rows = Array.from({ length: 60 }, (_, i) => ({
  id: `A${String(i).padStart(2, '0')}`,
  pd: ((i * 37) % 60) / 100 + 0.001,
  rate: i % 8 === 0 ? null : 5 + (i % 3),
  amount: i % 9 === 0 ? null : 1000 + i,
  defaulted: i % 10 === 9 ? null : i % 3 === 0 ? 1 : 0,
  outcome: DECISIONS[i % 4]!,
  purpose: i % 2 === 0 ? 'car' : 'home',
  sex: i % 7 === 0 ? null : i % 3 === 0 ? "o'ther" : 'female',
}));
const sorted = [...rows].sort((a, b) => a.pd - b.pd || (a.id < b.id ? -1 : 1));

let folder = '';
let lake: Lake;
let sealed: SealedZone;
let warehouse: Warehouse;
let reader: MartReader;

const text = (value: string | null): string => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`);
const parquet = async (key: string, columns: string, values: string[]): Promise<void> => {
  await mkdir(dirname(lake.path(key)), { recursive: true });
  await warehouse.run(
    `COPY (SELECT * FROM (VALUES ${values.join(',')}) t(${columns})) TO '${lake.path(key)}' (FORMAT parquet)`,
  );
};
const unpack = (packed: string): ArrayBuffer => Uint8Array.from(Buffer.from(packed, 'base64')).buffer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-strategy-'));
  lake = openLocalLake(folder);
  sealed = openSealedZone({ lake, home: folder });
  warehouse = await openWarehouse({ threads: 1 });
  reader = new MartReader({ warehouse, lake, portfolio });
});
after(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true });
});

test('before anything is built there is an empty state', async () => {
  assert.equal((await readStrategyBook(reader)).state, 'empty');
  assert.equal((await readStrategyGroups(reader, sealed)).state, 'empty');
});

test('every column of the packed book is that of its rows, safest first', async () => {
  await fill();
  const book = await readStrategyBook(reader);
  assert.equal(book.state, 'ready');
  assert.equal(book.rows, rows.length);
  const { columns } = book;
  assert.deepEqual(
    [...new Uint16Array(unpack(columns.pd))],
    sorted.map(({ pd }) => Math.round(pd * 65_535)),
  );
  assert.deepEqual(
    [...new Uint16Array(unpack(columns.interest))],
    sorted.map(({ rate }) => (rate === null ? 65_535 : rate * 50)),
  );
  assert.deepEqual(
    [...new Float32Array(unpack(columns.amountMinor))],
    sorted.map(({ amount }) => amount ?? 0),
  );
  assert.deepEqual(
    [...new Uint8Array(unpack(columns.outcome))],
    sorted.map(({ defaulted }) => defaulted ?? 2),
  );
  assert.deepEqual(
    [...new Uint8Array(unpack(columns.decision))],
    sorted.map(({ outcome }) => DECISIONS.indexOf(outcome)),
  );
  const [dimension] = book.dimensions;
  assert.deepEqual(
    [...new Uint8Array(unpack(dimension!.codes))].map((code) => dimension!.levels[code]),
    sorted.map((row) => row.purpose),
  );
});

test('the book holds no id and no protected group; groups come apart, in the same order, the latest known counts', async () => {
  const book = await readStrategyBook(reader);
  assert.ok(!/A0\d|female|o'ther/.test(JSON.stringify(book)));
  const { attributes } = await readStrategyGroups(reader, sealed);
  const [sex] = attributes;
  assert.equal(sex?.title, 'Sex');
  assert.deepEqual(
    [...new Uint8Array(unpack(sex!.codes))].map((code) => sex!.groups[code] ?? null),
    sorted.map((row) => row.sex),
  );
});

async function fill(): Promise<void> {
  const at = "TIMESTAMP '2024-01-15 10:00:00'";
  await parquet(
    'processed/loan_applications/dt=all/part-0.parquet',
    'application_id, borrower_id, applied_at, amount_minor, term_months, instalment_minor, purpose, channel, source_row',
    rows.map(
      (row, i) =>
        `('${row.id}','B${i}',${at},CAST(${row.amount ?? 'NULL'} AS BIGINT),12,NULL::BIGINT,'${row.purpose}',NULL::VARCHAR,${i})`,
    ),
  );
  const borrower = (i: number, sex: string | null, known: string): string =>
    `('B${i}',${text(sex)},TIMESTAMP '${known}',${i})`;
  await warehouse.run('CREATE TABLE people (borrower_id VARCHAR, sex VARCHAR, known_at TIMESTAMP, source_row BIGINT)');
  const old = rows.map((_, i) => borrower(i, 'female', '2019-01-01'));
  const known = rows.map((row, i) => borrower(i, row.sex, '2020-01-01')).filter((_, i) => rows[i]!.sex !== null);
  const unknown = new Set(rows.flatMap((row, i) => (row.sex === null ? [i] : [])));
  await warehouse.run(`INSERT INTO people VALUES ${[...old.filter((_, i) => !unknown.has(i)), ...known].join(',')}`);
  const columns = sealedColumns(borrowersTable).map(({ name }) =>
    ['borrower_id', 'sex', 'known_at'].includes(name) ? name : `NULL AS ${name}`,
  );
  await sealTable({ warehouse, sealed }, borrowersTable, `SELECT ${columns.join(', ')} FROM people`);
  await parquet(
    'processed/outcomes/dt=all/part-0.parquet',
    'application_id, defaulted, status, observed_at, source_row',
    rows.map((row, i) => `('${row.id}',${row.defaulted ?? 'NULL'},NULL::VARCHAR,NULL::TIMESTAMP,${i})`),
  );
  await parquet(
    'modeled/features/features.parquet',
    'application_id, borrower_id, as_of, source_row, purpose',
    rows.map((row, i) => `('${row.id}','B${i}',${at},${i},'${row.purpose}')`),
  );
  await parquet(
    'modeled/scores/scores.parquet',
    'application_id, borrower_id, applied_at, model_version, estimator, margin, pd, score, grade, reason_1, outcome, annual_rate_percent',
    rows.map(
      (row, i) =>
        `('${row.id}','B${i}',${at},'tiny-1','logistic',0.0::DOUBLE,${row.pd}::DOUBLE,500.0::DOUBLE,'A','R','${row.outcome}',CAST(${row.rate ?? 'NULL'} AS DOUBLE))`,
    ),
  );
  await buildMarts({ warehouse, lake, portfolio, clock: fixedClock('2024-06-01T00:00:00Z') });
}
