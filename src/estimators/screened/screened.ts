import { setImmediate } from 'node:timers/promises';
import { AssayError, type Column, selectColumns } from '../../domain/index.ts';
import { chanceIv, ivOf, type Tally } from '../binning/index.ts';
import type { Estimator, FitContext, TrainingSet } from '../contract.ts';

/** Columns that an estimator is given at most; a set with no more is fitted as it is. */
export const MOST_COLUMNS = 200;

/**
 * The same estimator, which looks at no more than `most` columns of a wide set: those with the largest information value by
 * groups of about equal count (levels of a category), less what as many groups have by chance. It sees the rows of the fit alone,
 * so that a fold, or a held-out part of it, is screened without its outcomes. What tells nothing by itself is not found.
 * @example screened(logistic).fit(train, { context })
 */
export function screened<Parameters>(
  estimator: Estimator<Parameters>,
  { most = MOST_COLUMNS }: { readonly most?: number } = {},
): Estimator<Parameters> {
  return {
    ...estimator,
    fit: async (train, options) => {
      if (train.frame.columns.length <= most) return estimator.fit(train, options);
      const names = await strongestColumns(train, most, options.context);
      const narrow = (set: TrainingSet): TrainingSet => ({ ...set, frame: selectColumns(set.frame, names) });
      const { validation } = options;
      return estimator.fit(narrow(train), { ...options, ...(validation && { validation: narrow(validation) }) });
    },
  };
}

/** Columns between two looks at the signal: some milliseconds. */
const CHUNK = 100;

/** In the order of the frame. */
async function strongestColumns(train: TrainingSet, most: number, context: FitContext): Promise<string[]> {
  const { columns } = train.frame;
  const total = tallyOf(train);
  const strengths: number[] = [];
  for (const [at, column] of columns.entries()) {
    if (at % CHUNK === 0) {
      await setImmediate(); // lets a cancel through
      if (context.signal?.aborted) throw new AssayError('cancelled', { what: 'fitting was cancelled' });
    }
    strengths.push(strengthOf(column, train, total));
  }
  const order = [...strengths.keys()].sort((a, b) => strengths[b]! - strengths[a]! || a - b);
  return order
    .slice(0, most)
    .sort((a, b) => a - b)
    .map((at) => columns[at]!.name);
}

function tallyOf({ target, weights }: TrainingSet): Tally {
  const total = { count: 0, defaults: 0 };
  for (let row = 0; row < target.length; row++) {
    const weight = weights ? weights[row]! : 1;
    total.count += weight;
    if (target[row] === 1) total.defaults += weight;
  }
  return total;
}

function strengthOf(column: Column, { target, weights }: TrainingSet, total: Tally): number {
  const { groupOf, count } = column.kind === 'numeric' ? numericGroups(column.values) : levelGroups(column);
  const counts = new Float64Array(count);
  const defaults = new Float64Array(count);
  for (let row = 0; row < target.length; row++) {
    const group = groupOf(row);
    const weight = weights ? weights[row]! : 1;
    counts[group]! += weight;
    if (target[row] === 1) defaults[group]! += weight;
  }
  let [iv, filled] = [0, 0];
  for (let group = 0; group < count; group++) {
    if (counts[group] === 0) continue;
    iv += ivOf({ count: counts[group]!, defaults: defaults[group]! }, total);
    filled++;
  }
  return iv - Math.max(0, filled - 1) * chanceIv(total);
}

type Groups = { readonly groupOf: (row: number) => number; readonly count: number };

/** Of a number: about equal counts, and one group for missing. */
const NUMERIC_GROUPS = 8;
/** Rows, evenly spread, by which the bounds are set: a bound need not be exact. */
const SAMPLED_ROWS = 400;

function numericGroups(values: Float64Array): Groups {
  const step = Math.max(1, Math.floor(values.length / SAMPLED_ROWS));
  const sample = values.filter((value, row) => row % step === 0 && !Number.isNaN(value)).sort();
  const quantiles = Array.from(
    { length: sample.length === 0 ? 0 : NUMERIC_GROUPS - 1 },
    (_, i) => sample[Math.floor(((i + 1) * sample.length) / NUMERIC_GROUPS)]!,
  );
  const bounds = [...new Set(quantiles)];
  const groupOf = (row: number): number => {
    const value = values[row]!;
    if (Number.isNaN(value)) return bounds.length + 1;
    let group = 0;
    while (group < bounds.length && value >= bounds[group]!) group++;
    return group;
  };
  return { groupOf, count: bounds.length + 2 };
}

/** Levels with fewer rows are one group: a level seen once always tells its outcome. */
const LEAST_LEVEL_ROWS = 20;

function levelGroups({ levels, codes }: Extract<Column, { kind: 'categorical' }>): Groups {
  const counts = new Uint32Array(levels.length);
  for (const code of codes) if (code >= 0) counts[code]!++;
  const [rare, missing] = [levels.length, levels.length + 1];
  const groupOf = (row: number): number => {
    const code = codes[row]!;
    if (code < 0) return missing;
    return counts[code]! < LEAST_LEVEL_ROWS ? rare : code;
  };
  return { groupOf, count: levels.length + 2 };
}
