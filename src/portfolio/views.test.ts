import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type FeatureDefinition,
  loanApplicationsTable,
  loanPerformanceTable,
  loansTable,
  outcomesTable,
  type Portfolio,
} from '../domain/index.ts';
import { fixedClock, type Lake, openLocalLake, openWarehouse, type Warehouse } from '../platform/index.ts';
import { aucInterval, jeffreysInterval } from '../training/index.ts';
import { searchApplicants } from './applicants.ts';
import { buildMarts } from './build-marts.ts';
import { listRejects, readDataQuality } from './data-quality.ts';
import { MartReader } from './mart-reader.ts';
import { readOverview } from './overview.ts';
import { ASSUMED_LGD, DATASETS, datasetSql } from './overview-spec.ts';
import { readPortfolioInfo } from './portfolio-info.ts';
import { readSegments } from './segments.ts';

/** A book of 200 applications whose every figure can be computed by hand beside the SQL, on the real engine. */
const feature = (name: string, type: 'numeric' | 'categorical'): FeatureDefinition => ({
  name,
  title: `Title of ${name}`,
  unit: 'ratio',
  nullMeaning: 'not given',
  type,
  definition: { kind: 'attribute', column: name === 'purpose_kind' ? 'purpose' : 'amount_minor' },
  reason: { code: name.toUpperCase(), text: `text of ${name}` },
});

const target = (table: typeof loansTable) => ({ table, map: () => null });
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
      targets: [loanApplicationsTable, loansTable, loanPerformanceTable, outcomesTable].map(target),
    },
  ],
  defaultDefinition: { description: '90 days', outcomeWindowMonths: 12 },
  features: { features: [feature('burden', 'numeric'), feature('purpose_kind', 'categorical')] },
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
  protectedAttributes: [],
  segments: ['burden', 'purpose_kind', 'not_a_feature'],
};

type Loan = {
  id: string;
  month: number;
  pd: number;
  grade: string;
  outcome: string;
  defaulted: number | null;
  amount: number;
  burden: number | null;
  purpose: string;
};
const OUTCOMES = ['approved', 'declined', 'referred', 'counter_offer'] as const;
const loans: Loan[] = Array.from({ length: 200 }, (_, i) => ({
  id: `A${String(i).padStart(3, '0')}`,
  month: (i % 4) + 1,
  pd: ((i * 37) % 100) / 100 + 0.001,
  grade: (i * 37) % 100 < 50 ? 'A' : 'B',
  outcome: OUTCOMES[i % 4] ?? 'approved',
  defaulted: i % 10 === 9 ? null : i % 3 === 0 ? 1 : 0,
  amount: 1000 + i,
  burden: i % 20 === 0 ? null : (i % 5) / 4,
  purpose: i % 2 === 0 ? 'car' : "it's",
}));

let folder = '';
let lake: Lake;
let warehouse: Warehouse;
let reader: MartReader;

const text = (value: string | null): string => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`);
const parquet = async (key: string, columns: string, rows: string[]): Promise<void> => {
  await mkdir(dirname(lake.path(key)), { recursive: true });
  await warehouse.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(',')}) t(${columns})) TO '${lake.path(key)}' (FORMAT parquet)`,
  );
};
const at = (loan: Loan): string => `TIMESTAMP '2024-0${loan.month}-15 10:00:00'`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-views-'));
  lake = openLocalLake(folder);
  warehouse = await openWarehouse({ threads: 1 });
  reader = new MartReader({ warehouse, lake, portfolio });
});
after(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true });
});

test('before anything is built every page has an empty state', async () => {
  assert.equal((await readOverview(reader)).state, 'empty');
  assert.equal((await readSegments(reader, 'burden')).state, 'empty');
  assert.equal((await searchApplicants(reader, { page: 1, pageSize: 5, sort: 'pd', direction: 'asc' })).total, 0);
  assert.equal((await readDataQuality(reader)).state, 'empty');
  assert.deepEqual(await listRejects(reader, { page: 1, pageSize: 5 }), { rows: [], total: 0 });
  assert.equal((await readPortfolioInfo(reader, null)).exampleApplication, null);
  await assert.rejects(
    buildMarts({ warehouse, lake, portfolio, clock: fixedClock('2024-06-01T00:00:00Z') }),
    /not scored/,
  );
});

test('builds the marts from a scored book', async () => {
  await parquet(
    'processed/loan_applications/dt=all/part-0.parquet',
    'application_id, borrower_id, applied_at, amount_minor, term_months, instalment_minor, purpose, channel, source_row',
    loans.map(
      (loan, i) =>
        `('${loan.id}','B${i % 150}',${at(loan)},${loan.amount},12,NULL::BIGINT,${text(loan.purpose)},NULL::VARCHAR,${i})`,
    ),
  );
  await parquet(
    'processed/outcomes/dt=all/part-0.parquet',
    'application_id, defaulted, status, observed_at, source_row',
    loans.map((loan, i) => `('${loan.id}',${loan.defaulted ?? 'NULL'},NULL::VARCHAR,NULL::TIMESTAMP,${i})`),
  );
  await parquet(
    'modeled/features/features.parquet',
    'application_id, borrower_id, as_of, source_row, burden, purpose_kind',
    loans.map(
      (loan, i) => `('${loan.id}','B',${at(loan)},${i},CAST(${loan.burden ?? 'NULL'} AS DOUBLE),${text(loan.purpose)})`,
    ),
  );
  await parquet(
    'modeled/scores/scores.parquet',
    'application_id, borrower_id, applied_at, model_version, estimator, margin, pd, score, grade, reason_1, outcome',
    loans.map(
      (loan, i) =>
        `('${loan.id}','B${i % 150}',${at(loan)},'tiny-logistic-1','logistic',0.0::DOUBLE,${loan.pd}::DOUBLE,500.0::DOUBLE,'${loan.grade}','BURDEN','${loan.outcome}')`,
    ),
  );
  await parquet(
    'processed/loans/dt=all/part-0.parquet',
    'loan_id, application_id, borrower_id, granted_on, amount_minor, term_months, instalment_minor, annual_rate, known_at, source_row',
    [
      `('L1','A000','B0',DATE '2024-01-10',1000,12,NULL::BIGINT,NULL::DOUBLE,TIMESTAMP '2024-01-10',0)`,
      `('L2','A001','B1',DATE '2024-02-10',1000,12,NULL::BIGINT,NULL::DOUBLE,TIMESTAMP '2024-02-10',1)`,
      `('L3','A002','B2',DATE '2024-04-10',1000,12,NULL::BIGINT,NULL::DOUBLE,TIMESTAMP '2024-04-10',2)`,
    ],
  );
  await parquet(
    'processed/loan_performance/dt=all/part-0.parquet',
    'loan_id, borrower_id, month_on, months_on_book, days_past_due, balance_minor, paid_minor, known_at, source_row',
    [
      `('L1','B0',DATE '2024-04-30',3,95,700,0,TIMESTAMP '2024-05-01',0)`,
      `('L1','B0',DATE '2024-05-31',4,125,700,0,TIMESTAMP '2024-06-01',1)`,
      `('L2','B1',DATE '2024-05-31',3,0,600,0,TIMESTAMP '2024-06-01',2)`,
      `('L3','B2',DATE '2024-05-31',1,0,900,0,TIMESTAMP '2024-06-01',3)`,
    ],
  );
  const manifest = await buildMarts({ warehouse, lake, portfolio, clock: fixedClock('2024-06-01T00:00:00Z') });
  assert.equal(manifest.marts['applicants']?.rows, 200);
  const again = await buildMarts({ warehouse, lake, portfolio, clock: fixedClock('2024-06-02T00:00:00Z') });
  assert.equal(again.snapshotId, manifest.snapshotId, 'same data, same snapshot');
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const close = (actual: number | null | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `${actual} is not ${expected}`);

test('the overview shows what plain arithmetic gives', async () => {
  const overview = await readOverview(reader);
  const kpi = (key: string): number | null | undefined => overview.kpis.find((one) => one.key === key)?.value;
  const labelled = loans.filter((loan) => loan.defaulted !== null);
  const defaults = labelled.filter((loan) => loan.defaulted === 1).length;
  assert.equal(kpi('applications'), 200);
  assert.equal(kpi('borrowers'), 150);
  close(kpi('defaultRate'), defaults / labelled.length);
  close(kpi('meanPd'), sum(loans.map((loan) => loan.pd)) / 200);
  close(kpi('approvalShare'), 0.25);
  assert.equal(kpi('amount'), sum(loans.map((loan) => loan.amount)));
  assert.equal(kpi('outstanding'), 700 + 600 + 900);
  assert.equal(kpi('overdue'), 700);
  const granted = loans.filter((loan) => ['approved', 'counter_offer'].includes(loan.outcome));
  assert.equal(kpi('expectedLoss'), Math.round(sum(granted.map((loan) => loan.pd * loan.amount)) * ASSUMED_LGD));
  const graded = loans.filter((loan) => loan.grade === 'B');
  const gradeB = overview.grades.find((row) => row.grade === 'B');
  assert.equal(gradeB?.applications, graded.length);
  close(gradeB?.meanPd, sum(graded.map((loan) => loan.pd)) / graded.length);
  const known = graded.filter((loan) => loan.defaulted !== null);
  assert.deepEqual(
    gradeB?.observedDefaultRate,
    jeffreysInterval(known.filter((loan) => loan.defaulted === 1).length, known.length),
  );
  assert.deepEqual(
    overview.months.map((row) => [row.month, row.applications]),
    [
      ['2024-01', 50],
      ['2024-02', 50],
      ['2024-03', 50],
      ['2024-04', 50],
    ],
  );
  assert.equal(overview.months[0]?.approvedShare, 1);
});

test('the data sets of the dashboard give what the page shows', async () => {
  const overview = await readOverview(reader);
  const rowsOf = (mart: 'months' | 'grades' | 'outcomes' | 'vintages') =>
    warehouse.rows<Record<string, number | string | null>>(
      datasetSql(DATASETS.find((dataset) => dataset.mart === mart)!, () => reader.from(mart)),
    );
  const [months, grades, outcomes] = [await rowsOf('months'), await rowsOf('grades'), await rowsOf('outcomes')];
  assert.ok(months.length > 0 && grades.length > 0 && outcomes.length > 0);
  overview.months.forEach((month, i) => {
    assert.equal(months[i]!['mean_pd'], month.meanPd);
    assert.equal(months[i]!['observed_default_rate'], month.defaults / month.labelled);
  });
  overview.grades.forEach((grade, i) => {
    assert.equal(grades[i]!['share'], grade.share);
    assert.equal(grades[i]!['expected_loss_minor'], grade.expectedLossMinor);
  });
  overview.outcomes.forEach((row, i) => {
    assert.equal(outcomes[i]!['share'], row.share);
  });
  const points = overview.vintages.flatMap((vintage) => vintage.points.map(({ rate }) => rate));
  assert.deepEqual(
    (await rowsOf('vintages')).map((row) => row['default_share']),
    points,
  );
});

test('vintages show only months that every loan of the cohort has reached', async () => {
  const { vintages } = await readOverview(reader);
  assert.deepEqual(vintages, [
    {
      cohort: '2024-Q1',
      loans: 2,
      points: [
        { monthsOnBook: 1, defaulted: 0, rate: 0 },
        { monthsOnBook: 2, defaulted: 0, rate: 0 },
        { monthsOnBook: 3, defaulted: 1, rate: 0.5 },
      ],
    },
    { cohort: '2024-Q2', loans: 1, points: [{ monthsOnBook: 1, defaulted: 0, rate: 0 }] },
  ]);
});

test('segments hold every application once, and tell too few from enough', async () => {
  const burden = await readSegments(reader, 'burden');
  assert.equal(sum(burden.segments.map((row) => row.applications)), 200);
  assert.deepEqual(
    burden.segments.map((row) => row.segment),
    ['below 0.25', '0.25 to 0.5', '0.5 to 0.75', '0.75 to 1', '1 and above', 'missing'],
  );
  const missing = burden.segments.at(-1);
  assert.equal(missing?.applications, loans.filter((loan) => loan.burden === null).length);
  assert.deepEqual([missing?.tooFew, missing?.auc, missing?.observedDefaultRate], [true, null, null]);
  const third = loans.filter((loan) => loan.burden === 0.5 && loan.defaulted !== null);
  const row = burden.segments[2];
  assert.deepEqual(
    row?.auc,
    aucInterval({ scores: third.map((loan) => loan.pd), target: third.map((loan) => loan.defaulted ?? 0) }),
  );
  assert.equal(burden.aucBasis, 'in_sample');
  const purpose = await readSegments(reader, 'purpose_kind');
  assert.deepEqual(
    purpose.segments.map((row) => [row.segment, row.applications]),
    [
      ['car', 100],
      ["it's", 100],
    ],
  );
  await assert.rejects(readSegments(reader, 'sex'), /no such segment/);
});

test('applicants are found, filtered and paged without repeats', async () => {
  const seen = new Set<string>();
  for (let page = 1; page <= 8; page++) {
    const { rows, total } = await searchApplicants(reader, {
      page,
      pageSize: 25,
      sort: 'appliedAt',
      direction: 'desc',
    });
    assert.equal(total, 200);
    for (const row of rows) seen.add(row.applicationId);
  }
  assert.equal(seen.size, 200);
  const filtered = await searchApplicants(reader, {
    page: 1,
    pageSize: 200,
    sort: 'pd',
    direction: 'asc',
    grade: 'A',
    outcome: 'declined',
    maxPd: 0.3,
    search: 'a0',
    from: '2024-02-01',
    until: '2024-03-01',
  });
  const expected = loans.filter(
    (loan) =>
      loan.grade === 'A' &&
      loan.outcome === 'declined' &&
      loan.pd <= 0.3 &&
      loan.month === 2 &&
      loan.id.startsWith('A0'),
  );
  assert.deepEqual(
    filtered.rows.map((row) => row.applicationId),
    expected.sort((a, b) => a.pd - b.pd).map((loan) => loan.id),
  );
  assert.equal(filtered.rows[0]?.topReason, 'text of burden');
  const injected = await searchApplicants(reader, {
    page: 1,
    pageSize: 5,
    sort: 'pd',
    direction: 'asc',
    search: "' OR 1=1 --",
  });
  assert.equal(injected.total, 0);
});

test('an example application comes from the book', async () => {
  const info = await readPortfolioInfo(reader, 'tiny-logistic-1');
  assert.deepEqual(info.exampleApplication?.['attributes'], { purpose: "it's" });
  assert.equal(info.exampleBorrowers.length, 5);
});

test('tables are profiled with their missing values', async () => {
  const { tables } = await readDataQuality(reader);
  const features = tables.find((table) => table.table === 'features');
  assert.equal(features?.rows, 200);
  close(features?.columns.find((column) => column.name === 'burden')?.missingShare, 10 / 200);
  const applications = tables.find((table) => table.table === 'loan_applications');
  assert.equal(applications?.firstEvent?.slice(0, 10), '2024-01-15');
  assert.ok((applications?.bytes ?? 0) > 0);
});
