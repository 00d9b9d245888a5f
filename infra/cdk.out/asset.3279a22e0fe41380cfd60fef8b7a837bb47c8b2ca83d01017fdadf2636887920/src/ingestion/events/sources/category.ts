/** Categories of the domain from those of the outside; what is not named falls back to the direction of the money. */

export type Direction = 'credit' | 'debit';
export type Channel = 'cash' | 'transfer' | 'card' | 'internal';

export function otherOf(direction: Direction): string {
  return direction === 'credit' ? 'other_credit' : 'other_debit';
}

/** First and last code of a range, and the category of a purchase there (ISO 18245 merchant category codes). */
const MERCHANTS: readonly (readonly [number, number, string])[] = [
  [3000, 3999, 'travel'],
  [4111, 4112, 'travel'],
  [4411, 4411, 'travel'],
  [4511, 4511, 'travel'],
  [4722, 4722, 'travel'],
  [4812, 4816, 'utilities'],
  [4899, 4900, 'utilities'],
  [5411, 5411, 'groceries'],
  [5422, 5499, 'groceries'],
  [5811, 5814, 'dining'],
  [5960, 5960, 'insurance'],
  [6010, 6011, 'cash_withdrawal'],
  [6300, 6300, 'insurance'],
  [6513, 6513, 'rent'],
  [7011, 7012, 'travel'],
  [7512, 7512, 'travel'],
  [7800, 7802, 'gambling'],
  [7995, 7995, 'gambling'],
  [9406, 9406, 'gambling'],
];

/** The category of a purchase by its merchant's code; null for a text that is no such code. */
export function categoryOfMerchant(code: string | null): string | null {
  if (code === null || !/^\d{4}$/.test(code)) return null;
  const number = Number(code);
  return MERCHANTS.find(([first, last]) => number >= first && number <= last)?.[2] ?? 'card_purchase';
}
