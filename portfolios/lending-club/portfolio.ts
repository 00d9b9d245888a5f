import { parseCreditPolicy } from '../../src/decisions/index.ts';
import {
  column,
  MappingError,
  outcomesTable,
  type Portfolio,
  type RawRecord,
  type TableSchema,
} from '../../src/domain/index.ts';
import { labelOf, minorUnitsOf, requiredText, textOf } from '../../src/ingestion/index.ts';
import { features } from './features.ts';
import { fraud } from './fraud.ts';
import { levers } from './levers.ts';
import policy from './policy.json' with { type: 'json' };

const OBSERVED = '2017-10-31';

const bureau = { nullable: true, min: 0, dataClass: 'bureau' } as const;
const demographic = { nullable: true, dataClass: 'demographic' } as const;
const alternative = { nullable: true, dataClass: 'alternative' } as const;

const PURPOSES = [
  'debt_consolidation',
  'credit_card',
  'other',
  'home_improvement',
  'major_purchase',
  'small_business',
  'car',
  'wedding',
  'medical',
  'moving',
  'house',
  'educational',
  'vacation',
  'renewable_energy',
] as const;

/** Columns known when the loan was applied for; payments, recoveries, settlements and last_* are leaks and stay in the file. */
const applicationsTable: TableSchema = {
  name: 'loan_applications',
  description: 'Loans issued 2007-2011 as they stood at application.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor', { min: 1, description: 'Loan amount.' }),
    column.integer('term_months', { min: 1, max: 480, description: 'Term.' }),
    column.money('instalment_minor', { nullable: true, min: 0, description: 'Instalment a month.' }),
    column.double('interest_rate', { nullable: true, min: 0, max: 1, description: 'Interest rate, share a year.' }),
    column.text('sub_grade', { nullable: true, description: "The lender's own sub-grade." }),
    column.integer('sub_grade_rank', {
      nullable: true,
      min: 1,
      max: 35,
      description: "The lender's own sub-grade, 1 to 35.",
    }),
    column.text('loan_purpose', { values: PURPOSES, description: 'Purpose.' }),
    column.integer('employment_years', {
      ...demographic,
      min: 0,
      max: 10,
      description: 'Years in present employment.',
    }),
    column.text('housing', {
      ...demographic,
      values: ['RENT', 'MORTGAGE', 'OWN', 'OTHER', 'NONE'],
      description: 'Housing.',
    }),
    column.money('annual_income_minor', { nullable: true, min: 0, description: 'Income a year.' }),
    column.text('income_verification', {
      nullable: true,
      values: ['Not Verified', 'Verified', 'Source Verified'],
      description: 'Verification of income.',
    }),
    column.double('debt_to_income', { nullable: true, min: 0, description: 'Debt payments over income, per cent.' }),
    column.integer('delinquencies_2y', { ...bureau, description: 'Delinquencies, two years.' }),
    column.integer('months_since_delinquency', { ...bureau, description: 'Months since the last delinquency.' }),
    column.integer('enquiries_6m', { ...bureau, description: 'Enquiries, six months.' }),
    column.integer('open_lines', { ...bureau, description: 'Open credit lines.' }),
    column.integer('total_lines', { ...bureau, description: 'Credit lines ever.' }),
    column.money('revolving_balance_minor', { ...bureau, description: 'Revolving balance.' }),
    column.double('revolving_utilization', { ...bureau, description: 'Revolving balance over limits.' }),
    column.integer('public_records', { ...bureau, description: 'Derogatory public records.' }),
    column.integer('months_since_public_record', { ...bureau, description: 'Months since the last public record.' }),
    column.integer('bankruptcies', { ...bureau, description: 'Bankruptcies.' }),
    column.date('earliest_credit_line_on', { nullable: true, dataClass: 'bureau', description: 'Oldest credit line.' }),
    column.text('state', { ...alternative, description: 'State of residence.' }),
    column.text('zip3', alternative),
    column.integer('description_length', { ...alternative, min: 0, description: 'Length of the description.' }),
    column.integer('title_length', { ...alternative, min: 0, description: 'Length of the title.' }),
    column.text('employer_key', { ...demographic, description: 'Employer or job, for fraud checks.' }),
    column.integer('employer_length', { ...alternative, min: 0, description: 'Length of the employer or job.' }),
  ],
};

const EMPLOYMENT: Readonly<Record<string, string>> = {
  '< 1 year': '0',
  '1 year': '1',
  ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9].map((years) => [`${years} years`, String(years)])),
  '10+ years': '10',
};

const STATUS = {
  'Fully Paid': '0',
  'Charged Off': '1',
  'Does not meet the credit policy. Status:Fully Paid': '0',
  'Does not meet the credit policy. Status:Charged Off': '1',
} as const;

/** 'A1' -> 1, 'G5' -> 35. */
function rankOf(record: RawRecord): number | null {
  const grade = textOf(record, 'sub_grade');
  if (grade === null) return null;
  const letter = 'ABCDEFG'.indexOf(grade.slice(0, 1));
  const step = Number(grade.slice(1));
  if (letter < 0 || !(step >= 1 && step <= 5)) throw new MappingError('sub_grade', 'not a sub-grade A1 to G5');
  return letter * 5 + step;
}

const lengthOf = (record: RawRecord, name: string): number => textOf(record, name)?.length ?? 0;
const idOf = (rowIndex: number): string => `lc-${rowIndex}`;

const portfolio: Portfolio = {
  name: 'lending-club',
  title: 'Lending Club 2007-2011',
  description: '42,535 personal loans with application and bureau data, outcome as of October 2017.',
  currency: 'USD',
  endsWithData: true,
  // text of the borrower and the state of residence
  alternativeNeedsLift: true,
  sources: [
    {
      name: 'loans',
      path: 'lending_club/loans_2007_2011_asof_2017-10.csv.gz',
      format: 'csv',
      delimiter: ',',
      missing: ['n/a'],
      targets: [
        {
          table: applicationsTable,
          map: (record, rowIndex) => ({
            application_id: idOf(rowIndex),
            borrower_id: idOf(rowIndex),
            applied_at: requiredText(record, 'issue_d'),
            amount_minor: minorUnitsOf(record, 'loan_amnt'),
            term_months: textOf(record, 'term'),
            instalment_minor: minorUnitsOf(record, 'installment'),
            interest_rate: textOf(record, 'int_rate'),
            sub_grade: textOf(record, 'sub_grade'),
            sub_grade_rank: rankOf(record),
            loan_purpose: textOf(record, 'purpose'),
            employment_years: labelOf(record, 'emp_length', EMPLOYMENT),
            housing: textOf(record, 'home_ownership'),
            annual_income_minor: minorUnitsOf(record, 'annual_inc'),
            income_verification: textOf(record, 'verification_status'),
            debt_to_income: textOf(record, 'dti'),
            delinquencies_2y: textOf(record, 'delinq_2yrs'),
            months_since_delinquency: textOf(record, 'mths_since_last_delinq'),
            enquiries_6m: textOf(record, 'inq_last_6mths'),
            open_lines: textOf(record, 'open_acc'),
            total_lines: textOf(record, 'total_acc'),
            revolving_balance_minor: minorUnitsOf(record, 'revol_bal'),
            revolving_utilization: textOf(record, 'revol_util'),
            public_records: textOf(record, 'pub_rec'),
            months_since_public_record: textOf(record, 'mths_since_last_record'),
            bankruptcies: textOf(record, 'pub_rec_bankruptcies'),
            earliest_credit_line_on: textOf(record, 'earliest_cr_line'),
            state: textOf(record, 'addr_state'),
            zip3: textOf(record, 'zip_code'),
            description_length: lengthOf(record, 'desc'),
            title_length: lengthOf(record, 'title'),
            employer_key: textOf(record, 'emp_title')?.toLowerCase() ?? null,
            employer_length: lengthOf(record, 'emp_title'),
          }),
        },
        {
          table: outcomesTable,
          map: (record, rowIndex) => ({
            application_id: idOf(rowIndex),
            defaulted: labelOf(record, 'loan_status', STATUS),
            status: textOf(record, 'loan_status'),
            observed_at: OBSERVED,
          }),
        },
      ],
    },
  ],
  defaultDefinition: {
    description:
      'Defaulted: charged off by October 2017, loans outside the credit policy included; all loans have ended.',
    outcomeWindowMonths: null,
  },
  features,
  split: { kind: 'out_of_time', trainUntil: '2011-01-01', name: 'lc', folds: 5 },
  estimators: ['scorecard', 'logistic', 'forest', 'boosted'],
  scale: { baseScore: 600, baseOdds: 20, pdo: 40 },
  policy: parseCreditPolicy(policy),
  lender: {
    name: 'The platform of the Lending Club data',
    address: 'Example Street 1, San Francisco, CA 94105',
    jurisdiction: 'US',
    agencies: ['CFPB', 'FTC'],
    bureau: { name: 'Example Credit Bureau', address: 'P.O. Box 1, Example City, PA 19000', phone: '1-800-555-0100' },
  },
  levers,
  fraud,
  incumbent: {
    title: "The lender's own sub-grade, then its interest rate",
    source: 'columns sub_grade and int_rate of the loan file',
    rule: {
      kind: 'order',
      by: [
        { column: 'sub_grade_rank', riskier: 'higher' },
        { column: 'interest_rate', riskier: 'higher' },
      ],
    },
    threeWay: { approved: 0.4, declined: 0.2 },
  },
  protectedAttributes: [],
  segments: ['loan_purpose', 'housing', 'income_verification', 'loan_term'],
};

export default portfolio;
