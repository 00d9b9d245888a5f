import {
  accountsTable,
  borrowersTable,
  cardsTable,
  column,
  districtsTable,
  loanApplicationsTable,
  loansTable,
  type MapContext,
  type MappedRow,
  MappingError,
  outcomesTable,
  type RawRecord,
  type SourceFile,
  type SourceTarget,
  standingOrdersTable,
  type TableSchema,
  transactionsTable,
} from '../../src/domain/index.ts';
import { labelOf, minorUnitsOf, requiredText, textOf } from '../../src/ingestion/index.ts';

/** Tables without a date are taken as known from the first day of the bank on. */
const FROM_THE_START = '1992-12-31 23:59:59';
/** The district table tells of 1995 and 1996; earlier loans must not see it. */
const DISTRICTS_KNOWN = '1996-12-31 23:59:59';
/** Last day that the outcomes tell of. */
const OBSERVED = '1998-12-31';

const accountOwnersTable: TableSchema = {
  name: 'account_owners',
  description: 'Who owns an account (disposition OWNER).',
  key: ['account_id'],
  columns: [column.text('account_id'), column.text('borrower_id')],
};

const dispositionsTable: TableSchema = {
  name: 'dispositions',
  description: 'Who may act on an account, as owner or as disponent.',
  key: ['disp_id'],
  columns: [column.text('disp_id'), column.text('account_id'), column.text('type', { values: ['OWNER', 'DISPONENT'] })],
};

/** '970728' -> '1997-07-28'. */
export function isoDay(text: string, field: string): string {
  if (!/^\d{6}/.test(text)) throw new MappingError(field, 'not a date (YYMMDD)');
  return `19${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`;
}

const dayOf = (record: RawRecord, name: string): string => isoDay(requiredText(record, name), name);
const endOf = (day: string): string => `${day} 23:59:59`;

/** Women have 50 added to the month of the birth number. */
export function birthOf(birthNumber: string): { readonly birthDate: string; readonly sex: 'female' | 'male' } {
  const month = Number(birthNumber.slice(2, 4));
  const sex = month > 50 ? 'female' : 'male';
  const plain = `${birthNumber.slice(0, 2)}${String(month - (sex === 'female' ? 50 : 0)).padStart(2, '0')}${birthNumber.slice(4)}`;
  return { birthDate: isoDay(plain, 'birth_number'), sex };
}

function ownerOf(context: MapContext, accountId: string): string {
  const owner = context.lookup('account_owners', accountId)?.['borrower_id'];
  if (typeof owner !== 'string') throw new MappingError('account_id', 'an account without an owner');
  return owner;
}

const file = (
  name: string,
  path: string,
  targets: readonly SourceTarget[],
  more: Partial<SourceFile> = {},
): SourceFile => ({
  name,
  path: `berka/${path}`,
  format: 'csv',
  delimiter: ';',
  targets,
  ...more,
});

const OWNERS = { lookups: ['account_owners'] } as const;

/** Statement frequency. */
const FREQUENCIES = {
  'POPLATEK MESICNE': 'monthly',
  'POPLATEK TYDNE': 'weekly',
  'POPLATEK PO OBRATU': 'after transaction',
} as const;

/** Characterisation of a payment, in both files' words. */
const PAYMENT_CATEGORIES: Readonly<Record<string, string>> = {
  UROK: 'interest',
  SLUZBY: 'statement_fee',
  SIPO: 'household',
  POJISTNE: 'insurance',
  DUCHOD: 'pension',
  UVER: 'loan_payment',
  'SANKC. UROK': 'sanction_interest',
  'interest credited': 'interest',
  'payment for statement': 'statement_fee',
  household: 'household',
  'insurrance payment': 'insurance',
  'old-age pension': 'pension',
  'loan payment': 'loan_payment',
  'sanction interest if negative balance': 'sanction_interest',
};

type Operation = { readonly category: string; readonly channel: 'cash' | 'transfer' | 'card' };

const OPERATIONS: Readonly<Record<string, Operation>> = {
  VKLAD: { category: 'cash_deposit', channel: 'cash' },
  VYBER: { category: 'cash_withdrawal', channel: 'cash' },
  'PREVOD Z UCTU': { category: 'transfer_in', channel: 'transfer' },
  'PREVOD NA UCET': { category: 'transfer_out', channel: 'transfer' },
  'VYBER KARTOU': { category: 'card_purchase', channel: 'card' },
  'credit in cash': { category: 'cash_deposit', channel: 'cash' },
  'withdrawal in cash': { category: 'cash_withdrawal', channel: 'cash' },
  'collection from another bank': { category: 'transfer_in', channel: 'transfer' },
  'remittance to another bank': { category: 'transfer_out', channel: 'transfer' },
  'credit card withdrawal': { category: 'card_purchase', channel: 'card' },
};

const SIGNS: Readonly<Record<string, 1 | -1>> = {
  PRIJEM: 1,
  VYDAJ: -1,
  VYBER: -1,
  credit: 1,
  withdrawal: -1,
  'withdrawal in cash': -1,
};

function mapTransaction(record: RawRecord, _row: number, context: MapContext): MappedRow {
  const account = requiredText(record, 'account_id');
  const day = dayOf(record, 'date');
  const sign = SIGNS[requiredText(record, 'type')];
  if (sign === undefined) throw new MappingError('type', 'not a code of the codebook');
  const amount = minorUnitsOf(record, 'amount');
  const operation = operationOf(record);
  return {
    transaction_id: textOf(record, 'trans_id'),
    account_id: account,
    borrower_id: ownerOf(context, account),
    occurred_at: day,
    known_at: endOf(day),
    amount_minor: amount === null ? null : sign * amount,
    balance_minor: minorUnitsOf(record, 'balance'),
    channel: operation?.channel ?? 'internal',
    category: categoryOf(record) ?? operation?.category ?? (sign > 0 ? 'other_credit' : 'other_debit'),
    counterparty: counterpartyOf(record, 'bank', 'account'),
  };
}

function operationOf(record: RawRecord): Operation | null {
  const code = textOf(record, 'operation');
  if (code === null) return null;
  const operation = OPERATIONS[code];
  if (!operation) throw new MappingError('operation', 'not a code of the codebook');
  return operation;
}

/** A blank stands for no characterisation. */
function categoryOf(record: RawRecord): string | null {
  const code = textOf(record, 'k_symbol')?.trim();
  if (code === undefined || code === '') return null;
  const category = PAYMENT_CATEGORIES[code];
  if (!category) throw new MappingError('k_symbol', 'not a code of the codebook');
  return category;
}

function counterpartyOf(record: RawRecord, bank: string, account: string): string | null {
  const number = textOf(record, account);
  return number === null || number === '0' ? null : `${textOf(record, bank) ?? ''}${number}`;
}

/** The transaction files hold the whole history before the loan for these loans only. */
export function hasHistory(loanDay: string): boolean {
  return loanDay <= '1994-03-31' || loanDay >= '1997-01-01';
}

const withoutHistory = (record: RawRecord): string | null => {
  const day = textOf(record, 'date');
  return day !== null && /^\d{6}$/.test(day) && !hasHistory(isoDay(day, 'date')) ? 'history not in the file' : null;
};

/** A and C: paid, or paid so far. B and D: not paid, or in debt. */
const LOAN_STATUS = { A: 'A', B: 'B', C: 'C', D: 'D' } as const;

const loanTargets: readonly SourceTarget[] = [
  {
    table: loanApplicationsTable,
    ...OWNERS,
    map: (record, _row, context) => ({
      application_id: textOf(record, 'loan_id'),
      borrower_id: ownerOf(context, requiredText(record, 'account_id')),
      applied_at: dayOf(record, 'date'),
      amount_minor: minorUnitsOf(record, 'amount'),
      term_months: textOf(record, 'duration'),
      instalment_minor: minorUnitsOf(record, 'payments'),
      purpose: null,
      channel: null,
    }),
  },
  {
    table: loansTable,
    ...OWNERS,
    map: (record, _row, context) => ({
      loan_id: textOf(record, 'loan_id'),
      application_id: textOf(record, 'loan_id'),
      borrower_id: ownerOf(context, requiredText(record, 'account_id')),
      granted_on: dayOf(record, 'date'),
      amount_minor: minorUnitsOf(record, 'amount'),
      term_months: textOf(record, 'duration'),
      instalment_minor: minorUnitsOf(record, 'payments'),
      annual_rate: null,
      known_at: endOf(dayOf(record, 'date')),
    }),
  },
  {
    table: outcomesTable,
    map: (record) => {
      const status = labelOf(record, 'status', LOAN_STATUS);
      return {
        application_id: textOf(record, 'loan_id'),
        defaulted: status === null ? null : Number(status === 'B' || status === 'D'),
        status,
        observed_at: OBSERVED,
      };
    },
  },
];

const districts = file(
  'districts',
  'district.asc',
  [
    {
      table: districtsTable,
      map: (record) => {
        const population = Number(textOf(record, 'A4'));
        const per1000 = (name: string): number | null => {
          const count = textOf(record, name);
          return count === null ? null : (1000 * Number(count)) / population;
        };
        return {
          district_id: textOf(record, 'A1'),
          district_name: textOf(record, 'A2'),
          region: textOf(record, 'A3'),
          population: textOf(record, 'A4'),
          urban_share: textOf(record, 'A10'),
          average_salary_minor: minorUnitsOf(record, 'A11'),
          unemployment_rate: textOf(record, 'A13'),
          unemployment_rate_prior: textOf(record, 'A12'),
          entrepreneurs_per_1000: textOf(record, 'A14'),
          crimes_per_1000: per1000('A16'),
          crimes_per_1000_prior: per1000('A15'),
          known_at: DISTRICTS_KNOWN,
        };
      },
    },
  ],
  { missing: ['?'] },
);

const clients = file('clients', 'client.asc', [
  {
    table: borrowersTable,
    map: (record) => {
      const { birthDate, sex } = birthOf(requiredText(record, 'birth_number'));
      return {
        borrower_id: textOf(record, 'client_id'),
        birth_date: birthDate,
        sex,
        district_id: textOf(record, 'district_id'),
        known_at: FROM_THE_START,
      };
    },
  },
]);

const dispositions = file('dispositions', 'disp.asc', [
  {
    table: dispositionsTable,
    map: (record) => ({
      disp_id: textOf(record, 'disp_id'),
      account_id: textOf(record, 'account_id'),
      type: textOf(record, 'type'),
    }),
  },
  {
    table: accountOwnersTable,
    map: (record) =>
      textOf(record, 'type') === 'OWNER'
        ? { account_id: textOf(record, 'account_id'), borrower_id: textOf(record, 'client_id') }
        : null,
  },
]);

const accounts = file('accounts', 'account.asc', [
  {
    table: accountsTable,
    ...OWNERS,
    map: (record, _row, context) => ({
      account_id: textOf(record, 'account_id'),
      borrower_id: ownerOf(context, requiredText(record, 'account_id')),
      opened_on: dayOf(record, 'date'),
      district_id: textOf(record, 'district_id'),
      statement_frequency: labelOf(record, 'frequency', FREQUENCIES),
      overdraft_limit_minor: null,
      known_at: endOf(dayOf(record, 'date')),
    }),
  },
]);

const ORDER_CATEGORIES: Readonly<Record<string, string>> = {
  SIPO: 'household',
  POJISTNE: 'insurance',
  LEASING: 'leasing',
  '': 'other_debit',
};

/** Orders carry no date: taken as running since the account was opened. */
const orders = file(
  'orders',
  'order.asc',
  [
    {
      table: standingOrdersTable,
      lookups: ['account_owners', 'accounts'],
      map: (record, _row, context) => {
        const account = requiredText(record, 'account_id');
        const opened = String(context.lookup('accounts', account)?.['opened_on']);
        const category = ORDER_CATEGORIES[(textOf(record, 'k_symbol') ?? '').trim()];
        if (category === undefined) throw new MappingError('k_symbol', 'not a code of the codebook');
        return {
          order_id: textOf(record, 'order_id'),
          account_id: account,
          borrower_id: ownerOf(context, account),
          amount_minor: minorUnitsOf(record, 'amount'),
          category,
          counterparty: counterpartyOf(record, 'bank_to', 'account_to'),
          started_on: opened,
          known_at: endOf(opened),
        };
      },
    },
  ],
  {
    exclude: (record) =>
      record['k_symbol'] === 'UVER' ? 'order that repays the loan: known only after it was granted' : null,
  },
);

const cards = file('cards', 'card.asc', [
  {
    table: cardsTable,
    lookups: ['dispositions', 'account_owners'],
    map: (record, _row, context) => {
      const account = context.lookup('dispositions', requiredText(record, 'disp_id'))?.['account_id'];
      if (typeof account !== 'string') throw new MappingError('disp_id', 'no such disposition');
      return {
        card_id: textOf(record, 'card_id'),
        account_id: account,
        borrower_id: ownerOf(context, account),
        card_type: textOf(record, 'type'),
        issued_on: dayOf(record, 'issued'),
        known_at: endOf(dayOf(record, 'issued')),
      };
    },
  },
]);

const transactionTargets: readonly SourceTarget[] = [{ table: transactionsTable, ...OWNERS, map: mapTransaction }];

export const sources: readonly SourceFile[] = [
  districts,
  clients,
  dispositions,
  accounts,
  orders,
  cards,
  file('loans', 'loan.asc', loanTargets, { exclude: withoutHistory }),
  file('transactions_1993', 'trans_1993-01_to_1994-03.asc.gz', transactionTargets),
  file('transactions_1997', 'trans_before_loan_1997_1998.csv.gz', transactionTargets),
];
