import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type FeatureDefinition, loanApplicationsTable, outcomesTable, type Portfolio } from '../../domain/index.ts';
import { buildFeatures, tablesOf } from '../../features/index.ts';
import { type Lake, openLocalLake, openWarehouse, type Warehouse } from '../../platform/index.ts';
import { jeffreysInterval, psi } from '../../training/index.ts';
import { readBookDrift } from './book-drift.ts';

/** Six months of 200 applications; in the last three amounts have doubled, purposes are missing, and PDs have crept up. */
const attribute = (name: string, column: string, type: 'numeric' | 'categorical'): FeatureDefinition => ({
  name,
  title: `Title of ${name}`,
  unit: 'unit',
  nullMeaning: 'not given',
  type,
  definition: { kind: 'attribute', column },
  reason: { code: name.toUpperCase(), text: `text of ${name}` },
});
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
      targets: [loanApplicationsTable, outcomesTable].map((table) => ({ table, map: () => null })),
    },
  ],
  defaultDefinition: { description: '90 days', outcomeWindowMonths: 12 },
  features: {
    features: [
      attribute('amount', 'amount_minor', 'numeric'),
      attribute('term', 'term_months', 'numeric'),
      attribute('kind', 'purpose', 'categorical'),
    ],
  },
  split: { kind: 'out_of_time', trainUntil: '2024-04-01', name: 'tiny', folds: 5 },
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
  protectedAttributes: [],
  segments: [],
};

const A_MONTH = 200;
const rows = Array.from({ length: 6 * A_MONTH }, (_, i) => {
  const month = Math.floor(i / A_MONTH) + 1;
  const late = month > 3;
  return {
    id: `A${String(i).padStart(4, '0')}`,
    month,
    at: `TIMESTAMP '2024-0${month}-10 10:00:00'`,
    amount: (1000 + ((i * 37) % 500)) * (late ? 2 : 1),
    term: 12 + (i % 5),
    purpose: late && i % 2 === 0 ? null : ['car', 'home'][i % 2]!,
    pd: 0.02 + ((i * 13) % 100) / 1000 + (late ? 0.01 * (month - 3) : 0),
    defaulted: month === 6 ? null : i % 10 === 0 ? 1 : 0,
  };
});

let folder = '';
let lake: Lake;
let warehouse: Warehouse;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-drift-'));
  lake = openLocalLake(folder);
  warehouse = await openWarehouse({ threads: 1 });
});
after(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true });
});

async function fill(): Promise<void> {
  const parquet = async (key: string, columns: string, values: string[]): Promise<void> => {
    await mkdir(dirname(lake.path(key)), { recursive: true });
    await warehouse.run(
      `COPY (SELECT * FROM (VALUES ${values.join(',')}) t(${columns})) TO '${lake.path(key)}' (FORMAT parquet)`,
    );
  };
  await parquet(
    'processed/loan_applications/dt=all/part-0.parquet',
    'application_id, borrower_id, applied_at, amount_minor, term_months, instalment_minor, purpose, channel, source_row',
    rows.map(
      (row, i) =>
        `('${row.id}','B${i}',${row.at},${row.amount},${row.term},NULL::BIGINT,${row.purpose === null ? 'NULL' : `'${row.purpose}'`},NULL::VARCHAR,${i})`,
    ),
  );
  await parquet(
    'processed/outcomes/dt=all/part-0.parquet',
    'application_id, defaulted, status, observed_at, source_row',
    rows.map((row, i) => `('${row.id}',${row.defaulted ?? 'NULL'},NULL::VARCHAR,NULL::TIMESTAMP,${i})`),
  );
  await parquet(
    'modeled/scores/scores.parquet',
    'application_id, applied_at, estimator, pd',
    rows.map((row) => `('${row.id}',${row.at},'logistic',${row.pd}::DOUBLE)`),
  );
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
}

test('a book that is not scored has no drift', async () => {
  assert.equal(await readBookDrift({ warehouse, lake, portfolio }), null);
});

test('the index of each month is that of its PDs against the training months', async () => {
  await fill();
  const drift = await readBookDrift({ warehouse, lake, portfolio });
  assert.deepEqual(drift?.reference, { from: '2024-01', until: '2024-03', applications: 3 * A_MONTH });
  assert.deepEqual(drift?.recent, { from: '2024-04', until: '2024-06', applications: 3 * A_MONTH });
  const reference = rows.filter(({ month }) => month <= 3).map(({ pd }) => pd);
  for (const [index, found] of drift.months.entries()) {
    const pds = rows.filter(({ month }) => month === index + 1).map(({ pd }) => pd);
    assert.ok(Math.abs((found.psi ?? Number.NaN) - psi(reference, pds)) < 1e-12);
    assert.equal(found.applications, A_MONTH);
  }
});

test('features that moved come first, and missing values are told before and now', async () => {
  const drift = await readBookDrift({ warehouse, lake, portfolio });
  const found = new Map(drift?.features.map((feature) => [feature.feature, feature]));
  assert.ok((found.get('amount')?.csi ?? 0) > 0.25 && (found.get('term')?.csi ?? 1) < 0.01);
  assert.deepEqual([found.get('kind')?.missingBefore, found.get('kind')?.missingNow], [0, 0.5]);
  assert.equal(drift?.features.at(-1)?.feature, 'term');
  const raised = drift?.alarms.map(({ level, kind, subject }) => `${level} ${kind} ${subject}`) ?? [];
  assert.ok(raised.includes('act feature_drift Title of amount'));
  assert.ok(raised.includes('act missing_values Title of kind'));
});

test('calibration by quarter counts known outcomes, with their interval', async () => {
  const drift = await readBookDrift({ warehouse, lake, portfolio });
  const [first, second] = drift?.quarters ?? [];
  const known = rows.filter(({ month, defaulted }) => month >= 4 && defaulted !== null);
  const defaults = known.filter(({ defaulted }) => defaulted === 1).length;
  assert.equal(first?.labelled, 3 * A_MONTH);
  assert.deepEqual([second?.labelled, second?.defaults], [2 * A_MONTH, defaults]);
  assert.deepEqual(second?.observed, jeffreysInterval(defaults, known.length));
  const mean = known.reduce((sum, { pd }) => sum + pd, 0) / known.length;
  assert.ok(Math.abs((second?.meanPd ?? 0) - mean) < 1e-12);
});
