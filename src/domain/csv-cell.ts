/**
 * A cell of a CSV file (RFC 4180). A text that a spreadsheet would run as a formula (it starts with = + - @, also full-width or behind
 * spaces, or with a tab or a line end) gets an apostrophe in front; numbers stay numbers, since a numeral cannot be a formula.
 * @example csvCell('=1+1') // "'=1+1"
 */
export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const harmless = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
