import type { ColumnSchema, TableSchema } from './table.ts';

/** The domain's tables as they lie in `lake/<portfolio>/processed/<table>/dt=…/`. A portfolio uses those it has data for. */

const text = (name: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  type: 'text',
  dataClass: 'financial',
  ...extra,
});
const integer = (name: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  type: 'integer',
  dataClass: 'financial',
  ...extra,
});
const double = (name: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  type: 'double',
  dataClass: 'financial',
  ...extra,
});
const money = (name: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  type: 'money',
  dataClass: 'financial',
  ...extra,
});
const date = (name: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  type: 'date',
  dataClass: 'financial',
  ...extra,
});
const timestamp = (name: string, extra: Partial<ColumnSchema> = {}): ColumnSchema => ({
  name,
  type: 'timestamp',
  dataClass: 'financial',
  ...extra,
});

const demographic = { nullable: true, dataClass: 'demographic' } as const;
const protectedTrait = { nullable: true, dataClass: 'protected' } as const;
const bureau = { nullable: true, dataClass: 'bureau' } as const;
const external = { nullable: true, dataClass: 'alternative' } as const;

export const TRANSACTION_CATEGORIES = [
  'salary',
  'pension',
  'benefit',
  'interest',
  'transfer_in',
  'cash_deposit',
  'other_credit',
  'rent',
  'household',
  'utilities',
  'insurance',
  'loan_payment',
  'statement_fee',
  'overdraft_fee',
  'sanction_interest',
  'groceries',
  'dining',
  'travel',
  'gambling',
  'card_purchase',
  'cash_withdrawal',
  'transfer_out',
  'other_debit',
] as const;

export const borrowersTable: TableSchema = {
  name: 'borrowers',
  description:
    'Borrowers as known: a change is one more row, with the time it became known; the latest before asOf counts.',
  key: ['borrower_id', 'known_at'],
  knownTime: 'known_at',
  columns: [
    text('borrower_id'),
    date('birth_date', demographic),
    text('sex', protectedTrait),
    text('ethnic_group', protectedTrait),
    text('marital_status', protectedTrait),
    text('district_id', demographic),
    integer('dependents', { ...demographic, min: 0, max: 30 }),
    text('housing', demographic),
    text('education', demographic),
    text('employment_status', demographic),
    date('employed_since', demographic),
    date('resident_since', demographic),
    money('income_monthly_minor', { nullable: true, min: 0 }),
    timestamp('known_at'),
  ],
};

export const accountsTable: TableSchema = {
  name: 'accounts',
  description: 'Current accounts; one borrower owns one or more.',
  key: ['account_id'],
  eventTime: 'opened_on',
  knownTime: 'known_at',
  columns: [
    text('account_id'),
    text('borrower_id'),
    date('opened_on'),
    text('district_id', demographic),
    text('statement_frequency', { nullable: true }),
    money('overdraft_limit_minor', { nullable: true, min: 0 }),
    timestamp('known_at'),
  ],
};

export const transactionsTable: TableSchema = {
  name: 'transactions',
  description: 'Booked account transactions. amount_minor is signed: credits above zero, debits below.',
  key: ['transaction_id'],
  eventTime: 'occurred_at',
  knownTime: 'known_at',
  partitionBy: 'occurred_at',
  columns: [
    text('transaction_id'),
    text('account_id'),
    text('borrower_id'),
    timestamp('occurred_at'),
    timestamp('known_at'),
    money('amount_minor'),
    money('balance_minor', { nullable: true, description: 'Balance of the account after the transaction.' }),
    text('channel', { values: ['cash', 'transfer', 'card', 'internal'] }),
    text('category', { values: TRANSACTION_CATEGORIES }),
    text('counterparty', { nullable: true }),
  ],
};

export const standingOrdersTable: TableSchema = {
  name: 'standing_orders',
  description: 'Standing payment orders out of an account.',
  key: ['order_id'],
  eventTime: 'started_on',
  knownTime: 'known_at',
  columns: [
    text('order_id'),
    text('account_id'),
    text('borrower_id'),
    money('amount_minor', { min: 0 }),
    text('category', {
      values: ['rent', 'household', 'utilities', 'insurance', 'loan_payment', 'leasing', 'savings', 'other_debit'],
    }),
    text('counterparty', { nullable: true }),
    date('started_on'),
    timestamp('known_at'),
  ],
};

export const cardsTable: TableSchema = {
  name: 'cards',
  description: 'Payment cards issued.',
  key: ['card_id'],
  eventTime: 'issued_on',
  knownTime: 'known_at',
  columns: [
    text('card_id'),
    text('account_id'),
    text('borrower_id'),
    text('card_type'),
    date('issued_on'),
    timestamp('known_at'),
  ],
};

export const districtsTable: TableSchema = {
  name: 'districts',
  description:
    'External data on the district a borrower lives in; new figures are one more row, with the time they became known.',
  key: ['district_id', 'known_at'],
  knownTime: 'known_at',
  columns: [
    text('district_id', { dataClass: 'alternative' }),
    text('district_name', external),
    text('region', external),
    integer('population', external),
    double('urban_share', external),
    money('average_salary_minor', external),
    double('unemployment_rate', external),
    double('unemployment_rate_prior', external),
    double('entrepreneurs_per_1000', external),
    double('crimes_per_1000', external),
    double('crimes_per_1000_prior', external),
    timestamp('known_at', { dataClass: 'alternative' }),
  ],
};

export const bureauReportsTable: TableSchema = {
  name: 'bureau_reports',
  description:
    'Reports of credit bureaus on a borrower; a new report is one more row, and the latest known before asOf counts.',
  key: ['borrower_id', 'bureau', 'known_at'],
  eventTime: 'reported_at',
  knownTime: 'known_at',
  columns: [
    text('borrower_id'),
    text('bureau', { dataClass: 'bureau' }),
    timestamp('reported_at', { dataClass: 'bureau', description: 'As of when the bureau reports.' }),
    timestamp('known_at', { dataClass: 'bureau' }),
    integer('bureau_score', { ...bureau, min: 0, max: 2_000 }),
    integer('open_accounts', { ...bureau, min: 0 }),
    integer('delinquencies_24m', { ...bureau, min: 0 }),
    integer('inquiries_6m', { ...bureau, min: 0 }),
    integer('public_records', { ...bureau, min: 0 }),
    money('total_debt_minor', { ...bureau, min: 0 }),
    date('oldest_account_on', bureau),
  ],
};

export const loanApplicationsTable: TableSchema = {
  name: 'loan_applications',
  description: 'One row per loan application; a portfolio with other columns declares its own schema under this name.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    text('application_id'),
    text('borrower_id'),
    timestamp('applied_at'),
    money('amount_minor', { min: 1 }),
    integer('term_months', { min: 1, max: 480 }),
    money('instalment_minor', { nullable: true, min: 0 }),
    text('purpose', { nullable: true }),
    text('channel', { nullable: true }),
  ],
};

export const loansTable: TableSchema = {
  name: 'loans',
  description: 'Loans granted.',
  key: ['loan_id'],
  eventTime: 'granted_on',
  knownTime: 'known_at',
  columns: [
    text('loan_id'),
    text('application_id'),
    text('borrower_id'),
    date('granted_on'),
    money('amount_minor', { min: 1 }),
    integer('term_months', { min: 1 }),
    money('instalment_minor', { nullable: true }),
    double('annual_rate', { nullable: true }),
    timestamp('known_at'),
  ],
};

export const loanPerformanceTable: TableSchema = {
  name: 'loan_performance',
  description: 'State of a loan at each month end.',
  key: ['loan_id', 'month_on'],
  eventTime: 'month_on',
  knownTime: 'known_at',
  partitionBy: 'month_on',
  columns: [
    text('loan_id'),
    text('borrower_id'),
    date('month_on'),
    integer('months_on_book', { min: 0 }),
    integer('days_past_due', { min: 0 }),
    money('balance_minor'),
    money('paid_minor'),
    timestamp('known_at'),
  ],
};

/** The label. Kept apart from loan_applications so that no feature can reach it. */
export const outcomesTable: TableSchema = {
  name: 'outcomes',
  description:
    'What became of a loan application: 1 = defaulted within the outcome window, 0 = not, null = indeterminate or not yet known.',
  key: ['application_id'],
  eventTime: 'observed_at',
  columns: [
    text('application_id'),
    integer('defaulted', { nullable: true, min: 0, max: 1 }),
    text('status', { nullable: true }),
    timestamp('observed_at', { nullable: true }),
  ],
};

/** Simulated portfolios only: the pd each application was drawn with. Read by evaluation, never by features. */
export const truthTable: TableSchema = {
  name: 'simulation_truth',
  description: 'The true default probability a simulated application was drawn with.',
  key: ['application_id'],
  columns: [text('application_id'), double('true_pd', { min: 0, max: 1 })],
};
