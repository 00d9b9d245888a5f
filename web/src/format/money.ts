import { LOCALE, NOTHING, withMinus } from './number.ts';

/** Decimal digits of a currency by ISO 4217: 2 for EUR, 0 for JPY. */
export function minorDigits(currency: string): number {
  const digits = new Intl.NumberFormat(LOCALE, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;
  return digits ?? 2;
}

export function toMajor(minor: number, currency: string): number {
  return minor / 10 ** minorDigits(currency);
}

/** Nearest integer of minor units. */
export function toMinor(major: number, currency: string): number {
  return Math.round(major * 10 ** minorDigits(currency));
}

/** Integer minor units with their ISO currency: (123456, 'EUR') -> "EUR 1,234.56". Whole amounts leave the decimals out. */
export function formatMoney(minor: number | null | undefined, currency: string): string {
  if (minor === null || minor === undefined) return NOTHING;
  const digits = minorDigits(currency);
  const whole = minor % 10 ** digits === 0;
  return withMinus(
    new Intl.NumberFormat(LOCALE, {
      style: 'currency',
      currency,
      currencyDisplay: 'code',
      minimumFractionDigits: whole ? 0 : digits,
    }).format(toMajor(minor, currency)),
  );
}

/** (123456789, 'EUR') -> "EUR 1.23m" */
export function formatMoneyCompact(minor: number | null | undefined, currency: string): string {
  if (minor === null || minor === undefined) return NOTHING;
  return withMinus(
    new Intl.NumberFormat(LOCALE, {
      style: 'currency',
      currency,
      currencyDisplay: 'code',
      notation: 'compact',
      maximumFractionDigits: 2,
    }).format(toMajor(minor, currency)),
  );
}

/** In whole units of the currency, without its code, for columns that name it: (123456, 'EUR') -> "1,235" */
export function formatMoneyWhole(minor: number | null | undefined, currency: string): string {
  if (minor === null || minor === undefined) return NOTHING;
  return withMinus(new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 }).format(toMajor(minor, currency)));
}
