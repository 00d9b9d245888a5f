const MICROS_PER_DAY = 86_400_000_000;
const REMEMBERED_DAYS = 20_000;
const [ZERO, COLON, SPACE, LETTER_T] = [48, 58, 32, 84];
const MIN_YEAR = 1800;
const MAX_YEAR = 2199;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** Days since 1970-01-01 of 'YYYY-MM-DD'; null when it is no date of the years 1800 to 2199, 30 February included. */
export function parseDay(text: string): number | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (year < MIN_YEAR || year > MAX_YEAR || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    return null;
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

/** Microseconds since 1970-01-01 UTC of an ISO time ('2024-05-01', '2024-05-01 10:20:30.5', with Z or an offset); null when it is none. */
export function parseMicros(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (!match) return null;
  const day = parseDay(match[1]!);
  if (day === null) return null;
  const hour = Number(match[2] ?? 0);
  const minute = Number(match[3] ?? 0);
  const second = Number(match[4] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return null;
  const fraction = match[5] === undefined ? 0 : Number(match[5].padEnd(6, '0'));
  const offset = offsetMinutes(match[6]);
  if (offset === null) return null;
  return day * MICROS_PER_DAY + ((hour * 60 + minute - offset) * 60 + second) * 1_000_000 + fraction;
}

/** Of all clocks of the world none is further from UTC. */
const [WEST_MINUTES, EAST_MINUTES] = [-12 * 60, 14 * 60];

/** Null when no place has such an offset. */
function offsetMinutes(text: string | undefined): number | null {
  if (text === undefined || text === 'Z') return 0;
  const past = Number(text.slice(-2));
  const size = Number(text.slice(1, 3)) * 60 + past;
  const offset = text.startsWith('-') ? -size : size;
  return past > 59 || offset < WEST_MINUTES || offset > EAST_MINUTES ? null : offset;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** parseDay that remembers: a bank's file repeats its dates by the thousand. */
export function createDayParser(): (text: string) => number | null {
  const known = new Map<string, number | null>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const day = parseDay(text);
    if (known.size >= REMEMBERED_DAYS) known.clear();
    known.set(text, day);
    return day;
  };
}

/** parseMicros with a quick path for 'YYYY-MM-DD hh:mm:ss', in which nearly every time of an export comes. */
export function createMicrosParser(): (text: string) => number | null {
  const dayOf = createDayParser();
  return (text) => {
    if (text.length !== 19 || text.charCodeAt(13) !== COLON || text.charCodeAt(16) !== COLON) return parseMicros(text);
    const separator = text.charCodeAt(10);
    const hour = twoDigits(text, 11);
    const minute = twoDigits(text, 14);
    const second = twoDigits(text, 17);
    const isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (!isTime || (separator !== SPACE && separator !== LETTER_T)) return null;
    const day = dayOf(text.slice(0, 10));
    return day === null ? null : day * MICROS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000;
  };
}

/** Two digits as a number; below zero when one of them is none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
