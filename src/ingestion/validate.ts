import { type ColumnSchema, type MappedRow, type TableSchema, whyNotStorable } from '../domain/index.ts';
import { createDayParser, createMicrosParser } from './calendar.ts';

/** What is staged: dates as days and timestamps as microseconds since 1970, so that the warehouse only casts. */
export type StagedValue = string | number | boolean | null;

export type RowIssue = { readonly field: string; readonly reason: string; readonly value: string | null };

type Parsed = StagedValue | Wrong;
/** A reason why a value does not fit its column. */
class Wrong {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

const NOT_INTEGER = new Wrong('not a whole number');
const NOT_NUMBER = new Wrong('not a number');
const NOT_FINITE = new Wrong('not a finite number');
const NOT_SAFE = new Wrong('too large to be exact');
const NOT_DATE = new Wrong('not a date (YYYY-MM-DD)');
const NOT_TIMESTAMP = new Wrong('not a time (YYYY-MM-DD hh:mm:ss)');
const NOT_BOOLEAN = new Wrong('not true or false');
const MISSING = 'missing but required';
const BLANK = new Wrong('blank: it names nothing');

/** Keys and borrowers are found by an index, and an entry of it has a page of 8 KB at most. */
const MAX_NAME_CHARS = 200;
const MAX_TEXT_CHARS = 10_000;
const BORROWER = 'borrower_id';

const INTEGER = /^[+-]?\d+(?:\.0+)?$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const TRUE_WORDS = new Set(['true', 't', '1', 'yes']);
const FALSE_WORDS = new Set(['false', 'f', '0', 'no']);

export type RowValidator = {
  readonly columns: readonly string[];
  /** Appends the row's values to `into`, one array per column, or says what is wrong and appends nothing. */
  readonly append: (row: MappedRow, into: StagedValue[][]) => RowIssue | null;
  /** The row's values in the order of `columns`, or what is wrong. */
  readonly values: (row: MappedRow) => StagedValue[] | RowIssue;
  /** Names in a mapped row that the table does not have. */
  readonly unknownFields: (row: MappedRow) => string[];
};

/** A table's checks, made ready once: type, null, allowed values, bounds, finite numbers, real dates. */
export function createRowValidator(table: TableSchema): RowValidator {
  const parsers = table.columns.map((column) => columnParser(column, table.key.includes(column.name)));
  const names = table.columns.map((column) => column.name);
  const known = new Set(names);
  const scratch: StagedValue[] = new Array(names.length).fill(null);
  const read = (row: MappedRow, into: StagedValue[]): RowIssue | null => {
    for (let i = 0; i < names.length; i++) {
      const value = row[names[i]!];
      const parsed = parsers[i]!(value === undefined ? null : value);
      if (parsed instanceof Wrong) return { field: names[i]!, reason: parsed.reason, value: shown(value) };
      into[i] = parsed;
    }
    return null;
  };
  return {
    columns: names,
    unknownFields: (row) => Object.keys(row).filter((name) => !known.has(name)),
    values: (row) => {
      const values: StagedValue[] = new Array(names.length).fill(null);
      return read(row, values) ?? values;
    },
    append: (row, into) => {
      const issue = read(row, scratch);
      if (issue) return issue;
      for (let i = 0; i < names.length; i++) into[i]!.push(scratch[i]!);
      return null;
    },
  };
}

const MAX_SHOWN_CHARS = 200;

function shown(value: string | number | boolean | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value).slice(0, MAX_SHOWN_CHARS);
}

function columnParser(column: ColumnSchema, isKey: boolean): (value: string | number | boolean | null) => Parsed {
  const isName = isKey || column.name === BORROWER;
  const parse = typeParser(column, isName ? MAX_NAME_CHARS : MAX_TEXT_CHARS);
  const required = isKey || column.nullable !== true;
  const missing = new Wrong(MISSING);
  return (value) => {
    if (value === null || value === '') return required ? missing : null;
    if (isName && isBlank(value)) return BLANK;
    return parse(value);
  };
}

const isBlank = (value: string | number | boolean): boolean => typeof value === 'string' && value.trim() === '';

function typeParser(column: ColumnSchema, maxChars: number): (value: string | number | boolean) => Parsed {
  switch (column.type) {
    case 'text':
      return textParser(column, maxChars);
    case 'integer':
    case 'money':
      return bounded(column, parseInteger);
    case 'double':
      return bounded(column, parseDouble);
    case 'date':
      return timeParser(createDayParser(), NOT_DATE);
    case 'timestamp':
      return timeParser(createMicrosParser(), NOT_TIMESTAMP);
    case 'boolean':
      return parseBoolean;
  }
}

function textParser(column: ColumnSchema, maxChars: number): (value: string | number | boolean) => Parsed {
  const allowed = column.values === undefined ? null : new Set(column.values);
  const notAllowed = new Wrong('not one of the allowed values');
  const tooLong = new Wrong(`longer than ${maxChars} characters`);
  return (value) => {
    const text = typeof value === 'string' ? value : String(value);
    if (allowed !== null) return allowed.has(text) ? text : notAllowed;
    if (text.length > maxChars) return tooLong;
    const why = whyNotStorable(text);
    return why === undefined ? text : new Wrong(why);
  };
}

function bounded(
  column: ColumnSchema,
  parse: (value: string | number | boolean) => number | Wrong,
): (value: string | number | boolean) => Parsed {
  const min = column.min ?? Number.NEGATIVE_INFINITY;
  const max = column.max ?? Number.POSITIVE_INFINITY;
  const below = new Wrong(`below ${min}`);
  const above = new Wrong(`above ${max}`);
  return (value) => {
    const parsed = parse(value);
    if (typeof parsed !== 'number') return parsed;
    if (parsed < min) return below;
    return parsed > max ? above : parsed;
  };
}

function parseInteger(value: string | number | boolean): number | Wrong {
  if (typeof value === 'boolean') return NOT_INTEGER;
  if (typeof value === 'string' && !INTEGER.test(value)) return NOT_INTEGER;
  const parsed = Number(value);
  if (!Number.isInteger(parsed)) return Number.isFinite(parsed) ? NOT_INTEGER : NOT_FINITE;
  return Number.isSafeInteger(parsed) ? parsed : NOT_SAFE;
}

function parseDouble(value: string | number | boolean): number | Wrong {
  if (typeof value === 'boolean') return NOT_NUMBER;
  if (typeof value === 'string' && !NUMBER.test(value)) return NOT_NUMBER;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : NOT_FINITE;
}

function timeParser(
  parse: (text: string) => number | null,
  wrong: Wrong,
): (value: string | number | boolean) => Parsed {
  return (value) => (typeof value === 'string' ? (parse(value) ?? wrong) : wrong);
}

function parseBoolean(value: string | number | boolean): Parsed {
  if (typeof value === 'boolean') return value;
  const word = String(value).toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : NOT_BOOLEAN;
}
