import { setImmediate } from 'node:timers/promises';
import { AssayError, inputColumnsOf, selectColumns } from '../../domain/index.ts';
import type { Estimator, FitContext, FittedLogistic, LogisticTerm, TrainingSet } from '../contract.ts';
import { countClasses } from '../trees/training-matrix.ts';
import { chooseL2 } from './choose-l2.ts';
import { buildDesign, planTerms } from './design.ts';
import { fitLogisticRegression } from './fit-logistic-regression.ts';

export type LogisticParameters = {
  /** Penalty on the squared standardized coefficients; null = chosen by 5-fold log loss where events are few, else 1. */
  readonly l2: number | null;
  readonly winsorShare: number;
  readonly logSkewness: number;
  readonly minLevelShare: number;
  readonly pieces: number;
};

const DEFAULTS: LogisticParameters = {
  l2: null,
  winsorShare: 0.005,
  logSkewness: 1,
  minLevelShare: 0.01,
  pieces: 1,
};

/** With more events than this per term the penalty hardly matters. */
const EVENTS_PER_TERM = 50;

/**
 * Logistic regression on standardized numbers (winsorised, ln(1 + x) where skewed) and dummies of levels, with flags for
 * missing values. The intercept is not penalised.
 */
export const logistic: Estimator<LogisticParameters> = {
  name: 'logistic',
  defaults: DEFAULTS,
  async fit(train, { parameters = {}, context }) {
    const settings = { ...DEFAULTS, ...parameters };
    const { events } = countClasses(train);
    const terms = planTerms(train.frame, settings);
    if (terms.length === 0) throw noUsableColumn(train);
    const used = new Set(terms.map(({ feature }) => feature));
    const frame = selectColumns(
      train.frame,
      train.frame.columns.map(({ name }) => name).filter((name) => used.has(name)),
    );
    const inputs = inputColumnsOf(frame);
    const design = buildDesign(frame, inputs, terms);
    const isAmple = events > EVENTS_PER_TERM * terms.length;
    const l2 = settings.l2 ?? (isAmple ? 1 : await chooseL2(design, train, context));
    await pause(context);
    const regression = fitLogisticRegression(design, train.target, {
      l2,
      ...(train.weights && { weights: train.weights }),
      ...(context.signal && { signal: context.signal }),
    });
    const means = columnMeans(design.values, design.width, train.weights);
    context.onProgress?.({ done: 1, total: 1, note: 'fitting the logistic regression' });
    return {
      kind: 'logistic',
      inputs,
      intercept: regression.intercept,
      terms: terms.map(
        (term, i): LogisticTerm => ({
          ...term,
          coefficient: regression.coefficients[i]!,
          standardError: regression.standardErrors[i]!,
          trainingMean: means[i]!,
        }),
      ),
      convergence: regression.convergence,
    } satisfies FittedLogistic;
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

async function pause(context: FitContext): Promise<void> {
  await setImmediate();
  if (context.signal?.aborted) throw new AssayError('cancelled', { what: 'fitting was cancelled' });
}

function columnMeans(values: Float64Array, width: number, weights?: Float64Array): Float64Array {
  const sums = new Float64Array(width);
  let total = 0;
  for (let row = 0, from = 0; from < values.length; row++, from += width) {
    const weight = weights ? weights[row]! : 1;
    total += weight;
    for (let j = 0; j < width; j++) sums[j]! += weight * values[from + j]!;
  }
  return sums.map((sum) => sum / total);
}
