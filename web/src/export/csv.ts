/** One column of a table as a file: the title with its unit, and the raw value of a row. */
export type CsvColumn<Row> = {
  readonly title: string;
  readonly unit?: string | undefined;
  readonly value: (row: Row) => string | number | boolean | null | undefined;
};

const LINE_END = '\r\n';
/** Spreadsheets read UTF-8 as such only after this mark. */
const BYTE_ORDER_MARK = '\uFEFF';

/**
 * RFC 4180 text of a table. Text that a spreadsheet would run as a formula (it starts with = + - @, also full-width or behind
 * spaces, or with a tab or a line end) gets an apostrophe in front; numbers stay numbers, since a numeral cannot be a formula.
 */
export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const header = columns.map((column) => cell(column.unit ? `${column.title} (${column.unit})` : column.title));
  const lines = rows.map((row) => columns.map((column) => cell(column.value(row))).join(','));
  return `${BYTE_ORDER_MARK}${[header.join(','), ...lines].join(LINE_END)}${LINE_END}`;
}

function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  const harmless = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
