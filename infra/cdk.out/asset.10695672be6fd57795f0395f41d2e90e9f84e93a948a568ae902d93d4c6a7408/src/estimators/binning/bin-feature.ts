import type { CategoricalColumn, Column, NumericColumn } from '../../domain/index.ts';
import type { Bin } from '../contract.ts';
import { distinctValues } from './distinct-values.ts';
import { chanceIv, ivOf, shrunkWoe, type Tally, woeOf } from './information-value.ts';
import { type Merge, mergePrebins, type Trend } from './merge-prebins.ts';
import { type Prebins, prebin } from './prebin.ts';

export type BinningOptions = {
  /** 'auto': ascending or descending, whichever is better; peak or valley when clearly better than both. Default 'auto'. */
  readonly trend?: Trend | 'auto';
  /** Default 20. */
  readonly maxPrebins?: number;
  /** Share of all rows, missing ones included. Default 0.05. */
  readonly minPrebinShare?: number;
  /** Share of all rows. Default: as `minPrebinShare`. */
  readonly minBinShare?: number;
  /** Default: as `maxPrebins`. */
  readonly maxBins?: number;
  /** Least defaults, and least non-defaults, in a bin. Default 1. */
  readonly minBinEvents?: number;
  /**
   * Price of a bin in units of the IV a bin without information has by chance (see `chanceIv`): 0 = pure IV, as optbinning;
   * 2 = Akaike's price; 3.84 = one bin more must be significant at 5 %. Default 0.
   */
  readonly binPenalty?: number;
  /** Numeric codes that are not quantities, each a bin of its own. */
  readonly specialValues?: readonly number[];
  /** Levels with a smaller share of rows are pooled. Default 0.01. */
  readonly minLevelShare?: number;
  /** Strength by which bins of special and missing values are drawn to WoE 0, see `shrunkWoe`. Default 1. */
  readonly priorDefaults?: number;
  readonly weights?: Float64Array;
};

export type BinnedFeature = {
  readonly feature: string;
  readonly trend: Trend;
  /** Sum over all bins, missing and special included. */
  readonly iv: number;
  /** IV less what its splits, and the levels they were chosen among, have by chance; below 0 = noise. */
  readonly adjustedIv: number;
  /** In order: intervals or groups of levels by default rate, special values, missing. */
  readonly bins: readonly Bin[];
};

/**
 * Optimal binning of one feature: prebins by a classification tree, then the merge with the largest IV among all that
 * keep the trend and the limits, found exactly (see `mergePrebins`). Categories are put in order of default rate first.
 * Missing values are always a bin of their own, the last, with WoE 0 when training had none.
 * Rates and IV count every row. Source: Navas-Palencia (2020), Optimal binning: mathematical programming formulation.
 * @param target 1 = defaulted, one per row, both classes present
 * @example binFeature(column, target, { trend: 'auto', minBinShare: 0.05 }).iv
 */
export function binFeature(column: Column, target: Uint8Array, options: BinningOptions = {}): BinnedFeature {
  const total = tallyOf(target, options.weights);
  return column.kind === 'numeric'
    ? binNumeric(column, target, total, options)
    : binCategorical(column, target, total, options);
}

function tallyOf(target: Uint8Array, weights?: Float64Array): Tally {
  let count = 0;
  let defaults = 0;
  for (let row = 0; row < target.length; row++) {
    const weight = weights ? weights[row]! : 1;
    count += weight;
    if (target[row] === 1) defaults += weight;
  }
  return { count, defaults };
}

/** Running sums while rows are counted. */
type Counter = { count: number; defaults: number };

function binNumeric(column: NumericColumn, target: Uint8Array, total: Tally, options: BinningOptions): BinnedFeature {
  const { specialValues = [], weights } = options;
  const missing: Counter = { count: 0, defaults: 0 };
  const specials: Counter[] = specialValues.map(() => ({ count: 0, defaults: 0 }));
  const kept = new Uint32Array(target.length);
  let size = 0;
  for (let row = 0; row < target.length; row++) {
    const value = column.values[row]!;
    const special = specialValues.length === 0 ? -1 : specialValues.indexOf(value);
    if (special < 0 && !Number.isNaN(value)) kept[size++] = row;
    else add(special < 0 ? missing : specials[special]!, target, row, weights);
  }
  const rows = kept.subarray(0, size);
  const prebins = numericPrebins(column, target, rows, total, options);
  const { merge, trend } = bestMerge(prebins.tallies, total, options);
  const intervals = mergedTallies(prebins.tallies, merge).map((tally, i): Bin => {
    const lower = i === 0 ? null : prebins.splits[merge.ends[i - 1]! - 1]!;
    const end = merge.ends[i]!;
    const upper = end === prebins.tallies.length ? null : prebins.splits[end - 1]!;
    return { rule: { kind: 'interval', lower, upper }, ...tally, woe: regularWoe(tally, total) };
  });
  const specialBins = specialValues.map((value, i) =>
    separateBin({ kind: 'special', values: [value] }, specials[i]!, total, options),
  );
  return conclude(column.name, trend, [...intervals, ...specialBins], missing, total, options, intervals.length - 1);
}

function add(counter: Counter, target: Uint8Array, row: number, weights: Float64Array | undefined): void {
  const weight = weights ? weights[row]! : 1;
  counter.count += weight;
  if (target[row] === 1) counter.defaults += weight;
}

/** Infinities count as the largest finite number, so that every split is one a file can hold. */
function numericPrebins(
  column: NumericColumn,
  target: Uint8Array,
  rows: Uint32Array,
  total: Tally,
  options: BinningOptions,
): Prebins {
  if (rows.length === 0) return { splits: [], tallies: [{ count: 0, defaults: 0 }] };
  const values = new Float64Array(rows.length);
  const labels = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    values[i] = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, column.values[rows[i]!]!));
    labels[i] = target[rows[i]!]!;
  }
  const { weights } = options;
  const groups = distinctValues(values, labels, weights && Float64Array.from(rows, (row) => weights[row]!));
  return prebin(groups, prebinLimits(total, options));
}

function prebinLimits(total: Tally, options: BinningOptions) {
  const { maxPrebins = 20, minPrebinShare = 0.05 } = options;
  return { maxPrebins, minPrebinCount: Math.max(1, Math.ceil(minPrebinShare * total.count - 1e-9)) };
}

function binCategorical(
  column: CategoricalColumn,
  target: Uint8Array,
  total: Tally,
  options: BinningOptions,
): BinnedFeature {
  const missing: Counter = { count: 0, defaults: 0 };
  const levels: Counter[] = column.levels.map(() => ({ count: 0, defaults: 0 }));
  for (let row = 0; row < target.length; row++) {
    const code = column.codes[row]!;
    add(code < 0 ? missing : levels[code]!, target, row, options.weights);
  }
  const groups = orderLevels(levels, total, options);
  const prebins = categoricalPrebins(groups, total, options);
  const { merge, trend } = bestMerge(prebins.tallies, total, { ...options, trend: 'ascending' });
  const starts = [0, ...prebins.splits.map((split) => Math.ceil(split))];
  const bins = mergedTallies(prebins.tallies, merge).map((tally, i): Bin => {
    const from = starts[i === 0 ? 0 : merge.ends[i - 1]!]!;
    const to = starts[merge.ends[i]!] ?? groups.length;
    const codes = groups.slice(from, to).flatMap((group) => group.codes);
    const names = codes.toSorted((a, b) => a - b).map((code) => column.levels[code]!);
    return { rule: { kind: 'levels', levels: names }, ...tally, woe: regularWoe(tally, total) };
  });
  return conclude(column.name, trend, bins, missing, total, options, Math.max(0, groups.length - 1));
}

type LevelGroup = Tally & { readonly codes: readonly number[] };

/** Levels with rows, rare ones pooled, by rising default rate; levels without rows are left to the missing bin. */
function orderLevels(levels: readonly Tally[], total: Tally, options: BinningOptions): LevelGroup[] {
  const leastCount = (options.minLevelShare ?? 0.01) * total.count;
  const seen = levels.map((level, code): LevelGroup => ({ ...level, codes: [code] })).filter(({ count }) => count > 0);
  const common = seen.filter(({ count }) => count >= leastCount);
  const rare = seen.filter(({ count }) => count < leastCount);
  const pooled: LevelGroup = {
    count: rare.reduce((sum, { count }) => sum + count, 0),
    defaults: rare.reduce((sum, { defaults }) => sum + defaults, 0),
    codes: rare.flatMap(({ codes }) => codes),
  };
  const groups = rare.length > 0 ? [...common, pooled] : common;
  return groups.sort((a, b) => a.defaults / a.count - b.defaults / b.count || a.codes[0]! - b.codes[0]!);
}

/** Prebins over the ranks 0, 1, 2 … of the ordered levels, by the same tree as numbers. */
function categoricalPrebins(groups: readonly LevelGroup[], total: Tally, options: BinningOptions): Prebins {
  if (groups.length === 0) return { splits: [], tallies: [{ count: 0, defaults: 0 }] };
  const running: Counter = { count: 0, defaults: 0 };
  const counts = new Float64Array(groups.length);
  const defaults = new Float64Array(groups.length);
  groups.forEach((group, rank) => {
    running.count += group.count;
    running.defaults += group.defaults;
    counts[rank] = running.count;
    defaults[rank] = running.defaults;
  });
  const values = Float64Array.from(groups, (_, rank) => rank);
  return prebin({ values, counts, defaults }, prebinLimits(total, options));
}

/** A turn of the trend must bring as much as this many bins. */
const TURN_COST_BINS = 3;

function bestMerge(prebins: readonly Tally[], total: Tally, options: BinningOptions): { merge: Merge; trend: Trend } {
  const wanted = options.trend ?? 'auto';
  const trends: readonly Trend[] = wanted === 'auto' ? ['ascending', 'descending', 'peak', 'valley'] : [wanted];
  const turnCost = wanted === 'auto' ? TURN_COST_BINS * 3.84 * chanceIv(total) : 0;
  let best: { merge: Merge; trend: Trend; value: number } | undefined;
  for (const trend of trends) {
    const merge = mergePrebins(prebins, total, { trend, ...mergeLimits(total, options) });
    if (!merge) continue;
    const value = merge.value - (trend === 'peak' || trend === 'valley' ? turnCost : 0);
    if (!best || value > best.value + 1e-12) best = { merge, trend, value };
  }
  // Limits no merge can meet (few rows, one class): everything in one bin.
  return best ?? { merge: { ends: [prebins.length], value: 0 }, trend: trends[0]! };
}

function mergeLimits(total: Tally, options: BinningOptions) {
  const { maxPrebins = 20, minPrebinShare = 0.05, binPenalty = 0, minBinEvents = 1 } = options;
  const { minBinShare = minPrebinShare, maxBins = maxPrebins } = options;
  return {
    maxBins,
    minBinCount: Math.ceil(minBinShare * total.count - 1e-9),
    minBinEvents,
    binCost: binPenalty * chanceIv(total),
  };
}

function mergedTallies(prebins: readonly Tally[], merge: Merge): Tally[] {
  return merge.ends.map((end, i) => {
    const members = prebins.slice(i === 0 ? 0 : merge.ends[i - 1]!, end);
    return {
      count: members.reduce((sum, { count }) => sum + count, 0),
      defaults: members.reduce((sum, { defaults }) => sum + defaults, 0),
    };
  });
}

function regularWoe(tally: Tally, total: Tally): number {
  return tally.count === 0 ? 0 : woeOf(tally, total);
}

function separateBin(rule: Bin['rule'], tally: Tally, total: Tally, options: BinningOptions): Bin {
  const { count, defaults } = tally;
  return { rule, count, defaults, woe: shrunkWoe(tally, total, options.priorDefaults ?? 1) };
}

function conclude(
  feature: string,
  trend: Trend,
  bins: readonly Bin[],
  missing: Tally,
  total: Tally,
  options: BinningOptions,
  splitsByChance: number,
): BinnedFeature {
  const all = [...bins, separateBin({ kind: 'missing' }, missing, total, options)];
  const iv = all.reduce((sum, bin) => sum + ivOf(bin, total), 0);
  const separate = all.filter((bin) => bin.count > 0 && bin.rule.kind !== 'interval' && bin.rule.kind !== 'levels');
  return { feature, trend, iv, adjustedIv: iv - (splitsByChance + separate.length) * chanceIv(total), bins: all };
}
