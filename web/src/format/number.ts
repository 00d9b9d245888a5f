/** One locale for the whole app, so that a figure reads the same on every screen and in every screenshot. */
export const LOCALE = 'en-GB';

/** What stands where there is no figure. */
export const NOTHING = '–';

/** The sign that stands as wide as a plus: a hyphen before a figure is easily lost. */
export const withMinus = (text: string): string => text.replace('-', '\u2212');

const count = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });

function orNothing(value: number | null | undefined, text: (value: number) => string): string {
  return value === null || value === undefined || !Number.isFinite(value) ? NOTHING : text(value);
}

/** 12345 -> "12,345" */
export function formatCount(value: number | null | undefined): string {
  return orNothing(value, (v) => count.format(v));
}

/** 12345 -> "12.3K" */
export function formatCompact(value: number | null | undefined): string {
  return orNothing(value, (v) => compact.format(v));
}

/** A fixed number of decimals: 0.79312 -> "0.793" */
export function formatDecimal(value: number | null | undefined, digits = 3): string {
  return orNothing(value, (v) =>
    withMinus(
      new Intl.NumberFormat(LOCALE, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        signDisplay: 'negative',
      }).format(v),
    ),
  );
}

/** A share as a percentage: 0.0634 -> "6.34 %" */
export function formatPercent(value: number | null | undefined, digits = 2): string {
  return orNothing(value, (v) => `${formatDecimal(v * 100, digits)} %`);
}

/** Points with a sign, as an effect: -12.34 -> "−12.3" */
export function formatSigned(value: number | null | undefined, digits = 1): string {
  return orNothing(value, (v) => {
    const rounded = formatDecimal(Math.abs(v), digits);
    if (Number(rounded.replaceAll(',', '')) === 0) return rounded;
    return `${v < 0 ? '−' : '+'}${rounded}`;
  });
}

/** A feature's value: whole numbers whole, others with up to four significant decimals. */
export function formatQuantity(value: number): string {
  return withMinus(
    new Intl.NumberFormat(LOCALE, {
      maximumFractionDigits: Math.abs(value) >= 1000 ? 0 : 4,
      signDisplay: 'negative',
    }).format(value),
  );
}

/** 1536 -> "1.5 KiB" */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${formatDecimal(bytes / 2 ** (10 * power), power === 0 ? 0 : 1)} ${units[power] ?? 'B'}`;
}
