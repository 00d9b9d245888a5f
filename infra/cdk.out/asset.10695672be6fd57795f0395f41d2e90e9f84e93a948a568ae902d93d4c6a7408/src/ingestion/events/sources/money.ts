import { MappingError } from '../../../domain/index.ts';
import { minorUnits } from '../../fields.ts';

/** Currencies whose minor unit is not a hundredth (ISO 4217). */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};

/**
 * Exact minor units of an amount in the book's currency.
 * @throws MappingError for another currency, or more decimals than it has
 */
export function amountOf(text: string, field: string, currency: { given: string | null; book: string }): number {
  const { given, book } = currency;
  if (given !== null && given !== book) throw new MappingError(field, `in ${given}, but this book is in ${book}`);
  const exponent = EXPONENTS[book] ?? 2;
  const fraction = /\.(\d*?)0*$/.exec(text.trim())?.[1] ?? '';
  if (fraction.length > exponent) throw new MappingError(field, `more decimals than ${book} has`);
  return minorUnits(text, field, exponent);
}
