import { toWords } from './label.ts';
import { formatMoney } from './money.ts';
import { formatQuantity } from './number.ts';

/** Units that say what the value is, not how it is measured. */
const UNSAID = new Set(['', 'count', 'category', 'ratio', 'code', 'flag']);
const MONEY = /^minor units\b/;

/** The unit as a reader sees it: money in the portfolio's currency, nothing where the unit says nothing. */
export function unitText(unit: string, currency: string): string {
  return UNSAID.has(unit) ? '' : unit.replace(MONEY, currency);
}

/** A code as words where it plainly is words: "debt_consolidation" -> "Debt consolidation"; others as they are. */
export function formatCategory(code: string): string {
  return /^[a-z]+(_[a-z]+)*$/.test(code) ? toWords(code) : code;
}

export type FeatureUnit = {
  readonly unit: string;
  readonly currency: string;
  readonly nullMeaning?: string | undefined;
};

/** A feature's value with its unit; what a missing one means, where that is known. */
export function formatFeature(value: number | string | null, { unit, currency, nullMeaning }: FeatureUnit): string {
  if (value === null) return nullMeaning ?? 'not known';
  if (typeof value === 'string') return formatCategory(value);
  if (MONEY.test(unit)) return formatMoney(Math.round(value), currency) + unit.replace(MONEY, '');
  return `${formatQuantity(value)} ${UNSAID.has(unit) ? '' : unit}`.trim();
}

export type Bounds = { readonly lower: number | null; readonly upper: number | null };

/** An interval of a feature in words: "below 3", "3 to 5", "5 and above"; null when it is no interval. */
export function formatBounds({ lower, upper }: Bounds, unit: FeatureUnit): string | null {
  if (lower === null && upper === null) return null;
  if (lower === null) return `below ${formatFeature(upper, unit)}`;
  if (upper === null) return `${formatFeature(lower, unit)} and above`;
  return `${formatFeature(lower, unit)} to ${formatFeature(upper, unit)}`;
}

const INTERVAL = /^[([](-?inf|-?[\d.e+-]+), ?(inf|-?[\d.e+-]+)[)\]]$/i;

/** A bin's label as a reader sees it: "[3, inf)" -> "3 and above"; labels that are no intervals as they are. */
export function formatBin(label: string, unit: FeatureUnit): string {
  const match = INTERVAL.exec(label);
  if (match === null) return label;
  const [lower, upper] = [match[1], match[2]].map((text) =>
    text === undefined || /inf/i.test(text) ? null : Number(text),
  );
  return formatBounds({ lower: lower ?? null, upper: upper ?? null }, unit) ?? 'any value';
}
