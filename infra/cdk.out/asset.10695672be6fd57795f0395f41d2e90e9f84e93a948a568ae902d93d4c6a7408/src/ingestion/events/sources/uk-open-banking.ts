import { MappingError, transactionsTable } from '../../../domain/index.ts';
import type { IncomingEvent } from '../event.ts';
import type { EventSource, MappedPayload } from '../event-source.ts';
import { type Channel, categoryOfMerchant, type Direction, otherOf } from './category.ts';
import { amountOf } from './money.ts';
import { borrowerOf } from './owner.ts';
import { decimalAt, listAt, objectAt, type Payload, requiredTextAt, textAt } from './payload.ts';

/**
 * UK Open Banking, account and transaction API 3.1 and 4.0: `Data.Transaction[]` of OBReadTransaction6, or one of it. Amounts
 * are texts without a sign, CreditDebitIndicator gives it; Status is Booked/Pending in 3.1 and BOOK/PDNG/INFO in 4.0.
 */
export function ukOpenBankingSource(currency: string): EventSource {
  return { name: 'uk-open-banking', map: (event) => mapPayload(event, currency) };
}

function mapPayload(event: IncomingEvent, currency: string): MappedPayload {
  const data = objectAt(event.payload, 'Data');
  const items: [Payload, string][] =
    data === null
      ? [[event.payload, '']]
      : listAt(data, 'Transaction', 'Data.').map((item, i) => [item, `Data.Transaction[${i}].`]);
  const statuses = items.map(([item, path]) => statusOf(item, path));
  return {
    rows: items
      .filter((_, i) => statuses[i] === 'booked')
      .map(([item, path]) => ({ table: transactionsTable, row: rowOf(item, path, event, currency) })),
    skipped: statuses.flatMap((status) => (status === 'booked' ? [] : [SKIPPED[status]])),
  };
}

const SKIPPED = { pending: 'pending, not booked yet', information: 'for information only, not booked' };
const STATUSES: Readonly<Record<string, 'booked' | 'pending' | 'information'>> = {
  Booked: 'booked',
  BOOK: 'booked',
  Pending: 'pending',
  PDNG: 'pending',
  INFO: 'information',
  Rejected: 'information',
  RJCT: 'information',
};

function statusOf(item: Payload, path: string): 'booked' | 'pending' | 'information' {
  const status = STATUSES[requiredTextAt(item, 'Status', path)];
  if (status === undefined) throw new MappingError(`${path}Status`, 'not one of Booked, Pending, BOOK, PDNG, INFO');
  return status;
}

function rowOf(item: Payload, path: string, event: IncomingEvent, currency: string) {
  const direction = directionOf(item, path);
  const category = categoryOf(item, path, direction);
  return {
    transaction_id: requiredTextAt(item, 'TransactionId', path),
    account_id: requiredTextAt(item, 'AccountId', path),
    borrower_id: borrowerOf(event),
    occurred_at: requiredTextAt(item, 'BookingDateTime', path),
    known_at: null,
    amount_minor: signedAmount(item, path, direction, currency),
    balance_minor: balanceOf(item, path, currency),
    channel: channelOf(item, path, category),
    category,
    counterparty: counterpartyOf(item, path),
  };
}

function directionOf(item: Payload, path: string): Direction {
  const text = requiredTextAt(item, 'CreditDebitIndicator', path);
  if (text === 'Credit' || text === 'CRDT') return 'credit';
  if (text === 'Debit' || text === 'DBIT') return 'debit';
  throw new MappingError(`${path}CreditDebitIndicator`, 'not Credit or Debit');
}

function signedAmount(item: Payload, path: string, direction: Direction, currency: string): number {
  const amount = objectAt(item, 'Amount', path);
  if (amount === null) throw new MappingError(`${path}Amount`, 'missing but required');
  const given = requiredTextAt(amount, 'Currency', `${path}Amount.`);
  const minor = amountOf(decimalAt(amount, 'Amount', `${path}Amount.`), `${path}Amount.Amount`, {
    given,
    book: currency,
  });
  if (minor < 0) throw new MappingError(`${path}Amount.Amount`, 'below zero: CreditDebitIndicator gives the sign');
  return direction === 'credit' ? minor : 0 - minor;
}

function balanceOf(item: Payload, path: string, currency: string): number | null {
  const balance = objectAt(item, 'Balance', path);
  return balance === null
    ? null
    : signedAmount(balance, `${path}Balance.`, directionOf(balance, `${path}Balance.`), currency);
}

function categoryOf(item: Payload, path: string, direction: Direction): string {
  const merchant = objectAt(item, 'MerchantDetails', path);
  const code = merchant === null ? null : textAt(merchant, 'MerchantCategoryCode', `${path}MerchantDetails.`);
  const purchase = direction === 'debit' ? categoryOfMerchant(code) : null;
  if (purchase !== null) return purchase;
  return byTransactionCode(codesOf(item, path), direction) ?? otherOf(direction);
}

type Codes = { readonly code: string; readonly subCode: string };

/** Names in 3.1 (ReceivedCreditTransfers), codes of ISO 20022 in 4.0 (RCDT). */
function codesOf(item: Payload, path: string): Codes {
  const codes = objectAt(item, 'BankTransactionCode', path);
  const text = (name: string): string =>
    codes === null ? '' : (textAt(codes, name, `${path}BankTransactionCode.`) ?? '');
  return { code: text('Code'), subCode: text('SubCode') };
}

function byTransactionCode({ code, subCode }: Codes, direction: Direction): string | null {
  if (/salary|SALA/i.test(subCode) && direction === 'credit') return 'salary';
  if (/pension|PENS/i.test(subCode) && direction === 'credit') return 'pension';
  if (/cash ?withdrawal|CWDL/i.test(subCode)) return 'cash_withdrawal';
  if (/cash ?deposit|CDPT/i.test(subCode)) return 'cash_deposit';
  if (/interest|INTR/i.test(subCode)) return direction === 'credit' ? 'interest' : 'sanction_interest';
  if (/charge|fee|CHRG|FEES/i.test(subCode)) return direction === 'debit' ? 'statement_fee' : null;
  if (/loan|MortgageLoan|LNDP/i.test(code)) return direction === 'debit' ? 'loan_payment' : 'other_credit';
  if (/CreditTransfer|RCDT|ICDT/i.test(code)) return direction === 'credit' ? 'transfer_in' : 'transfer_out';
  return null;
}

function channelOf(item: Payload, path: string, category: string): Channel {
  if (category.startsWith('cash_')) return 'cash';
  if (category === 'interest' || category === 'sanction_interest' || category === 'statement_fee') return 'internal';
  const isCard =
    item['CardInstrument'] != null || item['MerchantDetails'] != null || /Card|CCRD/i.test(codesOf(item, path).code);
  return isCard ? 'card' : 'transfer';
}

function counterpartyOf(item: Payload, path: string): string | null {
  const merchant = objectAt(item, 'MerchantDetails', path);
  const name = merchant === null ? null : textAt(merchant, 'MerchantName', `${path}MerchantDetails.`);
  return name ?? textAt(item, 'TransactionInformation', path);
}
