import { AssayError } from '../domain/index.ts';

export const MICROSECONDS_PER_DAY = 86_400_000_000;

const DIGIT_ZERO = 48;

/**
 * Microseconds since 1970-01-01 of an ISO date ('2024-02-29', midnight) or UTC timestamp ('2024-02-29T10:11:12.123456Z',
 * blank or T between, Z optional, up to six decimals): the integer DuckDB's epoch_us gives.
 * Written by hand because one borrower's features parse thousands of these.
 * @throws AssayError bad_input for any other text.
 */
export function parseMicroseconds(text: string): number {
  const day = daysFromCivil(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8));
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || Number.isNaN(day)) throw unreadable(text);
  const micros = day * MICROSECONDS_PER_DAY + (text.length === 10 ? 0 : timeOfDay(text));
  if (Number.isNaN(micros)) throw unreadable(text);
  return micros;
}

function timeOfDay(text: string): number {
  const separator = text.charCodeAt(10);
  if ((separator !== 84 && separator !== 32) || text.charCodeAt(13) !== 58) return Number.NaN;
  const end = text.charCodeAt(text.length - 1) === 90 ? text.length - 1 : text.length;
  const hasSeconds = end > 16;
  if (hasSeconds && (text.charCodeAt(16) !== 58 || end < 19)) return Number.NaN;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = hasSeconds ? twoDigits(text, 17) : 0;
  if (hour > 23 || minute > 59 || second > 59 || end < 16) return Number.NaN;
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + (end > 19 ? fraction(text, end) : 0);
}

/** ISO UTC text with six decimals, the inverse of `parseMicroseconds`: '2024-02-29T10:11:12.123456'. */
export function formatMicroseconds(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  const rest = String(microseconds - milliseconds * 1000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, 23)}${rest}`;
}

const TENS = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

function fraction(text: string, end: number): number {
  const decimals = end - 20;
  if (text.charCodeAt(19) !== 46 || decimals < 1 || decimals > 6) return Number.NaN;
  let value = 0;
  for (let i = 20; i < end; i++) value = value * 10 + digit(text, i);
  return value * TENS[decimals]!;
}

function twoDigits(text: string, from: number): number {
  return digit(text, from) * 10 + digit(text, from + 1);
}

/** NaN when it is not one, which spreads to the result. */
function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - DIGIT_ZERO;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar (years counted from March, so leap days fall last). NaN for a day that is not. */
function daysFromCivil(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Month number (year * 12 + month - 1) of a moment, the inverse of the above; for counting distinct months. */
export function monthNumber(microseconds: number): number {
  const days = wholeDays(microseconds) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0)) * 12 + month - 1;
}

/** Whole days in a span, rounded down: the day after tomorrow is -2 days ago. */
export function wholeDays(microseconds: number): number {
  // A safe integer spans 104,249 days: there the rounded quotient of the last microsecond of a day stays below the next.
  return Math.floor(microseconds / MICROSECONDS_PER_DAY);
}

function unreadable(text: string): AssayError {
  return new AssayError('bad_input', {
    what: 'a date or time cannot be read',
    given: JSON.stringify(text.slice(0, 40)),
    allowed: 'YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS[.ffffff][Z], UTC',
  });
}
