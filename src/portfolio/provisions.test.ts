import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  loanApplicationsTable,
  loanPerformanceTable,
  loansTable,
  outcomesTable,
  type Portfolio,
} from '../domain/index.ts';
import { fixedClock, type Lake, openLocalLake, openWarehouse, type Warehouse } from '../platform/index.ts';
import { buildMarts } from './build-marts.ts';
import { expectedLoss, shiftedPd } from './credit-loss/index.ts';
import { MartReader } from './mart-reader.ts';
import { type ProvisionQuery, readProvisions } from './provisions.ts';
import { readVintagesAndRolls } from './roll-rates.ts';

/** Five loans whose every month is written down here, on the real engine. */
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
      targets: [loanApplicationsTable, loansTable, loanPerformanceTable, outcomesTable].map((table) => ({
        table,
        map: () => null,
      })),
    },
  ],
  defaultDefinition: { description: '90 days', outcomeWindowMonths: 12 },
  features: { features: [] },
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
  segments: [],
};

type Course = { readonly id: string; readonly pd: number; readonly months: readonly (readonly [number, number])[] };
/** Days past due and balance at the month ends of January to June 2024, each granted in December 2023 over 24 months. */
const COURSES: readonly Course[] = [
  {
    id: '1',
    pd: 0.02,
    months: [
      [0, 1000],
      [0, 900],
      [0, 800],
      [0, 700],
      [0, 600],
      [0, 500],
    ],
  },
  {
    id: '2',
    pd: 0.05,
    months: [
      [0, 1000],
      [30, 1000],
      [60, 1000],
      [90, 1000],
      [120, 1000],
      [150, 1000],
    ],
  },
  {
    id: '3',
    pd: 0.03,
    months: [
      [0, 1000],
      [30, 1000],
      [0, 900],
      [0, 800],
      [0, 700],
      [45, 700],
    ],
  },
  {
    id: '4',
    pd: 0.01,
    months: [
      [0, 1000],
      [0, 0],
    ],
  },
  {
    id: '5',
    pd: 0.04,
    months: [
      [15, 1000],
      [0, 950],
      [150, 950],
      [180, 950],
    ],
  },
];
const ENDS = ['2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30', '2024-05-31', '2024-06-30'];

let folder = '';
let lake: Lake;
let warehouse: Warehouse;
let reader: MartReader;

const parquet = async (key: string, columns: string, values: string[]): Promise<void> => {
  await mkdir(dirname(lake.path(key)), { recursive: true });
  await warehouse.run(
    `COPY (SELECT * FROM (VALUES ${values.join(',')}) t(${columns})) TO '${lake.path(key)}' (FORMAT parquet)`,
  );
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-provisions-'));
  lake = openLocalLake(folder);
  warehouse = await openWarehouse({ threads: 1 });
  reader = new MartReader({ warehouse, lake, portfolio });
});
after(async () => {
  await warehouse.close();
  await rm(folder, { recursive: true });
});

const QUERY: ProvisionQuery = {
  lgd: 0.5,
  prepayment: 0,
  adverseShift: 0.4,
  severeShift: 0.9,
  adverseWeight: 0.3,
  severeWeight: 0.1,
  forecastMonths: 24,
  reversionMonths: 12,
  sicrDays: 30,
  sicrPdFactor: 2,
  cureMonths: 3,
  ceclDiscounted: false,
};

test('before anything is built both are empty', async () => {
  assert.equal((await readVintagesAndRolls(reader, {})).state, 'empty');
  assert.equal((await readProvisions(reader, QUERY)).state, 'empty');
});

test('roll rates count each pair of consecutive month ends once', async () => {
  await fill();
  const found = await readVintagesAndRolls(reader, {});
  const cell = (from: string, to: string) =>
    found.matrix.find((row) => row.from === from)?.to.find(({ state }) => state === to)?.loans;
  assert.equal(cell('current', 'current'), 5 + 2); // loan 1 five times, loan 3 twice
  assert.equal(cell('current', '30-59'), 1 + 1 + 1); // loan 2, and loan 3 twice
  assert.equal(cell('current', 'paid'), 1);
  assert.equal(cell('current', '90+'), 1);
  assert.equal(cell('30-59', 'current'), 1);
  assert.equal(cell('30-59', '60-89'), 1);
  assert.equal(cell('1-29', 'current'), 1);
  assert.equal(cell('90+', '90+'), 2);
  assert.equal(cell('90+', 'charged_off'), 1);
  assert.equal(
    found.matrix.reduce((sum, row) => sum + row.loans, 0),
    5 + 5 + 5 + 1 + 3,
  );
  const march = await readVintagesAndRolls(reader, { from: '2024-03', until: '2024-03' });
  assert.equal(
    march.matrix.reduce((sum, row) => sum + row.loans, 0),
    4,
  );
});

test('a vintage counts a loan from the month it was first so late', async () => {
  const { vintages } = await readVintagesAndRolls(reader, {});
  const late = (days: number) =>
    vintages.find(({ daysPastDue }) => daysPastDue === days)?.points.map((point) => point.late);
  assert.deepEqual(late(30), [0, 2, 3, 3, 3, 3]);
  assert.deepEqual(late(60), [0, 0, 2, 2, 2, 2]);
  assert.deepEqual(late(90), [0, 0, 1, 2, 2, 2]);
});

test('open loans are staged, and every allowance is the one of its formula', async () => {
  const found = await readProvisions(reader, QUERY);
  assert.equal(found.month, '2024-06');
  assert.deepEqual([found.loans, found.exposureMinor], [3, 500 + 1000 + 700]);
  assert.deepEqual(
    found.stages.map(({ stage, loans }) => [stage, loans]),
    [
      [1, 1],
      [2, 1],
      [3, 1],
    ],
  );
  const settings = { lgd: 0.5, prepaymentMonthly: 0, discounted: true };
  const course = { forecastMonths: 24, reversionMonths: 12 };
  const scenarios = [
    { name: 'base', weight: 0.6, logOddsShift: 0, ...course },
    { name: 'adverse', weight: 0.3, logOddsShift: 0.4, ...course },
    { name: 'severe', weight: 0.1, logOddsShift: 0.9, ...course },
  ];
  const bucket = found.bucketPds.find((one) => one.bucket === '30-59')!.pd12m;
  const first = { balanceMinor: 500, remainingMonths: 18, annualRate: 0.12, pd12m: 0.02 };
  const third = { balanceMinor: 700, remainingMonths: 18, annualRate: 0.12, pd12m: Math.max(0.03, bucket) };
  const weighted = (of: (scenario: (typeof scenarios)[number]) => number): number =>
    scenarios.reduce((sum, scenario) => sum + scenario.weight * of(scenario), 0);
  const stage1 = weighted((scenario) => expectedLoss(first, settings, scenario).twelveMonthMinor);
  const stage2 = weighted((scenario) => expectedLoss(third, settings, scenario).lifetimeMinor);
  assert.deepEqual(
    found.stages.map(({ allowanceMinor }) => allowanceMinor),
    [Math.round(stage1), Math.round(stage2), 500],
  );
  assert.equal(found.weighted.ifrs9Minor, Math.round(stage1 + stage2 + 500));
  assert.ok(found.scenarios[2]!.ifrs9Minor >= found.scenarios[1]!.ifrs9Minor);
  assert.ok(shiftedPd(0.02, 0.9) > 0.045);
});

test('weights above one are refused, naming them', async () => {
  await assert.rejects(
    readProvisions(reader, { ...QUERY, adverseWeight: 0.8, severeWeight: 0.3 }),
    /add up to more than 1.*adverse 0.8, severe 0.3/,
  );
});

async function fill(): Promise<void> {
  const at = "TIMESTAMP '2023-12-01 10:00:00'";
  await parquet(
    'processed/loan_applications/dt=all/part-0.parquet',
    'application_id, borrower_id, applied_at, amount_minor, term_months, instalment_minor, purpose, channel, source_row',
    COURSES.map(({ id }) => `('A${id}','B${id}',${at},1000,24,NULL::BIGINT,NULL::VARCHAR,NULL::VARCHAR,${id})`),
  );
  await parquet(
    'processed/outcomes/dt=all/part-0.parquet',
    'application_id, defaulted, status, observed_at, source_row',
    COURSES.map(({ id }) => `('A${id}',NULL::BIGINT,NULL::VARCHAR,NULL::TIMESTAMP,${id})`),
  );
  await parquet(
    'modeled/scores/scores.parquet',
    'application_id, borrower_id, applied_at, model_version, estimator, margin, pd, score, grade, reason_1, outcome',
    COURSES.map(
      ({ id, pd }) =>
        `('A${id}','B${id}',${at},'tiny-1','logistic',0.0::DOUBLE,${pd}::DOUBLE,500.0::DOUBLE,'A','R','approved')`,
    ),
  );
  await parquet(
    'processed/loans/dt=all/part-0.parquet',
    'loan_id, application_id, borrower_id, granted_on, amount_minor, term_months, instalment_minor, annual_rate, known_at, source_row',
    COURSES.map(
      ({ id }) =>
        `('L${id}','A${id}','B${id}',DATE '2023-12-05',1000,24,NULL::BIGINT,0.12::DOUBLE,TIMESTAMP '2023-12-06',${id})`,
    ),
  );
  await parquet(
    'processed/loan_performance/dt=all/part-0.parquet',
    'loan_id, borrower_id, month_on, months_on_book, days_past_due, balance_minor, paid_minor, known_at, source_row',
    COURSES.flatMap(({ id, months }) =>
      months.map(
        ([days, balance], i) =>
          `('L${id}','B${id}',DATE '${ENDS[i]}',${i + 1},${days},${balance},0,TIMESTAMP '2024-07-01',${i})`,
      ),
    ),
  );
  await buildMarts({ warehouse, lake, portfolio, clock: fixedClock('2024-07-01T00:00:00Z') });
}
