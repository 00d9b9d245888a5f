import { AssayError, type ColumnSchema, type TableSchema } from '../../domain/index.ts';
import { parseMicroseconds } from '../time.ts';

/** A row as the store or an API gives it: numbers, text, ISO dates and UTC timestamps as text; null or absent = missing. */
export type OnlineRow = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Text as strings; everything else as doubles: numbers, 0/1, and times in microseconds since 1970. NaN or null = missing. */
export type EventColumn = Float64Array | readonly (string | null)[];

/** One borrower's events of one table, by column. */
export type EventColumns = { readonly rowCount: number; readonly columns: Readonly<Record<string, EventColumn>> };

export function isEventColumns(events: readonly OnlineRow[] | EventColumns): events is EventColumns {
  return !Array.isArray(events);
}

/**
 * Rows by column, those of other borrowers left out.
 * @throws AssayError bad_input for a value that does not fit its column.
 */
export function eventColumns(
  table: TableSchema,
  names: readonly string[],
  rows: readonly OnlineRow[],
  borrowerId: string | null,
): EventColumns {
  const own = rows.filter((row) => row['borrower_id'] === undefined || row['borrower_id'] === borrowerId);
  const columns: Record<string, EventColumn> = {};
  for (const name of names) {
    const schema = table.columns.find((column) => column.name === name)!;
    columns[name] =
      schema.type === 'text' ? own.map((row) => textOf(row, schema, table.name)) : numbersOf(own, schema, table.name);
  }
  return { rowCount: own.length, columns };
}

function numbersOf(rows: readonly OnlineRow[], schema: ColumnSchema, table: string): Float64Array {
  const values = new Float64Array(rows.length);
  const { name } = schema;
  const isTime = schema.type === 'date' || schema.type === 'timestamp';
  for (let i = 0; i < rows.length; i++) {
    // Times are most of the work: straight to the parser, anything odd to the reader that explains itself.
    const value = rows[i]![name];
    values[i] = isTime && typeof value === 'string' ? parseMicroseconds(value) : numberOf(rows[i]!, schema, table);
  }
  return values;
}

export function textOf(row: OnlineRow, schema: ColumnSchema, table: string): string | null {
  const value = row[schema.name];
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw misfit(value, schema, table);
  return value;
}

/** A number, a boolean as 0 or 1, a time as microseconds; NaN when missing. */
export function numberOf(row: OnlineRow, schema: ColumnSchema, table: string): number {
  const value = row[schema.name];
  if (value === null || value === undefined) return Number.NaN;
  switch (schema.type) {
    case 'date':
    case 'timestamp':
      if (typeof value === 'string') return parseMicroseconds(value);
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value ? 1 : 0;
      break;
    case 'double':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      break;
    default:
      if (Number.isSafeInteger(value)) return Number(value);
  }
  throw misfit(value, schema, table);
}

const ALLOWED: Readonly<Record<ColumnSchema['type'], string>> = {
  text: 'text',
  integer: 'a whole number within 2^53',
  money: 'whole minor units within 2^53',
  double: 'a finite number',
  date: 'an ISO date',
  timestamp: 'an ISO UTC timestamp',
  boolean: 'true or false',
};

function misfit(value: unknown, schema: ColumnSchema, table: string): AssayError {
  return new AssayError('bad_input', {
    what: `a value does not fit ${table}.${schema.name}`,
    given: String(JSON.stringify(value)).slice(0, 60),
    allowed: `${ALLOWED[schema.type]}, or null when missing`,
    fix: 'send the value in the type the table declares',
    issues: [{ path: `${table}.${schema.name}`, message: `must be ${ALLOWED[schema.type]}` }],
  });
}
