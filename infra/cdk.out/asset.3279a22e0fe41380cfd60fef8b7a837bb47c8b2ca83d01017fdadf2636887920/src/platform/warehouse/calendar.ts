const MS_PER_DAY = 86_400_000;
const MICROS_PER_MS = 1000;
const MICROS_PER_DAY = MS_PER_DAY * MICROS_PER_MS;
/** DuckDB's ±infinity for DATE and TIMESTAMP. */
const INFINITE_DAYS = 2_147_483_647;
const INFINITE_MICROS = 9_223_372_036_854_775_807n;
/** What a JavaScript Date holds. */
const MAX_DATE_MS = 8.64e15;

/** Dates repeat by the million in a column: each is written once. Cleared when full, so that it stays small. */
const dateTexts = new Map<number, string>();
const MAX_DATE_TEXTS = 100_000;

/** Days since 1970-01-01 as `YYYY-MM-DD`. */
export function dateText(days: number): string {
  const known = dateTexts.get(days);
  if (known !== undefined) return known;
  if (dateTexts.size >= MAX_DATE_TEXTS) dateTexts.clear();
  const text = writeDate(days);
  dateTexts.set(days, text);
  return text;
}

function writeDate(days: number): string {
  if (Math.abs(days) === INFINITE_DAYS) return days > 0 ? 'infinity' : '-infinity';
  const ms = days * MS_PER_DAY;
  if (Math.abs(ms) > MAX_DATE_MS) throw new RangeError(`a date ${days} days from 1970 is outside the calendar`);
  const text = new Date(ms).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** Microseconds since 1970-01-01 UTC as `YYYY-MM-DDTHH:MM:SS.mmmZ`; six digits when there are microseconds. */
export function timestampText(micros: number): string {
  const days = Math.floor(micros / MICROS_PER_DAY);
  return instantText(days, micros - days * MICROS_PER_DAY);
}

/** The same for instants after the year 2255 or before 1684, whose microseconds a float does not hold. */
export function farTimestampText(micros: bigint): string {
  if (micros === INFINITE_MICROS) return 'infinity';
  if (micros === -INFINITE_MICROS) return '-infinity';
  const perDay = BigInt(MICROS_PER_DAY);
  const ofDay = ((micros % perDay) + perDay) % perDay;
  return instantText(Number((micros - ofDay) / perDay), Number(ofDay));
}

function instantText(days: number, ofDay: number): string {
  const seconds = Math.floor(ofDay / 1_000_000);
  const fraction = String(ofDay - seconds * 1_000_000).padStart(6, '0');
  const digits = fraction.endsWith('000') ? fraction.slice(0, 3) : fraction;
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${dateText(days)}T${TWO_DIGITS[hour]}:${TWO_DIGITS[minute]}:${TWO_DIGITS[seconds % 60]}.${digits}Z`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** `YYYY-MM-DD` (or a timestamp at midnight) as days since 1970-01-01; undefined when it is not a date. */
export function parseDays(text: string): number | undefined {
  const instant = parseInstant(text);
  if (!instant || instant.ms % MS_PER_DAY !== 0 || instant.micros !== 0) return undefined;
  return instant.ms / MS_PER_DAY;
}

/** Milliseconds since 1970-01-01 UTC, and the microseconds after them. */
export type Instant = { readonly ms: number; readonly micros: number };

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** ISO 8601 text as an instant; no zone means UTC; digits beyond microseconds are cut. */
export function parseInstant(text: string): Instant | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  const read = new Date(ms);
  // Date.UTC rolls 31 February over into March: only what comes back unchanged is a date.
  const isReal = read.getUTCMonth() === month! - 1 && read.getUTCDate() === day! && minute! < 60 && second! < 60;
  if (!isReal || year! < 100) return undefined;
  const fraction = match[7] === undefined ? 0 : Number(match[7].padEnd(6, '0').slice(0, 6));
  const micros = fraction % MICROS_PER_MS;
  return { ms: ms - zoneOffsetMs(match[8]) + (fraction - micros) / MICROS_PER_MS, micros };
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
