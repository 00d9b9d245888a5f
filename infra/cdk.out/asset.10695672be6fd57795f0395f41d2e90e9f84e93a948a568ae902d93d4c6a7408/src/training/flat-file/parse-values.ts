/** Readings of text as a number. Each gives NaN for text that it does not understand; units are in the name. */
export type NumberForm = {
  readonly kind: 'plain' | 'percent' | 'thousands' | 'decimal_comma' | 'with_unit' | 'date';
  readonly parse: (text: string) => number;
};

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const PERCENT = /^([+-]?\d+(?:\.\d+)?)\s?%$/;
const THOUSANDS = /^([+-]?)[$€£]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?$/;
const DECIMAL_COMMA = /^[+-]?\d+(,\d+)?$/;
/** '36 months', '< 1 year', '10+ years', '3+'. Only units of time and length: '871xx' is a code. */
const WITH_UNIT =
  /^([<>]?)=?\s?(\d+(?:\.\d+)?)(\+?)\s?((?:year|yr|month|mth|mo|week|wk|day|hour|hr|km|mile|m2|sqm|sqft)s?|)$/i;

export const NUMBER_FORMS: readonly NumberForm[] = [
  { kind: 'plain', parse: (text) => (PLAIN.test(text) ? finite(Number(text)) : Number.NaN) },
  { kind: 'percent', parse: (text) => finite(Number(PERCENT.exec(text)?.[1] ?? 'no') / 100) },
  { kind: 'thousands', parse: parseThousands },
  {
    kind: 'decimal_comma',
    parse: (text) => (DECIMAL_COMMA.test(text) ? finite(Number(text.replace(',', '.'))) : Number.NaN),
  },
  { kind: 'with_unit', parse: parseWithUnit },
];

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

function parseThousands(text: string): number {
  const found = THOUSANDS.exec(text);
  return found ? finite(Number(`${found[1]}${found[2]!.replaceAll(',', '')}${found[3] ?? ''}`)) : Number.NaN;
}

/** '<' takes half a unit off, as the true value lies below: '< 1 year' is 0.5; '10+' is 10. */
function parseWithUnit(text: string): number {
  const found = WITH_UNIT.exec(text);
  if (!found) return Number.NaN;
  return Number(found[2]) - (found[1] === '<' ? 0.5 : 0);
}

/** 'year' for '10+ years'; '' for a bare number; null for text of another form. */
export function unitOf(text: string): string | null {
  const unit = WITH_UNIT.exec(text)?.[4];
  return unit === undefined ? null : unit.toLowerCase().replace(/s$/, '');
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ISO = /^(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?:[T ]\d{1,2}:\d{2}.*)?$/;
const COMPACT = /^(19|20)(\d{2})(\d{2})(\d{2})$/;
const PARTS = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: \d{1,2}:\d{2}.*)?$/;
const MONTH_NAME = /^(?:(\d{1,2})[- ])?([a-z]{3})[a-z]*[- ](\d{4}|\d{2})$/i;

const day = (year: number, month: number, date: number): number => {
  const time = Date.UTC(year, month - 1, date);
  const back = new Date(time);
  const isReal = back.getUTCMonth() === month - 1 && back.getUTCDate() === date;
  return isReal ? time / 86_400_000 : Number.NaN;
};

/** Ways of writing a date, each giving whole days since 1970-01-01; a month without a day is its first. */
export const DATE_FORMS: readonly NumberForm[] = [
  { kind: 'date', parse: (text) => fromMatch(ISO.exec(text), ([, y, m, d]) => day(+y!, +m!, d ? +d : 1)) },
  { kind: 'date', parse: (text) => fromMatch(PARTS.exec(text), ([, d, m, y]) => day(+y!, +m!, +d!)) },
  { kind: 'date', parse: (text) => fromMatch(PARTS.exec(text), ([, m, d, y]) => day(+y!, +m!, +d!)) },
  { kind: 'date', parse: (text) => fromMatch(COMPACT.exec(text), ([, c, y, m, d]) => day(+(c! + y!), +m!, +d!)) },
  { kind: 'date', parse: (text) => fromMatch(MONTH_NAME.exec(text), fromMonthName) },
];

function fromMatch(found: RegExpExecArray | null, read: (found: RegExpExecArray) => number): number {
  return found ? read(found) : Number.NaN;
}

function fromMonthName(found: RegExpExecArray): number {
  const month = MONTHS.indexOf(found[2]!.toLowerCase()) + 1;
  const written = Number(found[3]);
  const year = found[3]!.length === 4 ? written : written + (written < 70 ? 2000 : 1900);
  return month === 0 ? Number.NaN : day(year, month, found[1] ? Number(found[1]) : 1);
}

/** The last day that a date, a month ('2010-12') or a year ('2010') covers, in days since 1970; NaN when it is none. */
export function lastDayOf(text: string): number {
  const found = /^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$/.exec(text.trim());
  if (!found) return Number.NaN;
  const [, year, month, date] = found;
  if (date) return day(+year!, +month!, +date);
  return (month ? day(+year! + (+month === 12 ? 1 : 0), (+month % 12) + 1, 1) : day(+year! + 1, 1, 1)) - 1;
}
