import { parseCreditPolicy } from '../../src/decisions/index.ts';
import { type ColumnSchema, column, outcomesTable, type Portfolio, type TableSchema } from '../../src/domain/index.ts';
import { labelOf, minorUnitsOf, textOf } from '../../src/ingestion/index.ts';
import { CODEBOOK } from './codebook.ts';
import { features } from './features.ts';
import policy from './policy.json' with { type: 'json' };

/** The file has no dates; one moment stands for all. */
const APPLIED = '1974-01-01 00:00:00';
const OBSERVED = '1975-12-31';

const coded = (name: keyof typeof CODEBOOK, description: string, dataClass: ColumnSchema['dataClass'] = 'financial') =>
  column.text(name, { values: Object.values(CODEBOOK[name]), description, dataClass });

const applicationsTable: TableSchema = {
  name: 'loan_applications',
  description: 'One row per applicant, codes as words of the codebook.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor', { min: 1, description: 'Credit amount.' }),
    column.integer('term_months', { min: 1, max: 480, description: 'Duration.' }),
    coded('checking_account', 'Checking account.'),
    coded('credit_history', 'Credit history.'),
    coded('purpose', 'Purpose.'),
    coded('savings', 'Savings account or bonds.'),
    coded('employment', 'In present employment since.', 'demographic'),
    column.integer('instalment_rate_class', {
      min: 1,
      max: 4,
      description: 'Instalment over disposable income, class.',
    }),
    coded('personal_status_sex', 'Personal status and sex.', 'protected'),
    coded('other_debtors', 'Other debtors or guarantors.'),
    column.integer('residence_years_class', {
      min: 1,
      max: 4,
      dataClass: 'demographic',
      description: 'At present residence, class.',
    }),
    coded('property', 'Property.'),
    column.integer('age', { min: 18, max: 120, dataClass: 'demographic', description: 'Age in years.' }),
    coded('other_instalment_plans', 'Other instalment plans.'),
    coded('housing', 'Housing.', 'demographic'),
    column.integer('credits_here', { min: 0, description: 'Credits at this bank.' }),
    coded('job', 'Job.', 'demographic'),
    column.integer('dependents', { min: 0, dataClass: 'demographic', description: 'Persons to maintain.' }),
    coded('telephone', 'Telephone.', 'alternative'),
    coded('foreign_worker', 'Foreign worker.', 'protected'),
  ],
};

const idOf = (rowIndex: number): string => `german-${rowIndex}`;

const portfolio: Portfolio = {
  name: 'german-credit',
  title: 'German Credit',
  description: '1,000 applicants of a German bank, 1973-1975 (UCI, Hofmann): small, and known to everyone.',
  currency: 'DEM',
  endsWithData: true,
  sources: [
    {
      name: 'german_data',
      path: 'german_credit/german.data',
      format: 'csv',
      delimiter: 'whitespace',
      header: false,
      targets: [
        {
          table: applicationsTable,
          map: (record, rowIndex) => ({
            application_id: idOf(rowIndex),
            borrower_id: idOf(rowIndex),
            applied_at: APPLIED,
            amount_minor: minorUnitsOf(record, 'c5'),
            term_months: textOf(record, 'c2'),
            checking_account: labelOf(record, 'c1', CODEBOOK.checking_account),
            credit_history: labelOf(record, 'c3', CODEBOOK.credit_history),
            purpose: labelOf(record, 'c4', CODEBOOK.purpose),
            savings: labelOf(record, 'c6', CODEBOOK.savings),
            employment: labelOf(record, 'c7', CODEBOOK.employment),
            instalment_rate_class: textOf(record, 'c8'),
            personal_status_sex: labelOf(record, 'c9', CODEBOOK.personal_status_sex),
            other_debtors: labelOf(record, 'c10', CODEBOOK.other_debtors),
            residence_years_class: textOf(record, 'c11'),
            property: labelOf(record, 'c12', CODEBOOK.property),
            age: textOf(record, 'c13'),
            other_instalment_plans: labelOf(record, 'c14', CODEBOOK.other_instalment_plans),
            housing: labelOf(record, 'c15', CODEBOOK.housing),
            credits_here: textOf(record, 'c16'),
            job: labelOf(record, 'c17', CODEBOOK.job),
            dependents: textOf(record, 'c18'),
            telephone: labelOf(record, 'c19', CODEBOOK.telephone),
            foreign_worker: labelOf(record, 'c20', CODEBOOK.foreign_worker),
          }),
        },
        {
          table: outcomesTable,
          map: (record, rowIndex) => ({
            application_id: idOf(rowIndex),
            defaulted: labelOf(record, 'c21', { 1: '0', 2: '1' }),
            status: labelOf(record, 'c21', { 1: 'good', 2: 'bad' }),
            observed_at: OBSERVED,
          }),
        },
      ],
    },
  ],
  defaultDefinition: {
    description: 'Defaulted: class 2 (bad) of the data set; the bank did not publish its rule.',
    outcomeWindowMonths: null,
  },
  features,
  split: { kind: 'folds', name: 'german', folds: 5 },
  estimators: ['scorecard', 'logistic', 'forest', 'boosted'],
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: parseCreditPolicy(policy),
  lender: { name: 'The bank of the German Credit data', address: 'Example Street 1, 80331 Munich', jurisdiction: 'DE' },
  protectedAttributes: [
    { table: 'loan_applications', column: 'personal_status_sex', title: 'Personal status and sex' },
    { table: 'loan_applications', column: 'foreign_worker', title: 'Foreign worker' },
  ],
  segments: ['purpose', 'checking_account', 'credit_history', 'housing'],
};

export default portfolio;
