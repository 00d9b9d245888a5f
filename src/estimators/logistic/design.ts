import type { CategoricalColumn, Column, Frame, InputColumn, NumericColumn } from '../../domain/index.ts';
import type { LogisticTerm } from '../contract.ts';
import type { Design } from './fit-logistic-regression.ts';

/** What becomes of a column before any coefficient is known. */
export type TermPlan = Pick<LogisticTerm, 'feature' | 'transform'>;

export type DesignOptions = {
  /** Numbers are cut off at this share of rows on either side. */
  readonly winsorShare: number;
  /** Numbers that are never negative are taken as ln(1 + x) above this skewness. */
  readonly logSkewness: number;
  /** Levels with a smaller share of rows, and fewer than eight rows, get no term: they count as the reference level. */
  readonly minLevelShare: number;
  /** Pieces of the broken line a number may follow; 1 = a straight line. */
  readonly pieces: number;
};

/** The terms of every column of the training frame; a column that does not vary has none. */
export function planTerms(frame: Frame, options: DesignOptions): TermPlan[] {
  return frame.columns.flatMap((column) =>
    column.kind === 'numeric' ? numericTerms(column, options) : levelTerms(column, options),
  );
}

function numericTerms(column: NumericColumn, options: DesignOptions): TermPlan[] {
  const sorted = column.values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return [];
  const { name: feature } = column;
  const isMissing: TermPlan = { feature, transform: { kind: 'is_missing' } };
  const missing = sorted.length < column.values.length ? [isMissing] : [];
  const [lower, upper] = winsorBounds(sorted, options.winsorShare);
  if (!(lower < upper)) return missing;
  const log1p = lower >= 0 && skewness(sorted, lower, upper) > options.logSkewness;
  const knots = [lower, ...innerKnots(sorted, lower, upper, options.pieces), upper];
  const pieces = knots.slice(1).map((to, i) => standardizedPiece(column, { log1p, lower: knots[i]!, upper: to }));
  return [...pieces, ...missing];
}

/** Quantiles on either side; where they coincide (mostly one value), the extremes. */
function winsorBounds(sorted: Float64Array, share: number): [number, number] {
  const [lower, upper] = [quantile(sorted, share), quantile(sorted, 1 - share)];
  if (lower < upper) return [lower, upper];
  return [quantile(sorted, 0), quantile(sorted, 1)];
}

/** Beyond it squares and their sums would overflow. */
const LARGEST = 1e140;

function quantile(sorted: Float64Array, share: number): number {
  const value = sorted[Math.round(share * (sorted.length - 1))]!;
  return Math.max(-LARGEST, Math.min(LARGEST, value));
}

function innerKnots(sorted: Float64Array, lower: number, upper: number, pieces: number): number[] {
  const knots = Array.from({ length: pieces - 1 }, (_, i) => quantile(sorted, (i + 1) / pieces));
  return [...new Set(knots)].filter((knot) => knot > lower && knot < upper);
}

/** Third standardized moment of the clamped values. */
function skewness(sorted: Float64Array, lower: number, upper: number): number {
  const clamped = sorted.map((value) => Math.min(upper, Math.max(lower, value)));
  const { mean, scale } = momentsOf(clamped);
  if (scale === 0) return 0;
  return clamped.reduce((sum, value) => sum + ((value - mean) / scale) ** 3, 0) / clamped.length;
}

function momentsOf(values: Float64Array): { mean: number; scale: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, scale: Math.sqrt(variance) };
}

/** A missing value stands at the mean, and so adds nothing beside its own `is_missing` term. */
function standardizedPiece(
  column: NumericColumn,
  piece: { readonly log1p: boolean; readonly lower: number; readonly upper: number },
): TermPlan {
  const present = column.values.filter((value) => !Number.isNaN(value));
  const { mean, scale } = momentsOf(present.map((value) => clampedValue(piece, value)));
  return {
    feature: column.name,
    transform: { kind: 'standardized', ...piece, mean, scale: scale > 0 ? scale : 1, missing: mean },
  };
}

function clampedValue(
  { log1p, lower, upper }: { readonly log1p: boolean; readonly lower: number; readonly upper: number },
  value: number,
): number {
  const clamped = value < lower ? lower : value > upper ? upper : value;
  return log1p ? Math.log1p(clamped) : clamped;
}

/** Rows that are enough for a level, however small their share: the penalty holds its coefficient. */
const COMMON_ROWS = 8;
/** Most levels of one column that get a term: time grows with the square of the terms. */
const MOST_LEVELS = 200;

/** Dummies of all common levels but the most frequent, which is the reference, and of missing. */
function levelTerms(column: CategoricalColumn, options: DesignOptions): TermPlan[] {
  const counts = new Float64Array(column.levels.length);
  let missing = 0;
  for (const code of column.codes) {
    if (code < 0) missing++;
    else counts[code]!++;
  }
  const reference = counts.indexOf(counts.reduce((most, count) => Math.max(most, count), 0));
  const least = Math.max(1, Math.min(options.minLevelShare * column.codes.length, COMMON_ROWS));
  const common = [...counts.keys()]
    .filter((code) => code !== reference && counts[code]! >= least)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_LEVELS)
    .sort((a, b) => a - b);
  const { name: feature } = column;
  const terms = common.map(
    (code): TermPlan => ({ feature, transform: { kind: 'is_level', level: column.levels[code]! } }),
  );
  const isVaried = missing > 0 && missing < column.codes.length;
  return isVaried ? [...terms, { feature, transform: { kind: 'is_missing' } }] : terms;
}

/** The value of a term for an encoded value (number or category code; NaN = missing). */
export function compileTransform(transform: LogisticTerm['transform'], input: InputColumn): (value: number) => number {
  switch (transform.kind) {
    case 'is_missing':
      return (value) => (Number.isNaN(value) ? 1 : 0);
    case 'is_level': {
      const code = input.kind === 'categorical' ? input.levels.indexOf(transform.level) : -1;
      return (value) => (value === code ? 1 : 0);
    }
    case 'standardized': {
      const { mean, scale } = transform;
      const whenMissing = (transform.missing - mean) / scale;
      return (value) => (Number.isNaN(value) ? whenMissing : (clampedValue(transform, value) - mean) / scale);
    }
  }
}

/** The design matrix of a frame whose columns are the inputs, in order. */
export function buildDesign(frame: Frame, inputs: readonly InputColumn[], terms: readonly TermPlan[]): Design {
  const byName = new Map(frame.columns.map((column, i) => [column.name, { column, input: inputs[i]! }]));
  const columns = terms.map(({ feature, transform }) => {
    const { column, input } = byName.get(feature)!;
    return termValues(column, compileTransform(transform, input));
  });
  return { rowCount: frame.rowCount, columns };
}

function termValues(column: Column, termOf: (value: number) => number): Float64Array {
  if (column.kind === 'numeric') return Float64Array.from(column.values, termOf);
  return Float64Array.from(column.codes, (code) => termOf(code < 0 ? Number.NaN : code));
}

/** The design without some of its terms. */
export function withoutTerms({ rowCount, columns }: Design, dropped: ReadonlySet<number>): Design {
  return { rowCount, columns: columns.filter((_, at) => !dropped.has(at)) };
}
