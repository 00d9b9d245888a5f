import { MappingError, transactionsTable } from '../../../domain/index.ts';
import type { IncomingEvent } from '../event.ts';
import type { EventSource, MappedPayload } from '../event-source.ts';
import { type Channel, categoryOfMerchant, type Direction, otherOf } from './category.ts';
import { amountOf } from './money.ts';
import { borrowerOf } from './owner.ts';
import { decimalAt, listAt, objectAt, type Payload, requiredTextAt, textAt } from './payload.ts';

/**
 * FDX 5 and 6: `transactions[]` of an account, each a deposit transaction, flat or under `depositTransaction`, or one of it.
 * Amounts have no sign, debitCreditMemo gives it. Only POSTED is booked.
 */
export function fdxSource(currency: string): EventSource {
  return { name: 'fdx', map: (event) => mapPayload(event, currency) };
}

function mapPayload(event: IncomingEvent, currency: string): MappedPayload {
  const { payload } = event;
  const items: [Payload, string][] =
    'transactions' in payload
      ? listAt(payload, 'transactions').map((item, i) => unwrapped(item, `transactions[${i}].`))
      : [unwrapped(payload, '')];
  const statuses = items.map(([item, path]) => requiredTextAt(item, 'status', path));
  return {
    rows: items
      .filter((_, i) => statuses[i] === 'POSTED')
      .map(([item, path]) => ({ table: transactionsTable, row: rowOf(item, path, event, currency) })),
    skipped: statuses.flatMap((status, i) => (status === 'POSTED' ? [] : [skippedBy(status, items[i]![1])])),
  };
}

function unwrapped(item: Payload, path: string): [Payload, string] {
  const inner = objectAt(item, 'depositTransaction', path);
  return inner === null ? [item, path] : [inner, `${path}depositTransaction.`];
}

const NOT_BOOKED = new Set(['PENDING', 'AUTHORIZATION', 'MEMO']);

function skippedBy(status: string, path: string): string {
  if (NOT_BOOKED.has(status)) return 'pending, not booked yet';
  throw new MappingError(`${path}status`, 'not one of POSTED, PENDING, MEMO, AUTHORIZATION');
}

function rowOf(item: Payload, path: string, event: IncomingEvent, currency: string) {
  const direction = directionOf(item, path);
  const type = textAt(item, 'transactionType', path) ?? '';
  const category = categoryOf(item, path, direction, type);
  const minor = amountOf(decimalAt(item, 'amount', path), `${path}amount`, { given: null, book: currency });
  if (minor < 0) throw new MappingError(`${path}amount`, 'below zero: debitCreditMemo gives the sign');
  return {
    transaction_id: requiredTextAt(item, 'transactionId', path),
    account_id: textAt(item, 'accountId', path) ?? requiredTextAt(event.payload, 'accountId'),
    borrower_id: borrowerOf(event),
    occurred_at: textAt(item, 'postedTimestamp', path) ?? requiredTextAt(item, 'transactionTimestamp', path),
    known_at: null,
    amount_minor: direction === 'credit' ? minor : 0 - minor,
    balance_minor: null,
    channel: channelOf(category, type),
    category,
    counterparty: textAt(item, 'payee', path) ?? textAt(item, 'description', path),
  };
}

function directionOf(item: Payload, path: string): Direction {
  const memo = requiredTextAt(item, 'debitCreditMemo', path);
  if (memo === 'CREDIT') return 'credit';
  if (memo === 'DEBIT') return 'debit';
  throw new MappingError(`${path}debitCreditMemo`, 'not CREDIT or DEBIT');
}

type ByDirection = Readonly<Record<Direction, string>>;
const BY_TYPE: Readonly<Record<string, ByDirection>> = {
  ATMWITHDRAWAL: { debit: 'cash_withdrawal', credit: 'other_credit' },
  ATMDEPOSIT: { credit: 'cash_deposit', debit: 'other_debit' },
  DEPOSIT: { credit: 'cash_deposit', debit: 'other_debit' },
  WITHDRAWAL: { debit: 'cash_withdrawal', credit: 'other_credit' },
  DIRECTDEPOSIT: { credit: 'salary', debit: 'other_debit' },
  INTEREST: { credit: 'interest', debit: 'sanction_interest' },
  DIVIDEND: { credit: 'other_credit', debit: 'other_debit' },
  FEE: { debit: 'statement_fee', credit: 'other_credit' },
  TRANSFER: { credit: 'transfer_in', debit: 'transfer_out' },
  POSDEBIT: { debit: 'card_purchase', credit: 'other_credit' },
};

/** A merchant's code stands in `category`; a purchase at a point of sale takes it, as does anything without a type. */
function categoryOf(item: Payload, path: string, direction: Direction, type: string): string {
  const merchant = direction === 'debit' ? categoryOfMerchant(textAt(item, 'category', path)) : null;
  const byType = BY_TYPE[type]?.[direction];
  if (merchant !== null && (byType === undefined || byType === 'card_purchase')) return merchant;
  return byType ?? otherOf(direction);
}

function channelOf(category: string, type: string): Channel {
  if (category.startsWith('cash_')) return 'cash';
  if (type === 'FEE' || type === 'INTEREST') return 'internal';
  return type === 'POSDEBIT' || ['groceries', 'dining', 'travel', 'gambling', 'card_purchase'].includes(category)
    ? 'card'
    : 'transfer';
}
