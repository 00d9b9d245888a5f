const MS_PER_DAY = 86_400_000;
const MICROS_PER_MS = 1000;
/** DuckDB's ±infinity for DATE and TIMESTAMP. */
const INFINITE_DAYS = 2_147_483_647;
const INFINITE_MICROS = 9_223_372_036_854_775_807n;

/** Days since 1970-01-01 as `YYYY-MM-DD`. */
export function dateText(days: number): string {
  if (Math.abs(days) === INFINITE_DAYS) return days > 0 ? 'infinity' : '-infinity';
  const text = new Date(days * MS_PER_DAY).toISOString();
  return text.slice(0, text.indexOf('T'));
}

/** Microseconds since 1970-01-01 UTC as `YYYY-MM-DDTHH:MM:SS.mmmZ`; six digits when there are microseconds. */
export function timestampText(micros: bigint): string {
  if (micros === INFINITE_MICROS) return 'infinity';
  if (micros === -INFINITE_MICROS) return '-infinity';
  const rest = Number(((micros % 1000n) + 1000n) % 1000n);
  const text = new Date(Number((micros - BigInt(rest)) / 1000n)).toISOString();
  return rest === 0 ? text : text.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

/** `YYYY-MM-DD` (or a timestamp at midnight) as days since 1970-01-01; undefined when it is not a date. */
export function parseDays(text: string): number | undefined {
  const micros = parseMicros(text);
  return micros === undefined || micros % (MS_PER_DAY * MICROS_PER_MS) !== 0
    ? undefined
    : micros / (MS_PER_DAY * MICROS_PER_MS);
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** ISO 8601 text as microseconds since 1970-01-01 UTC; no zone means UTC; digits beyond microseconds are cut. */
export function parseMicros(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  const read = new Date(ms);
  // Date.UTC rolls 31 February over into March: only what comes back unchanged is a date.
  const isReal = read.getUTCMonth() === month! - 1 && read.getUTCDate() === day! && minute! < 60 && second! < 60;
  if (!isReal || year! < 100) return undefined;
  const fraction = match[7] === undefined ? 0 : Number(match[7].padEnd(6, '0').slice(0, 6));
  return (ms - zoneOffsetMs(match[8])) * MICROS_PER_MS + fraction;
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
