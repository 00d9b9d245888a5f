import {
  accountsTable,
  borrowersTable,
  cardsTable,
  column,
  districtsTable,
  loanPerformanceTable,
  loansTable,
  type MappedRow,
  outcomesTable,
  type RawRecord,
  type SourceFile,
  standingOrdersTable,
  type TableSchema,
  transactionsTable,
  truthTable,
} from '../../src/domain/index.ts';
import { minorUnitsOf, textOf } from '../../src/ingestion/index.ts';
import { BANK_FILES } from '../../src/simulation/index.ts';

const contact = { nullable: true, dataClass: 'alternative' } as const;

/** The application as the bank's form holds it; contact data and device serve fraud checks, never scoring. */
export const applicationsTable: TableSchema = {
  name: 'loan_applications',
  description: 'One row per loan application, with what the applicant stated and what the bank decided by its rule.',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor', { min: 1, description: 'Amount asked for.' }),
    column.integer('term_months', { min: 1, max: 480, description: 'Term.' }),
    column.money('instalment_minor', { nullable: true, min: 0, description: 'Instalment a month.' }),
    column.text('purpose', {
      nullable: true,
      values: ['car', 'home_improvement', 'debt_consolidation', 'furniture', 'education', 'holiday', 'business'],
      description: 'Purpose.',
    }),
    column.text('channel', { nullable: true, values: ['branch', 'online', 'broker'], description: 'Channel.' }),
    column.money('declared_income_minor', { nullable: true, min: 0, description: 'Income a month, as stated.' }),
    column.text('employer', { nullable: true, dataClass: 'demographic', description: 'Employer.' }),
    column.text('email', contact),
    column.text('phone', contact),
    column.text('address', contact),
    column.text('device_id', contact),
    column.integer('incumbent_score', { nullable: true, min: 0, max: 100, description: 'Points of the rule in use.' }),
    column.text('incumbent_outcome', { nullable: true, values: ['approved', 'declined'] }),
  ],
};

/** The pd each application was drawn with, and what would have become of it, granted or not. */
export const simulationTruthTable: TableSchema = {
  ...truthTable,
  columns: [...truthTable.columns, column.integer('would_default', { min: 0, max: 1 })],
};

/** Known at the end of the day it happened: the bank books overnight. */
const knownOn = (record: RawRecord, name: string): string | null => {
  const date = textOf(record, name);
  return date === null ? null : `${date} 23:59:59`;
};

type Mapper = (record: RawRecord) => MappedRow;

const source = (name: keyof typeof BANK_FILES, table: TableSchema, map: Mapper): SourceFile => ({
  name: table.name,
  path: BANK_FILES[name].file,
  format: 'csv',
  delimiter: ',',
  targets: [{ table, map }],
});

export const sources: readonly SourceFile[] = [
  source('districts', districtsTable, (record) => ({
    district_id: textOf(record, 'district_no'),
    district_name: textOf(record, 'name'),
    region: textOf(record, 'region'),
    population: textOf(record, 'population'),
    urban_share: textOf(record, 'urban_pct'),
    average_salary_minor: minorUnitsOf(record, 'average_salary'),
    unemployment_rate: textOf(record, 'unemployment_pct'),
    unemployment_rate_prior: textOf(record, 'unemployment_pct_prior'),
    entrepreneurs_per_1000: textOf(record, 'entrepreneurs_per_1000'),
    crimes_per_1000: textOf(record, 'crimes_per_1000'),
    crimes_per_1000_prior: textOf(record, 'crimes_per_1000_prior'),
    known_at: knownOn(record, 'published_on'),
  })),
  source('borrowers', borrowersTable, (record) => ({
    borrower_id: textOf(record, 'customer_no'),
    birth_date: textOf(record, 'birth_date'),
    sex: textOf(record, 'sex'),
    ethnic_group: textOf(record, 'ethnic_group'),
    marital_status: textOf(record, 'marital_status'),
    district_id: textOf(record, 'district_no'),
    dependents: textOf(record, 'dependents'),
    housing: textOf(record, 'housing'),
    education: textOf(record, 'education'),
    employment_status: textOf(record, 'employment_status'),
    employed_since: textOf(record, 'employed_since'),
    resident_since: textOf(record, 'resident_since'),
    income_monthly_minor: minorUnitsOf(record, 'net_income'),
    known_at: textOf(record, 'recorded_at'),
  })),
  source('accounts', accountsTable, (record) => ({
    account_id: textOf(record, 'account_no'),
    borrower_id: textOf(record, 'customer_no'),
    opened_on: textOf(record, 'opened_on'),
    district_id: textOf(record, 'district_no'),
    statement_frequency: textOf(record, 'statement'),
    overdraft_limit_minor: minorUnitsOf(record, 'overdraft_limit'),
    known_at: knownOn(record, 'opened_on'),
  })),
  source('standingOrders', standingOrdersTable, (record) => ({
    order_id: textOf(record, 'order_no'),
    account_id: textOf(record, 'account_no'),
    borrower_id: textOf(record, 'customer_no'),
    amount_minor: minorUnitsOf(record, 'amount'),
    category: textOf(record, 'category'),
    counterparty: textOf(record, 'payee'),
    started_on: textOf(record, 'started_on'),
    known_at: knownOn(record, 'started_on'),
  })),
  source('cards', cardsTable, (record) => ({
    card_id: textOf(record, 'card_no'),
    account_id: textOf(record, 'account_no'),
    borrower_id: textOf(record, 'customer_no'),
    card_type: textOf(record, 'card_type'),
    issued_on: textOf(record, 'issued_on'),
    known_at: knownOn(record, 'issued_on'),
  })),
  source('transactions', transactionsTable, (record) => ({
    transaction_id: textOf(record, 'booking_no'),
    account_id: textOf(record, 'account_no'),
    borrower_id: textOf(record, 'customer_no'),
    occurred_at: textOf(record, 'booked_at'),
    known_at: textOf(record, 'known_at'),
    amount_minor: minorUnitsOf(record, 'amount'),
    balance_minor: minorUnitsOf(record, 'balance'),
    channel: textOf(record, 'channel'),
    category: textOf(record, 'category'),
    counterparty: textOf(record, 'counterparty'),
  })),
  source('applications', applicationsTable, (record) => ({
    application_id: textOf(record, 'application_no'),
    borrower_id: textOf(record, 'customer_no'),
    applied_at: textOf(record, 'applied_at'),
    amount_minor: minorUnitsOf(record, 'amount'),
    term_months: textOf(record, 'term_months'),
    instalment_minor: minorUnitsOf(record, 'instalment'),
    purpose: textOf(record, 'purpose'),
    channel: textOf(record, 'channel'),
    declared_income_minor: minorUnitsOf(record, 'declared_income'),
    employer: textOf(record, 'employer'),
    email: textOf(record, 'email'),
    phone: textOf(record, 'phone'),
    address: textOf(record, 'address'),
    device_id: textOf(record, 'device_id'),
    incumbent_score: textOf(record, 'incumbent_score'),
    incumbent_outcome: textOf(record, 'incumbent_outcome'),
  })),
  source('loans', loansTable, (record) => ({
    loan_id: textOf(record, 'loan_no'),
    application_id: textOf(record, 'application_no'),
    borrower_id: textOf(record, 'customer_no'),
    granted_on: textOf(record, 'granted_on'),
    amount_minor: minorUnitsOf(record, 'amount'),
    term_months: textOf(record, 'term_months'),
    instalment_minor: minorUnitsOf(record, 'instalment'),
    annual_rate: textOf(record, 'annual_rate'),
    known_at: knownOn(record, 'granted_on'),
  })),
  source('performance', loanPerformanceTable, (record) => ({
    loan_id: textOf(record, 'loan_no'),
    borrower_id: textOf(record, 'customer_no'),
    month_on: textOf(record, 'month_end'),
    months_on_book: textOf(record, 'months_on_book'),
    days_past_due: textOf(record, 'days_past_due'),
    balance_minor: minorUnitsOf(record, 'balance'),
    paid_minor: minorUnitsOf(record, 'paid'),
    known_at: knownOn(record, 'month_end'),
  })),
  source('outcomes', outcomesTable, (record) => ({
    application_id: textOf(record, 'application_no'),
    defaulted: textOf(record, 'defaulted'),
    status: textOf(record, 'status'),
    observed_at: textOf(record, 'observed_on'),
  })),
  source('truth', simulationTruthTable, (record) => ({
    application_id: textOf(record, 'application_no'),
    true_pd: textOf(record, 'true_pd'),
    would_default: textOf(record, 'would_default'),
  })),
];
