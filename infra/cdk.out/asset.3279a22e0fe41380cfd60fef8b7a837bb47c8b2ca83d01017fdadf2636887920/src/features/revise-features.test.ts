import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssayError, column, type FeatureCatalog, type TableSchema } from '../domain/index.ts';
import * as define from './library/builders.ts';
import { evaluateOnline } from './online/evaluate-online.ts';
import { compileRevision } from './revise-features.ts';

const { add, attribute, daysBefore, derived, divide, feature, numeric, ratio } = define;
const table: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor'),
    column.money('income_minor', { nullable: true }),
    column.date('employed_on', { nullable: true }),
  ],
};
const about = { title: '', unit: '', nullMeaning: '', reason: { code: 'A', text: 'a' } };
const catalog: FeatureCatalog = {
  features: [
    numeric('burden_twice', derived(add(feature('burden'), feature('burden'))), about),
    numeric('burden', ratio('amount', 'income'), about),
    numeric('amount', attribute('amount_minor'), about),
    numeric('income', attribute('income_minor'), about),
    numeric('employed_days', daysBefore(attribute('employed_on')), about),
    numeric(
      'days_an_euro',
      derived(divide({ op: 'days_before_as_of', of: attribute('employed_on') }, feature('income'))),
      about,
    ),
  ],
};
const tables = [table];
const revise = compileRevision(catalog, tables);
const rowOf = (amount: number, income: number | null) =>
  evaluateOnline(catalog, tables, {
    application: {
      application_id: 'a',
      borrower_id: 'b',
      applied_at: '2024-05-01T00:00:00',
      amount_minor: amount,
      income_minor: income,
      employed_on: '2020-01-01',
    },
    asOf: '2024-05-01T00:00:00Z',
  });

test('a revised row is the row of the revised application, bit for bit', () => {
  const money = fc.integer({ min: 1, max: 1e9 });
  const income = fc.oneof(fc.integer({ min: 0, max: 1e8 }), fc.constant(null));
  fc.assert(
    fc.property(money, money, income, (before, after, earned) => {
      assert.deepEqual(revise(rowOf(before, earned), { columns: { amount_minor: after } }), rowOf(after, earned));
    }),
  );
});

test('a derived feature is not an input, and a date is not in a row', () => {
  const row = rowOf(1000, 500);
  assert.equal(revise(row, { features: { amount: 500 } })['burden'], 1);
  const refused = (error: unknown) => error instanceof AssayError && error.code === 'bad_input';
  assert.throws(() => revise(row, { features: { burden: 1 } }), refused);
  assert.throws(() => revise(row, { columns: { income_minor: 1 } }), refused);
});
