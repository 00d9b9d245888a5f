import { setImmediate } from 'node:timers/promises';
import { AssayError } from '../../domain/index.ts';
import { fitLogisticRegression } from '../../estimators/index.ts';
import { designRows, type LinearDesign } from './linear-design.ts';

/** L2 penalty a row: enough for collinear columns, too little to matter otherwise. */
const L2_A_ROW = 1e-3;
const TOLERANCE = 1e-7;

export type Target = { readonly target: Uint8Array; readonly fold: ArrayLike<number>; readonly folds: number };

/**
 * Margins of a logistic regression, each row by a model that did not see its fold. Lets the event loop breathe between fits.
 * @throws AssayError cancelled when the signal fires
 */
export async function outOfFoldMargins(
  design: LinearDesign,
  { target, fold, folds }: Target,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const margins = new Float64Array(design.rowCount);
  for (let left = 0; left < folds; left++) {
    if (signal?.aborted) throw new AssayError('cancelled', { what: 'the fairness search was cancelled' });
    const isLeft = (row: number): boolean => fold[row] === left;
    const rows = Uint32Array.from({ length: design.rowCount }, (_, row) => row);
    const train = rows.filter((row) => !isLeft(row));
    const part = designRows(design, train);
    const options = { l2: L2_A_ROW * train.length, tolerance: TOLERANCE };
    const fit = fitLogisticRegression(
      part,
      Uint8Array.from(train, (row) => target[row]!),
      options,
    );
    for (const row of rows) if (isLeft(row)) margins[row] = marginOf(design, fit, row);
    await setImmediate();
  }
  return margins;
}

function marginOf(
  { columns }: LinearDesign,
  { intercept, coefficients }: { readonly intercept: number; readonly coefficients: Float64Array },
  row: number,
): number {
  let sum = intercept;
  for (let j = 0; j < columns.length; j++) sum += coefficients[j]! * columns[j]![row]!;
  return sum;
}
