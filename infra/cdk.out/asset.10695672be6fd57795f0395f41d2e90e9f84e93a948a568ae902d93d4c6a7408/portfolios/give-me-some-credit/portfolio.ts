import { parseCreditPolicy } from '../../src/decisions/index.ts';
import {
  column,
  type Incumbent,
  outcomesTable,
  type PolicyCondition,
  type Portfolio,
  type RawRecord,
  type TableSchema,
} from '../../src/domain/index.ts';
import { minorUnitsOf, requiredText, textOf } from '../../src/ingestion/index.ts';
import { features } from './features.ts';
import { levers } from './levers.ts';
import policy from './policy.json' with { type: 'json' };

/** The file has no dates; one moment stands for all. */
const APPLIED = '2008-01-01 00:00:00';
const OBSERVED = '2010-01-01';

const demographic = { nullable: true, dataClass: 'demographic' } as const;
const bureau = { dataClass: 'bureau' } as const;
const count = { nullable: true, min: 0, dataClass: 'bureau' } as const;

const applicationsTable: TableSchema = {
  name: 'loan_applications',
  description: 'One row per borrower of the training file, with bureau attributes as of two years before the outcome.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.double('revolving_utilization', { ...bureau, min: 0, description: 'Revolving balances over limits.' }),
    column.integer('age', { ...demographic, min: 18, max: 120, description: 'Age in years.' }),
    column.integer('times_30_59_days_late', { ...count, description: 'Times 30 to 59 days late.' }),
    column.integer('times_60_89_days_late', { ...count, description: 'Times 60 to 89 days late.' }),
    column.integer('times_90_days_late', { ...count, description: 'Times 90 days late or more.' }),
    column.integer('past_due_code', {
      ...bureau,
      min: 0,
      max: 98,
      description: '96 or 98 where the bureau gave a code.',
    }),
    column.double('debt_ratio', { ...bureau, min: 0, description: 'Debt payments over income.' }),
    column.money('monthly_income_minor', { nullable: true, min: 0, description: 'Income a month.' }),
    column.integer('open_credit_lines', { ...count, description: 'Open credit lines and loans.' }),
    column.integer('real_estate_loans', { ...count, description: 'Real estate loans or lines.' }),
    column.integer('dependents', { ...demographic, min: 0, max: 50, description: 'Dependents.' }),
  ],
};

const PAST_DUE = 'NumberOfTime30-59DaysPastDueNotWorse';
const isCode = (text: string | null): boolean => text === '96' || text === '98';
const countOf = (record: RawRecord, name: string): string | null => {
  const text = textOf(record, name);
  return isCode(text) ? null : text;
};
const ageOf = (record: RawRecord): string | null => {
  const text = textOf(record, 'age');
  return text === '0' ? null : text;
};

/** A bureau code (96, 98) stands in all three counts of the file and is read as late, as the rule would on the raw columns. */
const everLate = (column: string): PolicyCondition => ({
  any: [
    { fact: `attribute.${column}`, op: '>=', value: 1 },
    { fact: 'attribute.past_due_code', op: '>', value: 0 },
  ],
});

const incumbent: Incumbent = {
  title: 'Points for lateness, utilisation and debt',
  source:
    '3 x (90 days late) + 2 x (60-89) + 1 x (30-59) + 1 x (utilisation > 0.8) + 1 x (debt ratio > 0.43, income known)',
  rule: {
    kind: 'points',
    items: [
      { points: 3, when: everLate('times_90_days_late') },
      { points: 2, when: everLate('times_60_89_days_late') },
      { points: 1, when: everLate('times_30_59_days_late') },
      { points: 1, when: { fact: 'attribute.revolving_utilization', op: '>', value: 0.8 } },
      {
        points: 1,
        when: {
          all: [
            { fact: 'attribute.debt_ratio', op: '>', value: 0.43 },
            { not: { fact: 'attribute.monthly_income_minor', op: 'is_missing' } },
          ],
        },
      },
    ],
  },
  threeWay: { approved: 0.6, declined: 0.1 },
};

const portfolio: Portfolio = {
  name: 'give-me-some-credit',
  title: 'Give Me Some Credit',
  description: '150,000 borrowers with bureau attributes (Kaggle, 2011): the classic book for scorecards.',
  currency: 'USD',
  endsWithData: true,
  sources: [
    {
      name: 'training_file',
      path: 'give_me_some_credit/cs-training.csv.gz',
      format: 'csv',
      delimiter: ',',
      missing: ['NA'],
      targets: [
        {
          table: applicationsTable,
          map: (record) => ({
            application_id: `gmsc-${requiredText(record, 'c1')}`,
            borrower_id: `gmsc-${requiredText(record, 'c1')}`,
            applied_at: APPLIED,
            revolving_utilization: textOf(record, 'RevolvingUtilizationOfUnsecuredLines'),
            age: ageOf(record),
            times_30_59_days_late: countOf(record, PAST_DUE),
            times_60_89_days_late: countOf(record, 'NumberOfTime60-89DaysPastDueNotWorse'),
            times_90_days_late: countOf(record, 'NumberOfTimes90DaysLate'),
            past_due_code: isCode(textOf(record, PAST_DUE)) ? textOf(record, PAST_DUE) : 0,
            debt_ratio: textOf(record, 'DebtRatio'),
            monthly_income_minor: minorUnitsOf(record, 'MonthlyIncome'),
            open_credit_lines: textOf(record, 'NumberOfOpenCreditLinesAndLoans'),
            real_estate_loans: textOf(record, 'NumberRealEstateLoansOrLines'),
            dependents: textOf(record, 'NumberOfDependents'),
          }),
        },
        {
          table: outcomesTable,
          map: (record) => ({
            application_id: `gmsc-${requiredText(record, 'c1')}`,
            defaulted: textOf(record, 'SeriousDlqin2yrs'),
            status: null,
            observed_at: OBSERVED,
          }),
        },
      ],
    },
  ],
  defaultDefinition: {
    description: 'Defaulted: 90 days past due or worse within two years.',
    outcomeWindowMonths: 24,
  },
  features,
  split: { kind: 'folds', name: 'gmsc', folds: 5 },
  estimators: ['scorecard', 'logistic', 'forest', 'boosted'],
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: parseCreditPolicy(policy),
  lender: {
    name: 'The lender of the Give Me Some Credit data',
    address: 'Example Street 1, San Francisco, CA 94105',
    jurisdiction: 'US',
    agencies: ['CFPB', 'FTC'],
    bureau: { name: 'Example Credit Bureau', address: 'P.O. Box 1, Example City, PA 19000', phone: '1-800-555-0100' },
  },
  levers,
  incumbent,
  protectedAttributes: [],
  segments: ['dependents', 'real_estate_loans', 'times_90_days_late'],
};

export default portfolio;
