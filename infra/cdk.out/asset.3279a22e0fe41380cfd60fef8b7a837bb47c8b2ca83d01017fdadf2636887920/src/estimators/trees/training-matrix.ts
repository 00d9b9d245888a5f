import { AssayError, type Frame } from '../../domain/index.ts';
import type { BoosterMatrix } from '../../platform/index.ts';
import type { FitContext, TrainingSet } from '../contract.ts';

const LARGEST_FLOAT32 = 3.4028234663852886e38;

/**
 * Row-major float32 matrix of a frame; missing (NaN, code -1) stays missing. libxgboost refuses infinities: they become the
 * largest float32 of their sign, which falls on the same side of every split.
 */
export function boosterMatrix(frame: Frame, target?: Uint8Array, weights?: Float64Array): BoosterMatrix {
  const columnCount = frame.columns.length;
  const values = new Float32Array(frame.rowCount * columnCount);
  frame.columns.forEach((column, c) => {
    for (let row = 0, at = c; row < frame.rowCount; row++, at += columnCount) {
      if (column.kind === 'numeric') {
        const value = column.values[row]!;
        values[at] = Math.max(-LARGEST_FLOAT32, Math.min(LARGEST_FLOAT32, value));
      } else values[at] = column.codes[row]! < 0 ? Number.NaN : column.codes[row]!;
    }
  });
  return {
    values,
    rowCount: frame.rowCount,
    columnCount,
    featureNames: frame.columns.map((column) => column.name),
    featureTypes: frame.columns.map((column) => (column.kind === 'categorical' ? 'c' : 'q')),
    ...(target && { labels: Float32Array.from(target) }),
    ...(weights && { weights: Float32Array.from(weights) }),
  };
}

/** Weighted rows by class. `events` is the smaller class: what limits how much a model can learn. */
export type ClassCounts = { readonly rows: number; readonly events: number; readonly prevalence: number };

/** @throws AssayError bad_input for one class only or no column. */
export function countClasses(train: TrainingSet): ClassCounts {
  const { target, weights, frame } = train;
  let defaults = 0;
  let weight = 0;
  let defaultWeight = 0;
  for (let i = 0; i < target.length; i++) {
    const w = weights ? weights[i]! : 1;
    weight += w;
    if (target[i] === 1) {
      defaults++;
      defaultWeight += w;
    }
  }
  if (frame.columns.length === 0) {
    throw new AssayError('bad_input', { what: 'no column to train on', fix: 'keep at least one feature column' });
  }
  const isOneClass = !(defaultWeight > 0 && defaultWeight < weight);
  if (isOneClass || target.length !== frame.rowCount) {
    throw new AssayError('bad_input', {
      what: 'the training rows cannot be learnt from',
      given: `${frame.rowCount} rows, ${target.length} labels, ${defaults} defaults`,
      allowed: 'one label per row, and both defaulted and non-defaulted rows',
      fix: 'check the target column and the value that means default',
    });
  }
  return {
    rows: target.length,
    events: Math.min(defaults, target.length - defaults),
    prevalence: defaultWeight / weight,
  };
}

/** libxgboost's `monotone_constraints`, or nothing when no feature has a known direction. Categorical columns stay free. */
export function monotoneParameter(frame: Frame, monotone: FitContext['monotone']): Record<string, string> {
  const signs = frame.columns.map((column) => {
    const direction = column.kind === 'numeric' ? monotone?.[column.name] : undefined;
    return direction === 'increasing' ? 1 : direction === 'decreasing' ? -1 : 0;
  });
  return signs.some((sign) => sign !== 0) ? { monotone_constraints: `(${signs.join(',')})` } : {};
}
