import type { FeatureCatalog, FeatureDefinition, ReasonText } from '../../src/domain/index.ts';
import { define } from '../../src/features/index.ts';

const { attribute, categorical, daysBefore, derived, divide, feature, numeric, ratio } = define;

const LOAN: ReasonText = { code: 'LON1', text: 'Instalment or amount too high for the income' };
const TERM: ReasonText = { code: 'TERM', text: 'Length of the loan' };
const PRICE: ReasonText = { code: 'PRC1', text: "The lender's own grade and price of the loan" };
const PURPOSE: ReasonText = { code: 'PUR1', text: 'Purpose of the loan' };
const WORK: ReasonText = { code: 'EMP1', text: 'Time in present employment too short or not stated' };
const HOME: ReasonText = { code: 'HOU1', text: 'Housing situation' };
const INCOME: ReasonText = { code: 'INC1', text: 'Income too low' };
const VERIFICATION: ReasonText = { code: 'INC2', text: 'Whether income was verified' };
const DEBT: ReasonText = { code: 'DTI1', text: 'Debt payments too high for the income' };
const DELINQUENCY: ReasonText = { code: 'DLQ1', text: 'Delinquencies on the credit file' };
const ENQUIRIES: ReasonText = { code: 'INQ1', text: 'Too many recent credit enquiries' };
const LINES: ReasonText = { code: 'LIN1', text: 'Number of credit lines' };
const REVOLVING: ReasonText = { code: 'UTL1', text: 'Revolving balances too high for their limits' };
const RECORD: ReasonText = { code: 'PUB1', text: 'Public record: bankruptcy, lien or judgement' };
const AGE: ReasonText = { code: 'HIS1', text: 'Credit history too short' };
const REGION: ReasonText = { code: 'REG1', text: 'State of residence' };
const TEXT: ReasonText = { code: 'TXT1', text: 'How the loan was described' };

const BUREAU_GAP = 'not on the credit file';

type Shape = Partial<Pick<FeatureDefinition, 'monotone' | 'nullMeaning'>>;

const number = (name: string, column: string, title: string, unit: string, reason: ReasonText, shape: Shape = {}) =>
  numeric(name, attribute(column), { title, unit, nullMeaning: 'not stated', reason, ...shape });

const bureau = (
  name: string,
  title: string,
  unit: string,
  reason: ReasonText,
  monotone?: FeatureDefinition['monotone'],
) => number(name, name, title, unit, reason, { nullMeaning: BUREAU_GAP, ...(monotone && { monotone }) });

const category = (name: string, title: string, reason: ReasonText) =>
  categorical(name, attribute(name), { title, unit: 'category', nullMeaning: 'not stated', reason });

export const features: FeatureCatalog = {
  features: [
    number('loan_amount', 'amount_minor', 'Loan amount', 'minor units', LOAN),
    number('loan_term', 'term_months', 'Term', 'months', TERM, { monotone: 'increasing' }),
    number('loan_instalment', 'instalment_minor', 'Instalment a month', 'minor units', LOAN),
    number('interest_rate', 'interest_rate', 'Interest rate', 'share a year', PRICE, { monotone: 'increasing' }),
    number('sub_grade_rank', 'sub_grade_rank', "The lender's own sub-grade, 1 (A1) to 35 (G5)", 'rank', PRICE, {
      monotone: 'increasing',
    }),
    category('loan_purpose', 'Purpose', PURPOSE),
    number('employment_years', 'employment_years', 'Years in present employment, 10 = ten or more', 'years', WORK),
    category('housing', 'Housing', HOME),
    number('annual_income', 'annual_income_minor', 'Income a year', 'minor units', INCOME, { monotone: 'decreasing' }),
    category('income_verification', 'Verification of income', VERIFICATION),
    number('debt_to_income', 'debt_to_income', 'Debt payments over income', 'per cent', DEBT, {
      monotone: 'increasing',
    }),
    bureau('delinquencies_2y', 'Delinquencies, two years', 'count', DELINQUENCY, 'increasing'),
    bureau('months_since_delinquency', 'Months since the last delinquency', 'months', DELINQUENCY),
    bureau('enquiries_6m', 'Enquiries, six months', 'count', ENQUIRIES, 'increasing'),
    bureau('open_lines', 'Open credit lines', 'count', LINES),
    bureau('total_lines', 'Credit lines ever', 'count', LINES),
    number('revolving_balance', 'revolving_balance_minor', 'Revolving balance', 'minor units', REVOLVING),
    bureau('revolving_utilization', 'Revolving balance over limits', 'share', REVOLVING, 'increasing'),
    bureau('public_records', 'Derogatory public records', 'count', RECORD, 'increasing'),
    bureau('months_since_public_record', 'Months since the last public record', 'months', RECORD),
    bureau('bankruptcies', 'Bankruptcies', 'count', RECORD, 'increasing'),
    numeric('credit_history_days', daysBefore(attribute('earliest_credit_line_on')), {
      title: 'Age of the oldest credit line',
      unit: 'days',
      nullMeaning: BUREAU_GAP,
      reason: AGE,
      monotone: 'decreasing',
    }),
    category('state', 'State of residence', REGION),
    number('description_length', 'description_length', "Length of the borrower's description", 'characters', TEXT, {
      nullMeaning: 'never missing',
    }),
    number('title_length', 'title_length', 'Length of the title', 'characters', TEXT, { nullMeaning: 'never missing' }),
    number('employer_length', 'employer_length', 'Length of the employer or job stated', 'characters', WORK, {
      nullMeaning: 'never missing',
    }),
    numeric('instalment_to_income', ratio('loan_instalment', 'annual_income'), {
      title: 'Instalment a month over income a year',
      unit: 'ratio',
      nullMeaning: 'income not stated',
      reason: LOAN,
      monotone: 'increasing',
    }),
    numeric('amount_to_income', ratio('loan_amount', 'annual_income'), {
      title: 'Loan amount over income a year',
      unit: 'ratio',
      nullMeaning: 'income not stated',
      reason: LOAN,
      monotone: 'increasing',
    }),
    numeric('revolving_to_income', derived(divide(feature('revolving_balance'), feature('annual_income'))), {
      title: 'Revolving balance over income a year',
      unit: 'ratio',
      nullMeaning: 'income not stated',
      reason: REVOLVING,
    }),
  ],
};
