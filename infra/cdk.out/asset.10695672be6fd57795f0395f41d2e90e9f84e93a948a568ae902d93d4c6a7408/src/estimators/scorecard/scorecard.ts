import { setImmediate } from 'node:timers/promises';
import { AssayError, type Column, type InputColumn, inputColumnsOf } from '../../domain/index.ts';
import { type BinnedFeature, binFeature, chanceIv, type Trend } from '../binning/index.ts';
import type { Characteristic, Estimator, FitContext, FittedScorecard, TrainingSet } from '../contract.ts';
import { fitLogisticRegression, type LogisticRegression } from '../logistic/fit-logistic-regression.ts';
import { type ClassCounts, countClasses } from '../trees/training-matrix.ts';
import { binLookup } from './lookup-bin.ts';

export type ScorecardParameters = {
  readonly maxPrebins: number;
  /** Least share of rows in a bin (and prebin); null = as few as hold about 50 defaults, between 0.5 % and 5 %. */
  readonly minBinShare: number | null;
  readonly maxBins: number;
  /** Price of a bin, see `BinningOptions.binPenalty`; null = 1 with few defaults, whose bins are few by size, else 3. */
  readonly binPenalty: number | null;
  /** Shape of the default rate where the context knows no direction. */
  readonly trend: Trend | 'auto';
  /**
   * Characteristics whose adjusted IV is not above this are dropped; null = 0 with few defaults, where every hint helps,
   * else 12 times `chanceIv`, which most features without information stay below.
   */
  readonly minIv: number | null;
  readonly minLevelShare: number;
  /** Penalty of the logistic regression on WoE. */
  readonly l2: number;
};

const DEFAULTS: ScorecardParameters = {
  maxPrebins: 30,
  minBinShare: null,
  maxBins: 12,
  binPenalty: null,
  trend: 'auto',
  minIv: null,
  minLevelShare: 0.02,
  l2: 1,
};

/** Average defaults (or non-defaults, where those are rarer) a bin should hold. */
const EVENTS_PER_BIN = 50;
const FEW_EVENTS = 1000;

/**
 * Scorecard: every feature binned by `binFeature`, weak ones dropped, logistic regression on the WoE of the rest.
 * With WoE in the direction of default every coefficient should be positive; a characteristic with a negative one says
 * the opposite of its own bins (it repeats another), and is dropped, the most negative first, until none is left.
 */
export const scorecard: Estimator<ScorecardParameters> = {
  name: 'scorecard',
  defaults: DEFAULTS,
  async fit(train, { parameters = {}, context }) {
    const settings = { ...DEFAULTS, ...parameters };
    const sized = sizedSettings(settings, countClasses(train));
    const binned = await binColumns(train, sized, context);
    context.onProgress?.({ done: 1, total: 2, note: 'fitting the scorecard' });
    const fitted = fitScorecard(train, selectCandidates(binned, sized.minIv), settings.l2, context);
    context.onProgress?.({ done: 2, total: 2, note: 'fitting the scorecard' });
    return fitted;
  },
};

/**
 * The best of thirty possible splits looks far better than one split taken blindly: of simulated features without any
 * information about four in five stay below this.
 */
const LUCK = 12;

type Sized = ScorecardParameters & { readonly [Key in 'minBinShare' | 'binPenalty' | 'minIv']: number };

function sizedSettings(settings: ScorecardParameters, { rows, events, prevalence }: ClassCounts): Sized {
  const isSmall = events < FEW_EVENTS;
  const chance = chanceIv({ count: rows, defaults: rows * prevalence });
  return {
    ...settings,
    minBinShare: settings.minBinShare ?? Math.min(0.05, Math.max(0.005, EVENTS_PER_BIN / events)),
    binPenalty: settings.binPenalty ?? (isSmall ? 1 : 3),
    minIv: settings.minIv ?? (isSmall ? 0 : LUCK * chance),
  };
}

type Candidate = { readonly column: Column; readonly binned: BinnedFeature };

async function binColumns(train: TrainingSet, settings: Sized, context: FitContext): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  const { columns } = train.frame;
  for (const column of columns) {
    await setImmediate(); // lets a cancel through
    if (context.signal?.aborted) throw new AssayError('cancelled', { what: 'fitting was cancelled' });
    const binned = binFeature(column, train.target, {
      trend: trendOf(column, settings.trend, context),
      maxPrebins: settings.maxPrebins,
      minPrebinShare: settings.minBinShare,
      maxBins: settings.maxBins,
      binPenalty: settings.binPenalty,
      minLevelShare: settings.minLevelShare,
      ...(train.weights && { weights: train.weights }),
    });
    candidates.push({ column, binned });
    const share = candidates.length / columns.length;
    context.onProgress?.({ done: Math.round(1000 * share), total: 2000, note: `binning ${column.name}` });
  }
  return candidates;
}

function trendOf(column: Column, otherwise: Trend | 'auto', context: FitContext): Trend | 'auto' {
  const direction = column.kind === 'numeric' ? context.monotone?.[column.name] : undefined;
  if (!direction) return otherwise;
  return direction === 'increasing' ? 'ascending' : 'descending';
}

/** Those above the threshold; when none is, the best one, as long as it tells the rows apart at all. */
function selectCandidates(candidates: readonly Candidate[], minIv: number): Candidate[] {
  const usable = candidates.filter(({ binned }) => binned.bins.filter((bin) => bin.count > 0).length > 1);
  if (usable.length === 0) {
    throw new AssayError('bad_input', {
      what: 'no column can be binned',
      given: `${candidates.length} columns, each with a single bin`,
      allowed: 'at least one column whose values part the rows in two groups of sufficient size',
      fix: 'add columns that vary, or rows',
    });
  }
  const strong = usable.filter(({ binned }) => binned.adjustedIv > minIv);
  if (strong.length > 0) return strong;
  return [usable.reduce((best, next) => (next.binned.adjustedIv > best.binned.adjustedIv ? next : best))];
}

function fitScorecard(
  train: TrainingSet,
  candidates: readonly Candidate[],
  l2: number,
  context: FitContext,
): FittedScorecard {
  const inputs = inputColumnsOf({ rowCount: train.frame.rowCount, columns: candidates.map(({ column }) => column) });
  const woes = candidates.map(({ column, binned }, i) => woeColumn(column, binned, inputs[i]!));
  let kept = candidates.map((_, i) => i);
  let start: LogisticRegression | undefined;
  for (;;) {
    const columns = kept.map((i) => woes[i]!);
    let regression = regress(train, columns, { l2, tolerance: SIGN_TOLERANCE, start }, context);
    let wrong = negativeOnes(regression.coefficients);
    if (wrong.length === 0 || kept.length === 1) {
      regression = regress(train, columns, { l2, start: regression }, context);
      wrong = negativeOnes(regression.coefficients);
    }
    if (wrong.length === 0 || kept.length === 1) {
      return assemble(
        kept.map((i) => ({ input: inputs[i]!, binned: candidates[i]!.binned })),
        regression,
      );
    }
    const dropped = new Set(wrong.slice(0, Math.min(kept.length - 1, Math.ceil(wrong.length * DROPPED_SHARE))));
    kept = kept.filter((_, at) => !dropped.has(at));
    start = { ...regression, coefficients: regression.coefficients.filter((_, at) => !dropped.has(at)) };
  }
}

/** Gradient per row at which signs are read while characteristics are dropped; the last fit is exact. */
const SIGN_TOLERANCE = 1e-4;
/** Of the characteristics with a negative coefficient, this share is dropped at once: others may turn when they are gone. */
const DROPPED_SHARE = 0.25;

/** Indices of the negative coefficients, the most negative first. */
function negativeOnes(coefficients: Float64Array): number[] {
  return Array.from(coefficients.keys())
    .filter((at) => coefficients[at]! < 0)
    .sort((a, b) => coefficients[a]! - coefficients[b]!);
}

function woeColumn(column: Column, binned: BinnedFeature, input: InputColumn): Float64Array {
  const binOf = binLookup(binned.bins, input);
  const woes = Float64Array.from([0, ...binned.bins.map((bin) => bin.woe)]);
  if (column.kind === 'numeric') return column.values.map((value) => woes[binOf(value) + 1]!);
  return Float64Array.from(column.codes, (code) => woes[binOf(code < 0 ? Number.NaN : code) + 1]!);
}

function regress(
  train: TrainingSet,
  columns: readonly Float64Array[],
  options: { readonly l2: number; readonly tolerance?: number; readonly start?: LogisticRegression | undefined },
  context: FitContext,
): LogisticRegression {
  return fitLogisticRegression({ rowCount: train.frame.rowCount, columns }, train.target, {
    l2: options.l2,
    ...(options.tolerance !== undefined && { tolerance: options.tolerance }),
    ...(options.start && { start: options.start }),
    ...(train.weights && { weights: train.weights }),
    ...(context.signal && { signal: context.signal }),
  });
}

function assemble(
  kept: readonly { readonly input: InputColumn; readonly binned: BinnedFeature }[],
  regression: LogisticRegression,
): FittedScorecard {
  const characteristics = kept.map(
    ({ binned }, i): Characteristic => ({
      feature: binned.feature,
      coefficient: regression.coefficients[i]!,
      standardError: regression.standardErrors[i]!,
      iv: binned.iv,
      bins: binned.bins,
    }),
  );
  return {
    kind: 'scorecard',
    inputs: kept.map(({ input }) => input),
    intercept: regression.intercept,
    characteristics,
    convergence: regression.convergence,
  };
}
