import { AssayError, MappingError, type RawRecord } from '../domain/index.ts';

/** What mappers read a raw record with. A column that the file does not have stops the run: it is no fault of a row. */

export class MissingColumnError extends AssayError {
  readonly column: string;

  constructor(name: string, record: RawRecord) {
    super('bad_input', {
      what: `the file has no column "${name}"`,
      given: `columns: ${Object.keys(record).join(', ')}`,
      fix: 'check the file, its delimiter and whether it has a header; then the column names in portfolio.ts',
    });
    this.column = name;
  }
}

/** The text of a column; null where empty. */
export function textOf(record: RawRecord, name: string): string | null {
  const text = record[name];
  if (text === undefined) throw new MissingColumnError(name, record);
  return text === '' ? null : text;
}

/** The text of a column that must not be empty. @throws MappingError */
export function requiredText(record: RawRecord, name: string): string {
  const text = textOf(record, name);
  if (text === null) throw new MappingError(name, 'missing but required');
  return text;
}

/** The label of a coded column; an unknown code is a fault of the row. Null where empty. */
export function labelOf<Label extends string>(
  record: RawRecord,
  name: string,
  labels: Readonly<Record<string, Label>>,
): Label | null {
  const code = textOf(record, name);
  if (code === null) return null;
  const label = labels[code];
  if (label === undefined) throw new MappingError(name, 'not a code of the codebook');
  return label;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/**
 * Exact minor units of a decimal text, without a float in between: '12.5' -> 1250, '-0.05' -> -5.
 * Digits below the minor unit are rounded half away from zero.
 * @throws MappingError when it is no decimal number
 */
export function minorUnitsOf(record: RawRecord, name: string): number | null {
  const text = textOf(record, name);
  return text === null ? null : minorUnits(text, name);
}

export function minorUnits(text: string, field: string, decimals = 2): number {
  const match = DECIMAL.exec(text.trim());
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || (whole === '' && fraction === '')) throw new MappingError(field, 'not an amount of money');
  const kept = Number(`${whole}${fraction.slice(0, decimals).padEnd(decimals, '0')}`);
  const rounded = kept + ((fraction[decimals] ?? '0') >= '5' ? 1 : 0);
  if (!Number.isSafeInteger(rounded)) throw new MappingError(field, 'too large to be exact');
  return match[1] === '-' && rounded !== 0 ? -rounded : rounded;
}
