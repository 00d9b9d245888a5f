import { transactionsTable } from '../../../domain/index.ts';
import type { IncomingEvent } from '../event.ts';
import type { EventSource, MappedPayload } from '../event-source.ts';
import { type Channel, type Direction, otherOf } from './category.ts';
import { amountOf } from './money.ts';
import { borrowerOf } from './owner.ts';
import { decimalAt, listAt, objectAt, type Payload, requiredTextAt, textAt } from './payload.ts';

/**
 * Plaid: an answer of /transactions/sync (`added`, `modified`, `removed`), or one transaction of it. A positive amount is
 * money out of the account. Pending transactions are not booked yet; removed ones are pending ones that were replaced.
 * Source: plaid.com/docs/api/products/transactions, personal finance categories.
 */
export function plaidSource(currency: string): EventSource {
  return { name: 'plaid', map: (event) => mapPayload(event, currency) };
}

function mapPayload(event: IncomingEvent, currency: string): MappedPayload {
  const { payload } = event;
  const isSync = 'added' in payload || 'modified' in payload || 'removed' in payload;
  const items: [Payload, string][] = isSync
    ? (['added', 'modified'] as const).flatMap((name) =>
        listAt(payload, name).map((item, i): [Payload, string] => [item, `${name}[${i}].`]),
      )
    : [[payload, '']];
  const booked = items.filter(([item]) => item['pending'] !== true);
  return {
    rows: booked.map(([item, path]) => ({ table: transactionsTable, row: rowOf(item, path, event, currency) })),
    skipped: [
      ...items.filter(([item]) => item['pending'] === true).map(() => 'pending, not booked yet'),
      ...listAt(payload, 'removed').map(() => 'removed by the bank'),
    ],
  };
}

function rowOf(item: Payload, path: string, event: IncomingEvent, currency: string) {
  const given = textAt(item, 'iso_currency_code', path);
  const out = amountOf(decimalAt(item, 'amount', path), `${path}amount`, { given, book: currency });
  const direction: Direction = out > 0 ? 'debit' : 'credit';
  const category = categoryOf(objectAt(item, 'personal_finance_category', path), direction);
  return {
    transaction_id: requiredTextAt(item, 'transaction_id', path),
    account_id: requiredTextAt(item, 'account_id', path),
    borrower_id: borrowerOf(event),
    occurred_at: textAt(item, 'datetime', path) ?? requiredTextAt(item, 'date', path),
    known_at: null,
    // not -out: that would make a negative zero
    amount_minor: 0 - out,
    balance_minor: null,
    channel: channelOf(textAt(item, 'payment_channel', path), category),
    category,
    counterparty: textAt(item, 'merchant_name', path) ?? textAt(item, 'name', path),
  };
}

const BY_DETAIL: Readonly<Record<string, string>> = {
  INCOME_WAGES: 'salary',
  INCOME_SALARY: 'salary',
  INCOME_RETIREMENT_PENSION: 'pension',
  INCOME_UNEMPLOYMENT: 'benefit',
  INCOME_LONG_TERM_DISABILITY: 'benefit',
  INCOME_INTEREST_EARNED: 'interest',
  TRANSFER_IN_DEPOSIT: 'cash_deposit',
  TRANSFER_OUT_WITHDRAWAL: 'cash_withdrawal',
  BANK_FEES_OVERDRAFT_FEES: 'overdraft_fee',
  BANK_FEES_INSUFFICIENT_FUNDS: 'overdraft_fee',
  BANK_FEES_INTEREST_CHARGE: 'sanction_interest',
  RENT_AND_UTILITIES_RENT: 'rent',
  FOOD_AND_DRINK_GROCERIES: 'groceries',
  GENERAL_SERVICES_INSURANCE: 'insurance',
  ENTERTAINMENT_CASINOS_AND_GAMBLING: 'gambling',
};

const BY_PRIMARY: Readonly<Record<string, string>> = {
  TRANSFER_IN: 'transfer_in',
  TRANSFER_OUT: 'transfer_out',
  LOAN_PAYMENTS: 'loan_payment',
  BANK_FEES: 'statement_fee',
  RENT_AND_UTILITIES: 'utilities',
  HOME_IMPROVEMENT: 'household',
  FOOD_AND_DRINK: 'dining',
  TRAVEL: 'travel',
  GENERAL_MERCHANDISE: 'card_purchase',
  ENTERTAINMENT: 'card_purchase',
  PERSONAL_CARE: 'card_purchase',
  TRANSPORTATION: 'card_purchase',
};

const CREDITS = new Set(['salary', 'pension', 'benefit', 'interest', 'transfer_in', 'cash_deposit']);

/** A refund of a purchase comes in, and so is no purchase. */
function categoryOf(category: Payload | null, direction: Direction): string {
  const detail = category === null ? null : textAt(category, 'detailed', 'personal_finance_category.');
  const primary = category === null ? null : textAt(category, 'primary', 'personal_finance_category.');
  const found = BY_DETAIL[detail ?? ''] ?? BY_PRIMARY[primary ?? ''];
  return found !== undefined && CREDITS.has(found) === (direction === 'credit') ? found : otherOf(direction);
}

const CARD_CATEGORIES = new Set(['groceries', 'dining', 'travel', 'gambling', 'card_purchase']);

function channelOf(payment: string | null, category: string): Channel {
  if (category.startsWith('cash_')) return 'cash';
  if (category.endsWith('_fee') || category.endsWith('interest')) return 'internal';
  return payment === 'in store' || CARD_CATEGORIES.has(category) ? 'card' : 'transfer';
}
