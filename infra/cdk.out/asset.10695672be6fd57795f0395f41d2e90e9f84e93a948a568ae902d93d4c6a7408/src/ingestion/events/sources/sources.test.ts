import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { outcomesTable, type Portfolio, transactionsTable } from '../../../domain/index.ts';
import { parseMicros } from '../../calendar.ts';
import { isIssue } from '../event.ts';
import { createEventMapper } from '../event-mapper.ts';
import { amountOf } from './money.ts';

/** A book in pounds whose one file holds transactions; only what events need of it. */
const portfolio = {
  name: 'p',
  currency: 'GBP',
  sources: [
    {
      name: 'payments',
      path: 'payments.csv',
      format: 'csv',
      missing: ['-'],
      exclude: (record) => (record['kind'] === 'test' ? 'a test payment' : null),
      targets: [
        { table: transactionsTable, map: () => null },
        {
          table: outcomesTable,
          map: (record) => ({ application_id: record['id'] ?? null, status: record['status'] ?? null }),
        },
      ],
    },
  ],
} satisfies Pick<Portfolio, 'name' | 'currency' | 'sources'> as unknown as Portfolio;

const mapper = createEventMapper(portfolio);
const ARRIVED = '2026-03-29T01:30:00.000Z';

function mapped(source: string, payload: Record<string, unknown>, extra: Record<string, string> = {}) {
  const result = mapper.map({ source, payload, borrowerId: 'B7', arrivedAt: ARRIVED, ...extra });
  assert.ok(!isIssue(result), JSON.stringify(result));
  return result;
}

function issueOf(source: string, payload: Record<string, unknown>, extra: Record<string, string | undefined> = {}) {
  const result = mapper.map({ source, payload, borrowerId: 'B7', arrivedAt: ARRIVED, ...extra } as Parameters<
    typeof mapper.map
  >[0]);
  return isIssue(result) ? `${result.field}: ${result.reason}` : 'no issue';
}

const plaidTransaction = {
  account_id: 'BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp',
  amount: 72.1,
  iso_currency_code: 'GBP',
  unofficial_currency_code: null,
  date: '2026-01-24',
  datetime: '2026-01-24T11:01:01Z',
  authorized_date: '2026-01-22',
  merchant_name: 'Corner Shop',
  name: 'CORNER SHOP 17',
  payment_channel: 'in store',
  pending: false,
  pending_transaction_id: 'no86Eox18VHMvaOVL7gPUM9ap3aR1LsAVZ5nc',
  personal_finance_category: {
    primary: 'FOOD_AND_DRINK',
    detailed: 'FOOD_AND_DRINK_GROCERIES',
    confidence_level: 'HIGH',
  },
  transaction_id: 'lPNjeW1nR6CDn5okmGQ6hEpMo4lLNoSrzqDje',
};

test('plaid: a sync page gives what is booked, exactly, with the sign of the account', () => {
  const { facts, skipped } = mapped('plaid', {
    added: [plaidTransaction, { ...plaidTransaction, transaction_id: 'P', pending: true }],
    modified: [
      {
        ...plaidTransaction,
        transaction_id: 'M',
        amount: -1999.99,
        personal_finance_category: { primary: 'INCOME', detailed: 'INCOME_WAGES' },
        datetime: null,
      },
    ],
    removed: [{ transaction_id: 'R', account_id: 'A' }],
    next_cursor: 'x',
    has_more: false,
  });
  assert.deepEqual(skipped, ['pending, not booked yet', 'removed by the bank']);
  assert.deepEqual(
    facts.map(({ row }) => row),
    [
      {
        transaction_id: plaidTransaction.transaction_id,
        account_id: plaidTransaction.account_id,
        borrower_id: 'B7',
        occurred_at: parseMicros('2026-01-24 11:01:01'),
        known_at: parseMicros('2026-03-29 01:30:00'),
        amount_minor: -7210,
        balance_minor: null,
        channel: 'card',
        category: 'groceries',
        counterparty: 'Corner Shop',
      },
      {
        transaction_id: 'M',
        account_id: plaidTransaction.account_id,
        borrower_id: 'B7',
        occurred_at: parseMicros('2026-01-24'),
        known_at: parseMicros('2026-03-29 01:30:00'),
        amount_minor: 199_999,
        balance_minor: null,
        channel: 'card',
        category: 'salary',
        counterparty: 'Corner Shop',
      },
    ],
  );
});

test('plaid: a refund is no purchase, a fee is not by card, zero is zero', () => {
  const row = (extra: Record<string, unknown>) => mapped('plaid', { ...plaidTransaction, ...extra }).facts[0]!.row;
  assert.equal(row({ amount: -5 })['category'], 'other_credit');
  const fee = { primary: 'BANK_FEES', detailed: 'BANK_FEES_OVERDRAFT_FEES' };
  assert.deepEqual(
    [row({ personal_finance_category: fee })['category'], row({ personal_finance_category: fee })['channel']],
    ['overdraft_fee', 'internal'],
  );
  assert.ok(Object.is(row({ amount: 0 })['amount_minor'], 0));
});

const ukTransaction = {
  AccountId: '22289',
  TransactionId: '123',
  TransactionReference: 'Ref 1',
  Amount: { Amount: '10.00', Currency: 'GBP' },
  CreditDebitIndicator: 'Credit',
  Status: 'Booked',
  BookingDateTime: '2026-03-29T01:15:00+01:00',
  ValueDateTime: '2026-03-29T01:15:22+00:00',
  TransactionInformation: 'Cash from Aubrey',
  BankTransactionCode: { Code: 'ReceivedCreditTransfer', SubCode: 'DomesticCreditTransfer' },
  ProprietaryBankTransactionCode: { Code: 'Transfer', Issuer: 'AlphaBank' },
  Balance: { Amount: { Amount: '230.5', Currency: 'GBP' }, CreditDebitIndicator: 'Debit', Type: 'InterimBooked' },
};

test('uk open banking: 3.1 and 4.0, texts without a sign, zones to UTC, overdrawn balances below zero', () => {
  const { facts, skipped } = mapped('uk-open-banking', {
    Data: {
      Transaction: [
        ukTransaction,
        { ...ukTransaction, TransactionId: '124', Status: 'PDNG' },
        {
          ...ukTransaction,
          TransactionId: '125',
          Status: 'BOOK',
          CreditDebitIndicator: 'Debit',
          MerchantDetails: { MerchantName: 'Betting Ltd', MerchantCategoryCode: '7995' },
        },
        { ...ukTransaction, TransactionId: '126', Status: 'INFO' },
      ],
    },
    Links: {},
    Meta: {},
  });
  assert.deepEqual(skipped, ['pending, not booked yet', 'for information only, not booked']);
  assert.deepEqual(
    facts.map(({ row }) => [
      row['amount_minor'],
      row['balance_minor'],
      row['category'],
      row['channel'],
      row['counterparty'],
    ]),
    [
      [1000, -23_050, 'transfer_in', 'transfer', 'Cash from Aubrey'],
      [-1000, -23_050, 'gambling', 'card', 'Betting Ltd'],
    ],
  );
  // a quarter past one in summer time is a quarter past midnight UTC, across the change of the clocks
  assert.equal(facts[0]!.row['occurred_at'], parseMicros('2026-03-29 00:15:00'));
});

test('fdx: flat and wrapped transactions, the sign from the memo, merchants by their code', () => {
  const deposit = {
    transactionId: 'd1',
    postedTimestamp: '2026-02-01T00:00:00.000-05:00',
    transactionTimestamp: '2026-01-31T20:00:00.000-05:00',
    description: 'PAYROLL',
    debitCreditMemo: 'CREDIT',
    status: 'POSTED',
    amount: 2500.05,
    transactionType: 'DIRECTDEPOSIT',
  };
  const { facts, skipped } = mapped('fdx', {
    accountId: 'ACC',
    transactions: [
      { depositTransaction: deposit },
      {
        ...deposit,
        transactionId: 'd2',
        accountId: 'OTHER',
        debitCreditMemo: 'DEBIT',
        transactionType: 'POSDEBIT',
        category: '5411',
        amount: '8.10',
      },
      { ...deposit, transactionId: 'd3', status: 'PENDING' },
    ],
  });
  assert.deepEqual(skipped, ['pending, not booked yet']);
  assert.deepEqual(
    facts.map(({ row }) => [
      row['account_id'],
      row['amount_minor'],
      row['category'],
      row['channel'],
      row['occurred_at'],
    ]),
    [
      ['ACC', 250_005, 'salary', 'transfer', parseMicros('2026-02-01 05:00:00')],
      ['OTHER', -810, 'groceries', 'card', parseMicros('2026-02-01 05:00:00')],
    ],
  );
});

test('what a bank sends wrongly is refused with the path of the field', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    ['plaid', { ...plaidTransaction, amount: '1,50' }, 'amount: not an amount of money'],
    ['plaid', { ...plaidTransaction, amount: 1e21 }, 'amount: not an amount of money'],
    ['plaid', { ...plaidTransaction, iso_currency_code: 'USD' }, 'amount: in USD, but this book is in GBP'],
    [
      'plaid',
      { added: [plaidTransaction, { ...plaidTransaction, transaction_id: null }] },
      'added[1].transaction_id: missing but required',
    ],
    ['plaid', { added: [7] }, 'added[0]: not a JSON object'],
    ['plaid', { added: new Array(501).fill(plaidTransaction) }, 'added: more than 500 items'],
    [
      'uk-open-banking',
      { ...ukTransaction, Status: 'Booking' },
      'Status: not one of Booked, Pending, BOOK, PDNG, INFO',
    ],
    [
      'uk-open-banking',
      { ...ukTransaction, CreditDebitIndicator: 'Kredit' },
      'CreditDebitIndicator: not Credit or Debit',
    ],
    [
      'uk-open-banking',
      { ...ukTransaction, Amount: { Amount: '-3.00', Currency: 'GBP' } },
      'Amount.Amount: below zero: CreditDebitIndicator gives the sign',
    ],
    [
      'uk-open-banking',
      { ...ukTransaction, Amount: { Amount: '3.005', Currency: 'GBP' } },
      'Amount.Amount: more decimals than GBP has',
    ],
    [
      'uk-open-banking',
      { ...ukTransaction, BookingDateTime: '29/03/2026' },
      'occurred_at: not a time (YYYY-MM-DD hh:mm:ss)',
    ],
    ['fdx', { transactionId: 'x', status: 'DONE' }, 'status: not one of POSTED, PENDING, MEMO, AUTHORIZATION'],
  ];
  for (const [source, payload, expected] of cases) assert.equal(issueOf(source, payload), expected);
  assert.match(issueOf('plaid', plaidTransaction, { borrowerId: undefined }), /^borrowerId: missing but required/);
});

test('a row of the domain by column name, a record of a file by header name', () => {
  const row = {
    transaction_id: 'T',
    account_id: 'A',
    borrower_id: 'B',
    occurred_at: '2026-01-01',
    amount_minor: 5,
    channel: 'cash',
    category: 'salary',
  };
  assert.equal(mapped('table:transactions', row).facts[0]!.key, '["T"]');
  assert.equal(issueOf('table:transactions', { ...row, pd: 1 }), 'pd: not a column of transactions');
  assert.equal(
    issueOf('table:transactions', { ...row, amount_minor: { $gt: 0 } }),
    'amount_minor: not a text, a number, true, false or null',
  );
  assert.deepEqual(mapped('payments', { kind: 'test', id: 'X', status: 'ok' }).skipped, ['a test payment']);
  const [fact] = mapped('payments', { id: 'X', status: '-' }).facts;
  assert.deepEqual([fact!.key, fact!.row['status'], fact!.borrowerId], ['["X"]', null, null]);
  assert.equal(issueOf('payments', { id: 5 }), 'id: not a text: a record of a file holds texts');
});

test('a fact is known when it arrives, unless a replay says when; never before it could be', () => {
  const known = (extra: Record<string, string>) => mapped('plaid', plaidTransaction, extra).facts[0]!.row['known_at'];
  assert.equal(known({}), parseMicros(ARRIVED.slice(0, -1)));
  assert.equal(known({ knownAt: '2026-01-25T00:00:00+01:00' }), parseMicros('2026-01-24 23:00:00'));
  assert.equal(
    issueOf('plaid', plaidTransaction, { knownAt: '2026-03-29T01:30:01Z' }),
    'known_at: later than its arrival',
  );
});

test('amounts are exact for every currency', () => {
  const money = fc.tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.constantFrom('GBP', 'JPY', 'KWD'));
  fc.assert(
    fc.property(money, ([minor, book]) => {
      const exponent = { GBP: 2, JPY: 0, KWD: 3 }[book] ?? 2;
      const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
      const text = exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
      assert.equal(amountOf(minor < 0 ? `-${text}` : text, 'amount', { given: book, book }), minor);
    }),
  );
});

test('a book whose data ends in the past knows an arrival at its own time, and an event of today when it happened', () => {
  const bookTime = '2024-12-31T10:00:00.000Z';
  const at = (text: string): number => parseMicros(text)!;
  const knownAt = (datetime: string, extra: Record<string, string>): unknown =>
    mapped('plaid', { added: [{ ...plaidTransaction, datetime }], modified: [], removed: [] }, extra).facts[0]?.row[
      'known_at'
    ];
  assert.equal(knownAt('2024-12-30T08:00:00Z', { bookTime }), at(bookTime));
  assert.equal(knownAt('2026-01-24T11:01:01Z', { bookTime }), at('2026-01-24T11:01:01Z'));
  assert.equal(
    knownAt('2024-12-30T08:00:00Z', { bookTime, knownAt: '2025-02-01T00:00:00Z' }),
    at('2025-02-01T00:00:00Z'),
  );
  assert.equal(knownAt('2026-01-24T11:01:01Z', {}), at(ARRIVED));
});
