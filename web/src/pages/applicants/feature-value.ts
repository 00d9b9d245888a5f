import { formatQuantity } from '../../format/index.ts';

/** Units that say what the value is, not how it is measured. */
const UNSAID = new Set(['', 'count', 'category', 'ratio', 'code', 'flag']);

/** A feature's value with its unit; what a missing one means, where that is known. */
export function formatFeature(value: number | string | null, unit: string, nullMeaning = 'not known'): string {
  if (value === null) return nullMeaning;
  const text = typeof value === 'number' ? formatQuantity(value) : value;
  return UNSAID.has(unit) ? text : `${text} ${unit}`;
}
