import type { FeatureValue, FraudIncome } from '../domain/index.ts';
import type { FraudApplication } from './links.ts';

/** Levels seen less often are one with the rest. */
const MIN_LEVEL_ROWS = 30;
const MAX_LEVELS = 40;
const RIDGE = 1;
/** A number at most this far from its mean, in deviations: one strange value must not decide. */
const CLIP = 4;

/** What income is usual for applicants alike: a ridge regression of its logarithm. Plain data, so that it can be kept. */
export type UsualIncome = {
  readonly intercept: number;
  readonly numbers: readonly {
    readonly name: string;
    readonly mean: number;
    readonly deviation: number;
    readonly slope: number;
  }[];
  readonly levels: readonly { readonly name: string; readonly shift: Readonly<Record<string, number>> }[];
  /** Robust spread (1.4826 x median absolute deviation) of what is left. */
  readonly spread: number;
  readonly rows: number;
};

/**
 * Fits the usual income on applications with a stated income above 0: numbers by their logarithm, categories by a shift each,
 * alternating ridge steps. Null below 200 rows.
 */
export function fitUsualIncome(income: FraudIncome, applications: readonly FraudApplication[]): UsualIncome | null {
  const rows = applications.filter(({ columns }) => Number(columns[income.column] ?? 0) > 0);
  if (rows.length < 200) return null;
  const target = rows.map(({ columns }) => Math.log(Number(columns[income.column])));
  const intercept = target.reduce((sum, value) => sum + value, 0) / target.length;
  const residuals = Float64Array.from(target, (value) => value - intercept);
  const isNumber = (name: string): boolean => rows.every(({ columns }) => typeof (columns[name] ?? 0) === 'number');
  const numbers = income.usual.filter(isNumber).map((name) => ({ name, slope: 0, ...momentsOf(rows, name) }));
  const levels = income.usual
    .filter((name) => !isNumber(name))
    .map((name) => ({ name, shift: {} as Record<string, number> }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const number of numbers) stepNumber(number, rows, residuals);
    for (const level of levels) stepLevels(level, rows, residuals);
  }
  return { intercept, numbers, levels, spread: spreadOf(residuals), rows: rows.length };
}

const ROUNDS = 12;

type NumberTerm = { name: string; mean: number; deviation: number; slope: number };

function momentsOf(rows: readonly FraudApplication[], name: string): { mean: number; deviation: number } {
  const values = rows.flatMap(({ columns }) => (typeof columns[name] === 'number' ? [logOf(columns[name])] : []));
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length);
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

const logOf = (value: number): number => Math.sign(value) * Math.log1p(Math.abs(value));

function standard({ name, mean, deviation }: Omit<NumberTerm, 'slope'>, columns: FraudApplication['columns']): number {
  const value = columns[name];
  if (typeof value !== 'number') return 0;
  return Math.max(-CLIP, Math.min(CLIP, (logOf(value) - mean) / deviation));
}

function stepNumber(term: NumberTerm, rows: readonly FraudApplication[], residuals: Float64Array): void {
  let [product, square] = [0, RIDGE];
  rows.forEach(({ columns }, i) => {
    const x = standard(term, columns);
    product += x * residuals[i]!;
    square += x * x;
  });
  const change = product / square;
  term.slope += change;
  rows.forEach(({ columns }, i) => {
    residuals[i]! -= change * standard(term, columns);
  });
}

const levelOf = (value: FeatureValue | undefined): string =>
  value === null || value === undefined ? '' : String(value);

function stepLevels(
  term: { name: string; shift: Record<string, number> },
  rows: readonly FraudApplication[],
  residuals: Float64Array,
): void {
  const sums = new Map<string, [number, number]>();
  rows.forEach(({ columns }, i) => {
    const level = levelOf(columns[term.name]);
    const [sum, count] = sums.get(level) ?? [0, 0];
    sums.set(level, [sum + residuals[i]!, count + 1]);
  });
  const kept = [...sums]
    .filter(([, [, count]]) => count >= MIN_LEVEL_ROWS)
    .sort((a, b) => b[1][1] - a[1][1] || (a[0] < b[0] ? -1 : 1));
  const changes = new Map(kept.slice(0, MAX_LEVELS).map(([level, [sum, count]]) => [level, sum / (count + RIDGE)]));
  for (const [level, change] of changes) term.shift[level] = (term.shift[level] ?? 0) + change;
  rows.forEach(({ columns }, i) => {
    residuals[i]! -= changes.get(levelOf(columns[term.name])) ?? 0;
  });
}

function spreadOf(residuals: Float64Array): number {
  const size = residuals.map(Math.abs).sort();
  return 1.4826 * (size[Math.floor(size.length / 2)] ?? 1) || 1;
}

/** How many times the usual a stated income is, and how many spreads of the logarithm that is above; null without an income. */
export function incomeAboveUsual(
  model: UsualIncome,
  income: FraudIncome,
  columns: FraudApplication['columns'],
): { readonly times: number; readonly spreads: number } | null {
  const stated = columns[income.column];
  if (typeof stated !== 'number' || stated <= 0) return null;
  let usual = model.intercept;
  for (const term of model.numbers) usual += term.slope * standard(term, columns);
  for (const { name, shift } of model.levels) usual += shift[levelOf(columns[name])] ?? 0;
  const above = Math.log(stated) - usual;
  return { times: Math.exp(above), spreads: above / model.spread };
}
