import { AssayError } from '../../domain/index.ts';
import type { Convergence } from '../contract.ts';
import { factorize, inverseDiagonal, solve } from './cholesky.ts';
import { type GramColumn, gramColumn, weightedGram } from './gram.ts';

/** One column of values a term, without one for the intercept. */
export type Design = { readonly rowCount: number; readonly columns: readonly Float64Array[] };

export type RegressionOptions = {
  /** Penalty l2 / 2 * sum(coefficient^2) on the summed log loss; the intercept is free. scikit-learn's C is 1 / l2. */
  readonly l2: number;
  readonly weights?: Float64Array;
  readonly maxIterations?: number;
  /** Stops when no component of the gradient per row is larger. */
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
  /** A solution near the one looked for, if known with the curvature there; default: no term has any effect. */
  readonly start?: Pick<Solution, 'intercept' | 'coefficients'> & Partial<Pick<Solution, 'curvature'>>;
};

export type Solution = {
  readonly intercept: number;
  readonly coefficients: Float64Array;
  /**
   * X' W X without the penalty, where it was last computed on the way: at or near the solution. The intercept comes first;
   * lower triangle, row-major.
   */
  readonly curvature: Float64Array;
  readonly convergence: Convergence;
};

export type LogisticRegression = {
  readonly intercept: number;
  readonly coefficients: Float64Array;
  /** Of the coefficients, from the inverse of the penalised Hessian at the optimum. */
  readonly standardErrors: Float64Array;
  readonly interceptStandardError: number;
  readonly convergence: Convergence;
};

/**
 * Logistic regression with standard errors:
 * minimises sum w (ln(1 + e^m) - y m) + l2/2 |b|^2 with m = intercept + X b.
 * Perfectly separable data with l2 = 0 have no optimum: the result says `converged: false`.
 * @throws AssayError cancelled when the signal fires; bad_input for collinear terms with l2 = 0.
 */
export function fitLogisticRegression(
  design: Design,
  target: Uint8Array,
  options: RegressionOptions,
): LogisticRegression {
  const problem = createProblem(design, target, options);
  const { point, convergence } = minimize(problem, options);
  const errors = standardErrors(problem, curvatureAt(problem, point));
  const { intercept, coefficients } = partsOf(point.beta);
  return {
    intercept,
    coefficients,
    standardErrors: errors.slice(1),
    interceptStandardError: errors[0]!,
    convergence,
  };
}

/** The same optimum without its standard errors, which cost another pass over all pairs of terms. */
export function solveLogisticRegression(design: Design, target: Uint8Array, options: RegressionOptions): Solution {
  const { point, curvature, convergence } = minimize(createProblem(design, target, options), options);
  return { ...partsOf(point.beta), curvature, convergence };
}

/** Standard errors of the coefficients by the curvature that a solution came with: exact as far as that lies at the optimum. */
export function roughStandardErrors({ curvature, coefficients }: Solution, l2: number): Float64Array {
  const size = coefficients.length + 1;
  return standardErrors({ size, l2 }, curvature).slice(1);
}

/** Index 0 of every vector is the intercept. */
type Problem = {
  readonly columns: readonly GramColumn[];
  readonly target: Uint8Array;
  readonly weights: Float64Array | undefined;
  readonly l2: number;
  readonly size: number;
  readonly totalWeight: number;
};

type Point = {
  readonly beta: Float64Array;
  readonly loss: number;
  readonly gradient: Float64Array;
  /** Of each row: weight * pd * (1 - pd). */
  readonly rowCurvature: Float64Array;
  /** Largest component of the gradient, per unit of weight. */
  readonly gradientNorm: number;
};

function createProblem({ rowCount, columns }: Design, target: Uint8Array, options: RegressionOptions): Problem {
  const { weights, l2 } = options;
  const totalWeight = weights ? weights.reduce((sum, weight) => sum + weight, 0) : rowCount;
  const ones = new Float64Array(rowCount).fill(1);
  return { columns: [ones, ...columns].map(gramColumn), target, weights, l2, size: columns.length + 1, totalWeight };
}

/** Without a start: intercept at the log-odds of the overall rate, other coefficients 0. */
function startingPoint(problem: Problem, start: RegressionOptions['start']): Point {
  if (start) return evaluate(problem, Float64Array.of(start.intercept, ...start.coefficients));
  const { target, weights, totalWeight } = problem;
  let defaults = 0;
  for (let i = 0; i < target.length; i++) if (target[i] === 1) defaults += weights ? weights[i]! : 1;
  const beta = new Float64Array(problem.size);
  beta[0] = Math.log(defaults / (totalWeight - defaults));
  return evaluate(problem, beta);
}

/** A step that leaves more of the gradient than this share asks for the curvature anew; one with an old curvature costs little. */
const SLOW_SHARE = 0.3;

type Minimum = { readonly point: Point; readonly curvature: Float64Array; readonly convergence: Convergence };

/**
 * Newton's method (IRLS), each step a Cholesky solve, halved while it does not lower the loss. The curvature, which costs the
 * square of the terms, is computed again only when a step with the old one no longer takes most of the gradient away.
 */
function minimize(problem: Problem, options: RegressionOptions): Minimum {
  const { maxIterations = 50, tolerance = 1e-10, start, signal } = options;
  let point = startingPoint(problem, start);
  let curvature = start?.curvature ?? curvatureAt(problem, point);
  let factor = factorOf(problem, curvature);
  let isFresh = start?.curvature === undefined;
  let iterations = 0;
  while (iterations < maxIterations && !(point.gradientNorm <= tolerance)) {
    if (signal?.aborted) throw new AssayError('cancelled', { what: 'fitting was cancelled' });
    const next = improve(problem, point, factor, isFresh ? MAX_HALVINGS : 1);
    if (!next && isFresh) break;
    const isSlow = !next || next.gradientNorm > SLOW_SHARE * point.gradientNorm;
    if (next) {
      point = next;
      isFresh = false;
      iterations++;
    }
    if (!isSlow || point.gradientNorm <= tolerance) continue;
    curvature = curvatureAt(problem, point);
    factor = factorOf(problem, curvature);
    isFresh = true;
  }
  return { point, curvature, convergence: convergenceOf(point, iterations, tolerance) };
}

/** Loss and gradient; term by term, as the columns lie. */
function evaluate(problem: Problem, beta: Float64Array): Point {
  const { columns, target, weights, size } = problem;
  const margins = new Float64Array(target.length);
  columns.forEach((column, j) => {
    addScaled(margins, column, beta[j]!);
  });
  const residuals = new Float64Array(target.length);
  const rowCurvature = new Float64Array(target.length);
  let loss = 0;
  for (let row = 0; row < target.length; row++) {
    const margin = margins[row]!;
    const weight = weights ? weights[row]! : 1;
    const label = target[row]!;
    const pd = 1 / (1 + Math.exp(-margin));
    loss += weight * (softplus(margin) - label * margin);
    residuals[row] = weight * (pd - label);
    rowCurvature[row] = weight * pd * (1 - pd);
  }
  const gradient = new Float64Array(size);
  columns.forEach((column, j) => {
    gradient[j] = product(column, residuals);
  });
  return penalized(problem, { beta, loss, gradient, rowCurvature });
}

function addScaled(sums: Float64Array, { values, filled }: GramColumn, factor: number): void {
  if (factor === 0) return;
  if (filled) for (let k = 0; k < filled.length; k++) sums[filled[k]!]! += factor * values[filled[k]!]!;
  else for (let row = 0; row < values.length; row++) sums[row]! += factor * values[row]!;
}

function product({ values, filled }: GramColumn, others: Float64Array): number {
  let sum = 0;
  if (filled) for (let k = 0; k < filled.length; k++) sum += values[filled[k]!]! * others[filled[k]!]!;
  else for (let row = 0; row < values.length; row++) sum += values[row]! * others[row]!;
  return sum;
}

function penalized(problem: Problem, point: Omit<Point, 'gradientNorm'>): Point {
  const { beta, gradient } = point;
  let loss = point.loss;
  let largest = Math.abs(gradient[0]!);
  for (let j = 1; j < problem.size; j++) {
    loss += 0.5 * problem.l2 * beta[j]! * beta[j]!;
    gradient[j]! += problem.l2 * beta[j]!;
    largest = Math.max(largest, Math.abs(gradient[j]!));
  }
  return { ...point, loss, gradientNorm: largest / problem.totalWeight };
}

function softplus(margin: number): number {
  return margin > 0 ? margin + Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin));
}

const MAX_HALVINGS = 30;

/** One Newton step, or undefined when no part of it lowers the loss: with a fresh curvature, the optimum to working precision. */
function improve(problem: Problem, from: Point, factor: Float64Array, maxHalvings: number): Point | undefined {
  const step = Float64Array.from(from.gradient);
  solve(factor, problem.size, step);
  for (let halving = 0, share = 1; halving < maxHalvings; halving++, share /= 2) {
    const beta = from.beta.map((value, j) => value - share * step[j]!);
    const next = evaluate(problem, beta);
    if (next.loss < from.loss || (next.loss <= from.loss && next.gradientNorm < from.gradientNorm)) return next;
    // At the optimum the loss no longer resolves a step that still improves the gradient.
    if (halving === 0 && next.gradientNorm < 0.5 * from.gradientNorm && isSame(next.loss, from.loss)) return next;
  }
  return undefined;
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(b));
}

function curvatureAt(problem: Problem, point: Point): Float64Array {
  return weightedGram(problem.columns, point.rowCurvature);
}

function factorOf({ size, l2 }: Pick<Problem, 'size' | 'l2'>, curvature: Float64Array): Float64Array {
  const factor = Float64Array.from(curvature);
  for (let j = 1; j < size; j++) factor[j * size + j]! += l2;
  if (factorize(factor, size)) return factor;
  throw new AssayError('bad_input', {
    what: 'the terms of the logistic regression are collinear or perfectly separate the classes',
    given: `${size - 1} terms, l2 = ${l2}`,
    allowed: 'terms that are linearly independent, or l2 > 0',
    fix: 'raise l2, or drop a repeated column',
  });
}

function standardErrors(problem: Pick<Problem, 'size' | 'l2'>, curvature: Float64Array): Float64Array {
  return inverseDiagonal(factorOf(problem, curvature), problem.size).map((variance) => Math.sqrt(variance));
}

function partsOf(beta: Float64Array): Pick<Solution, 'intercept' | 'coefficients'> {
  return { intercept: beta[0]!, coefficients: beta.slice(1) };
}

function convergenceOf({ gradientNorm }: Point, iterations: number, tolerance: number): Convergence {
  // A step that no longer lowers the loss ends the search a little above the tolerance: still the optimum.
  return { converged: gradientNorm <= Math.max(tolerance, 1e-8), iterations, gradientNorm };
}
