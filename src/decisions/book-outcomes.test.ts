import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type CreditPolicy,
  column,
  type FraudDefinition,
  loanApplicationsTable,
  type Portfolio,
  type TableSchema,
} from '../domain/index.ts';
import { type Lake, openLocalLake, openWarehouse, type Warehouse } from '../platform/index.ts';
import { openBookTerms } from './book-outcomes.ts';

/** Six applications on the real engine: a4 and a5 come from the device of a1, a6 has five open loans, which the model does not look at. */
const applications: TableSchema = {
  ...loanApplicationsTable,
  columns: [
    ...loanApplicationsTable.columns.filter(({ name }) => !['instalment_minor', 'purpose', 'channel'].includes(name)),
    column.text('device_id', { nullable: true, dataClass: 'alternative' }),
  ],
};
const policy: CreditPolicy = {
  format: 'assay-policy/1',
  version: '1',
  status: 'live',
  description: '',
  segments: [{ id: 'large', description: 'more than 1,000', when: { fact: 'amountMinor', op: '>', value: 100_000 } }],
  limits: [],
  pricing: [
    { grade: 'A', annualRatePercent: 5 },
    { grade: 'A', segment: 'large', annualRatePercent: 7 },
  ],
  rules: [
    {
      id: 'fraud',
      kind: 'referral',
      description: 'suspicion',
      when: { fact: 'fraud.band', op: '=', value: 'high' },
      outcome: 'referred',
      reason: { code: 'VERIFY', text: 'to be verified' },
    },
    {
      id: 'loans',
      kind: 'knock_out',
      description: 'many loans',
      when: { fact: 'feature.open_loans', op: '>', value: 4 },
      outcome: 'declined',
      reason: { code: 'LON', text: 'too many loans' },
    },
  ],
};
const fraud: FraudDefinition = {
  links: [
    {
      id: 'device',
      kind: 'device',
      text: 'Device used by another borrower',
      columns: ['device_id'],
      windowDays: 30,
      ordinary: 0,
      weight: 0.8,
    },
  ],
};
const portfolio: Portfolio = {
  name: 'terms',
  title: 'Terms',
  description: 'for tests',
  currency: 'EUR',
  sources: [{ name: 'all', path: 'a.csv', format: 'csv', targets: [{ table: applications, map: () => null }] }],
  defaultDefinition: { description: '90 days', outcomeWindowMonths: 12 },
  features: { features: [] },
  split: { kind: 'folds', name: 'terms', folds: 5 },
  estimators: ['logistic'],
  scale: { baseScore: 600, baseOdds: 50, pdo: 20 },
  policy,
  protectedAttributes: [],
  segments: [],
  fraud,
};

let folder = '';
let lake: Lake;
let warehouse: Warehouse;

async function parquet(key: string, columns: string, rows: string[]): Promise<void> {
  await mkdir(dirname(lake.path(key)), { recursive: true });
  await warehouse.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(', ')}) t(${columns})) TO '${lake.path(key)}' (FORMAT parquet)`,
  );
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-terms-'));
  lake = openLocalLake(folder);
  warehouse = await openWarehouse({ threads: 1 });
  const device = (i: number): string => (i === 2 || i === 3 ? `d${i}` : 'shared');
  const six = [1, 2, 3, 4, 5, 6];
  await parquet(
    'processed/loan_applications/dt=all/part-0.parquet',
    'application_id, borrower_id, applied_at, amount_minor, term_months, device_id, source_row',
    six.map(
      (i) =>
        `('a${i}', 'b${i}', TIMESTAMP '2024-01-0${i} 12:00:00', ${i === 2 ? 200_000 : 50_000}, 12, '${i === 6 ? 'd6' : device(i)}', ${i})`,
    ),
  );
  await parquet(
    'modeled/features/features.parquet',
    'application_id, open_loans',
    six.map((i) => `('a${i}', ${i === 6 ? 5 : 0})`),
  );
});
after(async () => {
  await warehouse?.close();
  await rm(folder, { recursive: true, force: true });
});

test('a book is decided by the facts a decision has: fraud of its moment, features the model leaves out, prices by segment', async () => {
  const termsOf = await openBookTerms({ warehouse, lake, portfolio });
  const score = { pd: 0.05, score: 600, grade: 'A' };
  const terms = [1, 2, 3, 4, 5, 6].map((i) => termsOf({ applicationId: `a${i}`, features: {}, score }));
  assert.deepEqual(
    terms.map(({ outcome }) => outcome),
    // whoever held the device first is not suspected
    ['approved', 'approved', 'approved', 'referred', 'referred', 'declined'],
  );
  assert.deepEqual(
    terms.map(({ annualRatePercent }) => annualRatePercent),
    [5, 7, 5, 5, 5, 5],
  );
});

test('a policy that does not name fraud needs no scan, and none is made', async () => {
  const blind: Portfolio = {
    ...portfolio,
    policy: { ...policy, rules: [] },
    fraud,
  };
  let scans = 0;
  const counted: Warehouse = Object.assign(Object.create(warehouse), {
    rows: (sql: string, ...rest: []) => {
      scans += Number(sql.includes('fraud_book'));
      return warehouse.rows(sql, ...rest);
    },
  });
  const termsOf = await openBookTerms({ warehouse: counted, lake, portfolio: blind });
  assert.equal(
    termsOf({ applicationId: 'a4', features: {}, score: { pd: 0, score: 0, grade: 'B' } }).outcome,
    'approved',
  );
  assert.equal(scans, 0);
});
