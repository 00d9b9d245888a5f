import { setImmediate } from 'node:timers/promises';
import type { FitContext, TrainingSet } from '../contract.ts';
import { stratifiedFolds } from '../trees/stratified-folds.ts';
import { type Design, type Solution, solveLogisticRegression } from './fit-logistic-regression.ts';

/** Half-decades from hardly any to strong. */
const GRID = [0.3, 1, 3, 10, 30, 100];
/** For large designs: a step decides less, and costs more. */
const WIDE_GRID = [1, 10, 100];
const FOLDS = 5;

/** Steps from one penalty to the next; more means separable folds, where the last digits say nothing. */
const MAX_STEPS = 20;
/** Multiplications of one Newton step above which one held-out fifth has to do: with that many rows it says enough. */
const COSTLY_STEP = 50_000_000;

/** The penalty of the grid with the smallest log loss over five folds of the training rows (large designs: over one of the five). */
export async function chooseL2(design: Design, train: TrainingSet, context: FitContext): Promise<number> {
  const assignment = stratifiedFolds(train.target, FOLDS, context.seed);
  const isCostly = design.rowCount * design.columns.length ** 2 > COSTLY_STEP;
  const folds = isCostly ? 1 : FOLDS;
  const grid = isCostly ? WIDE_GRID : GRID;
  const losses = new Float64Array(grid.length);
  for (let fold = 0; fold < folds; fold++) {
    await setImmediate(); // lets a cancel through
    const inner = rowsOfFold(design, train, assignment, (at) => at !== fold);
    const heldOut = rowsOfFold(design, train, assignment, (at) => at === fold);
    let start: Solution | undefined;
    for (let i = grid.length - 1; i >= 0; i--) {
      start = solveLogisticRegression(inner.design, inner.target, {
        // The folds are smaller than the whole, so the penalty is taken down in proportion.
        l2: (grid[i]! * inner.design.rowCount) / design.rowCount,
        tolerance: 1e-4,
        maxIterations: MAX_STEPS,
        ...(start && { start }),
        ...(inner.weights && { weights: inner.weights }),
        ...(context.signal && { signal: context.signal }),
      });
      losses[i]! += totalLoss(start, heldOut);
    }
    context.onProgress?.({ done: fold + 1, total: folds + 1, note: 'choosing the penalty' });
  }
  return grid[losses.indexOf(Math.min(...losses))]!;
}

type Rows = { readonly design: Design; readonly target: Uint8Array; readonly weights: Float64Array | undefined };

function rowsOfFold(design: Design, train: TrainingSet, assignment: Uint8Array, keep: (fold: number) => boolean): Rows {
  const rows: number[] = [];
  for (let row = 0; row < assignment.length; row++) if (keep(assignment[row]!)) rows.push(row);
  const { weights } = train;
  return {
    design: {
      rowCount: rows.length,
      columns: design.columns.map((values) => Float64Array.from(rows, (row) => values[row]!)),
    },
    target: Uint8Array.from(rows, (row) => train.target[row]!),
    weights: weights && Float64Array.from(rows, (row) => weights[row]!),
  };
}

function totalLoss({ intercept, coefficients }: Solution, { design, target, weights }: Rows): number {
  const margins = new Float64Array(design.rowCount).fill(intercept);
  design.columns.forEach((values, j) => {
    for (let row = 0; row < values.length; row++) margins[row]! += coefficients[j]! * values[row]!;
  });
  let loss = 0;
  margins.forEach((margin, row) => {
    const signed = target[row] === 1 ? -margin : margin;
    const softplus = signed > 0 ? signed + Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed));
    loss += (weights ? weights[row]! : 1) * softplus;
  });
  return loss;
}
