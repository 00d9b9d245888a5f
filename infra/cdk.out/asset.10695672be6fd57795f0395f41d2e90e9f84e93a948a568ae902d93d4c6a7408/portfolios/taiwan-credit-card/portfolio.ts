import { parseCreditPolicy } from '../../src/decisions/index.ts';
import { column, outcomesTable, type Portfolio, type TableSchema } from '../../src/domain/index.ts';
import { labelOf, minorUnitsOf, requiredText, textOf } from '../../src/ingestion/index.ts';
import { features } from './features.ts';
import { MONTHS } from './months.ts';
import policy from './policy.json' with { type: 'json' };

/** All accounts are seen at the end of September 2005; the outcome is October's. */
const APPLIED = '2005-10-01 00:00:00';
const OBSERVED = '2005-11-01';

const protectedTrait = { nullable: true, dataClass: 'protected' } as const;

const SEX = { 1: 'male', 2: 'female' } as const;
/** 0, 5 and 6 are in no codebook; kept apart from 4 (others) as 'unknown'. */
const EDUCATION = {
  0: 'unknown',
  1: 'graduate school',
  2: 'university',
  3: 'high school',
  4: 'others',
  5: 'unknown',
  6: 'unknown',
} as const;
const MARRIAGE = { 0: 'unknown', 1: 'married', 2: 'single', 3: 'others' } as const;

const applicationsTable: TableSchema = {
  name: 'loan_applications',
  description: 'One row per card account; the amount is its credit limit.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor', { min: 1, description: 'Credit limit.' }),
    column.text('education', {
      nullable: true,
      dataClass: 'demographic',
      values: [...new Set(Object.values(EDUCATION))],
      description: 'Education.',
    }),
    column.text('sex', protectedTrait),
    column.text('marital_status', protectedTrait),
    column.integer('age', { ...protectedTrait, min: 18, max: 120 }),
    ...MONTHS.flatMap(({ name, title }) => [
      column.integer(`delay_${name}`, { min: -2, max: 9, description: `Months behind, ${title}.` }),
      column.money(`bill_${name}_minor`, { description: `Statement, ${title}.` }),
      column.money(`paid_${name}_minor`, { min: 0, description: `Paid, ${title}.` }),
    ]),
  ],
};

const portfolio: Portfolio = {
  name: 'taiwan-credit-card',
  title: 'Taiwan credit cards',
  description: '30,000 card accounts with six months of delays, statements and payments, 2005 (UCI, Yeh).',
  currency: 'TWD',
  endsWithData: true,
  sources: [
    {
      name: 'card_clients',
      path: 'taiwan_credit_card/default_of_credit_card_clients.csv.gz',
      format: 'csv',
      delimiter: ',',
      targets: [
        {
          table: applicationsTable,
          map: (record) => ({
            application_id: `taiwan-${requiredText(record, 'ID')}`,
            borrower_id: `taiwan-${requiredText(record, 'ID')}`,
            applied_at: APPLIED,
            amount_minor: minorUnitsOf(record, 'LIMIT_BAL'),
            education: labelOf(record, 'EDUCATION', EDUCATION),
            sex: labelOf(record, 'SEX', SEX),
            marital_status: labelOf(record, 'MARRIAGE', MARRIAGE),
            age: textOf(record, 'AGE'),
            ...Object.fromEntries(
              MONTHS.flatMap(({ bill, delay, name, paid }) => [
                [`delay_${name}`, textOf(record, delay)],
                [`bill_${name}_minor`, minorUnitsOf(record, bill)],
                [`paid_${name}_minor`, minorUnitsOf(record, paid)],
              ]),
            ),
          }),
        },
        {
          table: outcomesTable,
          map: (record) => ({
            application_id: `taiwan-${requiredText(record, 'ID')}`,
            defaulted: textOf(record, 'default payment next month'),
            status: null,
            observed_at: OBSERVED,
          }),
        },
      ],
    },
  ],
  defaultDefinition: { description: 'Defaulted: payment not made in October 2005.', outcomeWindowMonths: 1 },
  features,
  split: { kind: 'folds', name: 'taiwan', folds: 5 },
  estimators: ['scorecard', 'logistic', 'forest', 'boosted'],
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: parseCreditPolicy(policy),
  lender: { name: 'The bank of the Taiwan data', address: 'Example Road 1, Taipei', jurisdiction: 'TW' },
  // the amount is a credit limit here: less of it is no safer, so nothing is asked for
  levers: [],
  protectedAttributes: [
    { table: 'loan_applications', column: 'sex', title: 'Sex' },
    { table: 'loan_applications', column: 'marital_status', title: 'Marital status' },
    { table: 'loan_applications', column: 'age', title: 'Age' },
  ],
  segments: ['education', 'delay_september', 'months_behind_worst'],
};

export default portfolio;
