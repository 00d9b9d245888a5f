import { setImmediate } from 'node:timers/promises';
import { AssayError, inputColumnsOf, selectColumns } from '../../domain/index.ts';
import type { Estimator, FitContext, FittedLogistic, LogisticTerm, TrainingSet } from '../contract.ts';
import { countClasses } from '../trees/training-matrix.ts';
import { chooseL2 } from './choose-l2.ts';
import { buildDesign, planTerms, type TermPlan, withoutTerms } from './design.ts';
import {
  type Design,
  fitLogisticRegression,
  type LogisticRegression,
  roughStandardErrors,
  type Solution,
  solveLogisticRegression,
} from './fit-logistic-regression.ts';

export type LogisticParameters = {
  /** Penalty on the squared standardized coefficients; null = chosen by 5-fold log loss where defaults are few, else 1. */
  readonly l2: number | null;
  /** Numbers are cut off at this share of rows on either side. */
  readonly winsorShare: number;
  /** Numbers that are never negative are taken as ln(1 + x) above this skewness. */
  readonly logSkewness: number;
  /** Levels with a smaller share of rows, and fewer than eight rows, count as the reference level. */
  readonly minLevelShare: number;
  /** Pieces of the broken line a number may follow, of about equal row counts; 1 = a straight line. */
  readonly pieces: number;
};

const DEFAULTS: LogisticParameters = {
  l2: null,
  winsorShare: 0.005,
  logSkewness: 1,
  minLevelShare: 0.01,
  pieces: 3,
};

/** With more defaults (or non-defaults) than this per term the penalty hardly matters. */
const EVENTS_PER_TERM = 25;

/**
 * Logistic regression on standardized numbers (winsorised, ln(1 + x) where skewed, each a broken line of a few pieces) and
 * dummies of levels, with flags for missing values. The intercept is not penalised. Where the context knows the direction
 * of pd in a number, pieces that go the other way are left out, the most certain first, until none does.
 */
export const logistic: Estimator<LogisticParameters> = {
  name: 'logistic',
  defaults: DEFAULTS,
  async fit(train, { parameters = {}, context }) {
    const settings = { ...DEFAULTS, ...parameters };
    const { events } = countClasses(train);
    const planned = planTerms(train.frame, settings);
    if (planned.length === 0) throw noUsableColumn(train);
    const design = buildDesign(train.frame, inputColumnsOf(train.frame), planned);
    const isAmple = events > EVENTS_PER_TERM * planned.length;
    const l2 = settings.l2 ?? (isAmple ? 1 : await chooseL2(design, train, context));
    const fitted = await fitDirected(train, { terms: planned, design }, l2, context);
    context.onProgress?.({ done: 1, total: 1, note: 'fitting the logistic regression' });
    return { ...fitted, settled: { l2 } };
  },
};

function noUsableColumn(train: TrainingSet): AssayError {
  return new AssayError('bad_input', {
    what: 'no column can be used',
    given: `${train.frame.columns.length} columns, none of which varies`,
    allowed: 'at least one column with two different values',
    fix: 'add columns that vary',
  });
}

/** Gradient per row at which signs are read while terms are dropped; the last fit is exact. */
const SIGN_TOLERANCE = 1e-4;
/** Of the terms that go the wrong way, this share is dropped at once, the most certain first: others may turn when they are gone. */
const DROPPED_SHARE = 0.25;

type Planned = { readonly terms: readonly TermPlan[]; readonly design: Design };

async function fitDirected(
  train: TrainingSet,
  planned: Planned,
  l2: number,
  context: FitContext,
): Promise<FittedLogistic> {
  const { weights, target } = train;
  const options = { l2, ...(weights && { weights }), ...(context.signal && { signal: context.signal }) };
  let start: Solution | undefined;
  for (let { terms, design } = planned; ; ) {
    await setImmediate(); // lets a cancel through
    if (context.signal?.aborted) throw new AssayError('cancelled', { what: 'fitting was cancelled' });
    const rough = solveLogisticRegression(design, target, {
      ...options,
      tolerance: SIGN_TOLERANCE,
      ...(start && { start }),
    });
    let wrong = wrongWay(terms, rough.coefficients, roughStandardErrors(rough, l2), context.monotone ?? {});
    if (wrong.length === 0 || terms.length === 1) {
      const fitted = fitLogisticRegression(design, target, { ...options, start: rough });
      wrong = wrongWay(terms, fitted.coefficients, fitted.standardErrors, context.monotone ?? {});
      if (wrong.length === 0 || terms.length === 1) return assemble(train, { terms, design }, fitted);
    }
    const dropped = new Set(wrong.slice(0, Math.min(terms.length - 1, Math.ceil(wrong.length * DROPPED_SHARE))));
    terms = terms.filter((_, at) => !dropped.has(at));
    design = withoutTerms(design, dropped);
    start = withoutCoefficients(rough, dropped);
  }
}

/** The solution of the same rows when some terms have no effect: near that without them, and so is its curvature. */
function withoutCoefficients(solution: Solution, dropped: ReadonlySet<number>): Solution {
  const { coefficients, curvature } = solution;
  const size = coefficients.length + 1;
  const kept = Array.from({ length: size }, (_, at) => at).filter((at) => !dropped.has(at - 1));
  const reduced = new Float64Array(kept.length ** 2);
  kept.forEach((row, a) => {
    for (let b = 0; b <= a; b++) reduced[a * kept.length + b] = curvature[row * size + kept[b]!]!;
  });
  return { ...solution, coefficients: coefficients.filter((_, at) => !dropped.has(at)), curvature: reduced };
}

/** Indices of the pieces that go against the known direction, by the most standard errors first. */
function wrongWay(
  terms: readonly TermPlan[],
  coefficients: Float64Array,
  standardErrors: Float64Array,
  monotone: NonNullable<FitContext['monotone']>,
): number[] {
  const zs = terms.map(({ feature, transform }, at) => {
    const direction = transform.kind === 'standardized' ? monotone[feature] : undefined;
    if (!direction) return 0;
    return ((direction === 'increasing' ? 1 : -1) * coefficients[at]!) / standardErrors[at]!;
  });
  return terms
    .map((_, at) => at)
    .filter((at) => zs[at]! < 0)
    .sort((a, b) => zs[a]! - zs[b]!);
}

function assemble(train: TrainingSet, { terms, design }: Planned, regression: LogisticRegression): FittedLogistic {
  const used = new Set(terms.map(({ feature }) => feature));
  const names = train.frame.columns.map(({ name }) => name).filter((name) => used.has(name));
  return {
    kind: 'logistic',
    inputs: inputColumnsOf(selectColumns(train.frame, names)),
    intercept: regression.intercept,
    terms: terms.map(
      (term, i): LogisticTerm => ({
        ...term,
        coefficient: regression.coefficients[i]!,
        standardError: regression.standardErrors[i]!,
        trainingMean: weightedMean(design.columns[i]!, train.weights),
      }),
    ),
    convergence: regression.convergence,
  };
}

function weightedMean(values: Float64Array, weights?: Float64Array): number {
  let [sum, total] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const weight = weights ? weights[row]! : 1;
    total += weight;
    sum += weight * values[row]!;
  }
  return sum / total;
}
