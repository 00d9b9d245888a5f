import { AssayError } from '../../domain/index.ts';
import type { Convergence } from '../contract.ts';
import { factorize, inverseDiagonal, solve } from './cholesky.ts';

/** Row-major, without a column for the intercept: `values[row * width + term]`. */
export type Design = { readonly rowCount: number; readonly width: number; readonly values: Float64Array };

export type RegressionOptions = {
  /** Penalty l2 / 2 * sum(coefficient^2) on the summed log loss; the intercept is free. scikit-learn's C is 1 / l2. */
  readonly l2: number;
  readonly weights?: Float64Array;
  readonly maxIterations?: number;
  /** Stops when no component of the gradient per row is larger. */
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
  /** A solution near the one looked for; default: no term has any effect. */
  readonly start?: { readonly intercept: number; readonly coefficients: Float64Array };
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
 * Logistic regression by Newton's method (IRLS), each step a Cholesky solve, halved while it does not lower the loss:
 * minimises sum w (ln(1 + e^m) - y m) + l2/2 |b|^2 with m = intercept + X b.
 * Perfectly separable data with l2 = 0 have no optimum: the result says `converged: false`.
 * @throws AssayError cancelled when the signal fires; bad_input for collinear terms with l2 = 0.
 */
export function fitLogisticRegression(
  design: Design,
  target: Uint8Array,
  options: RegressionOptions,
): LogisticRegression {
  const { maxIterations = 50, tolerance = 1e-10 } = options;
  const problem = createProblem(design, target, options);
  let current = startingPoint(problem, options.start);
  let iterations = 0;
  for (; iterations < maxIterations && !(current.gradientNorm <= tolerance); iterations++) {
    if (options.signal?.aborted) throw new AssayError('cancelled', { what: 'fitting was cancelled' });
    const next = improve(problem, current);
    if (!next) break;
    current = next;
  }
  return conclude(problem, current, iterations, tolerance);
}

/** Index 0 of every vector is the intercept. */
type Problem = {
  readonly design: Design;
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
  /** Lower triangle, row-major. */
  readonly hessian: Float64Array;
  /** Largest component of the gradient, per unit of weight. */
  readonly gradientNorm: number;
};

function createProblem(design: Design, target: Uint8Array, options: RegressionOptions): Problem {
  const { weights, l2 } = options;
  const totalWeight = weights ? weights.reduce((sum, weight) => sum + weight, 0) : design.rowCount;
  return { design, target, weights, l2, size: design.width + 1, totalWeight };
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

/** Loss, gradient and Hessian in one pass over the rows. */
function evaluate(problem: Problem, beta: Float64Array): Point {
  const { design, target, weights, size } = problem;
  const { values, width, rowCount } = design;
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  // Dummies are mostly 0: a row costs the square of its terms that are not.
  const filled = new Int32Array(width);
  let loss = 0;
  for (let row = 0, from = 0; row < rowCount; row++, from += width) {
    let margin = beta[0]!;
    let count = 0;
    for (let j = 0; j < width; j++) {
      const value = values[from + j]!;
      if (value === 0) continue;
      filled[count++] = j;
      margin += value * beta[j + 1]!;
    }
    const weight = weights ? weights[row]! : 1;
    const label = target[row]!;
    const pd = 1 / (1 + Math.exp(-margin));
    loss += weight * (softplus(margin) - label * margin);
    const residual = weight * (pd - label);
    const curvature = weight * pd * (1 - pd);
    gradient[0]! += residual;
    hessian[0]! += curvature;
    for (let a = 0; a < count; a++) {
      const j = filled[a]!;
      const value = values[from + j]!;
      const scaled = curvature * value;
      const line = (j + 1) * size;
      gradient[j + 1]! += residual * value;
      hessian[line]! += scaled;
      for (let b = 0; b <= a; b++) hessian[line + filled[b]! + 1]! += scaled * values[from + filled[b]!]!;
    }
  }
  return penalized(problem, { beta, loss, gradient, hessian });
}

function penalized(problem: Problem, point: Omit<Point, 'gradientNorm'>): Point {
  const { beta, gradient, hessian } = point;
  let loss = point.loss;
  let largest = Math.abs(gradient[0]!);
  for (let j = 1; j < problem.size; j++) {
    loss += 0.5 * problem.l2 * beta[j]! * beta[j]!;
    gradient[j]! += problem.l2 * beta[j]!;
    hessian[j * problem.size + j]! += problem.l2;
    largest = Math.max(largest, Math.abs(gradient[j]!));
  }
  return { beta, loss, gradient, hessian, gradientNorm: largest / problem.totalWeight };
}

function softplus(margin: number): number {
  return margin > 0 ? margin + Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin));
}

const MAX_HALVINGS = 30;

/** One Newton step, or undefined when no part of it lowers the loss: the optimum to working precision. */
function improve(problem: Problem, from: Point): Point | undefined {
  const step = Float64Array.from(from.gradient);
  solve(factorOf(problem, from), problem.size, step);
  for (let halving = 0, share = 1; halving < MAX_HALVINGS; halving++, share /= 2) {
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

function factorOf(problem: Problem, point: Point): Float64Array {
  const factor = Float64Array.from(point.hessian);
  if (factorize(factor, problem.size)) return factor;
  throw new AssayError('bad_input', {
    what: 'the terms of the logistic regression are collinear or perfectly separate the classes',
    given: `${problem.design.width} terms, l2 = ${problem.l2}`,
    allowed: 'terms that are linearly independent, or l2 > 0',
    fix: 'raise l2, or drop a repeated column',
  });
}

function conclude(problem: Problem, point: Point, iterations: number, tolerance: number): LogisticRegression {
  const variances = inverseDiagonal(factorOf(problem, point), problem.size);
  const standardErrors = variances.map((variance) => Math.sqrt(variance));
  return {
    intercept: point.beta[0]!,
    coefficients: point.beta.slice(1),
    standardErrors: standardErrors.slice(1),
    interceptStandardError: standardErrors[0]!,
    convergence: {
      // A step that no longer lowers the loss ends the search a little above the tolerance: still the optimum.
      converged: point.gradientNorm <= Math.max(tolerance, 1e-8),
      iterations,
      gradientNorm: point.gradientNorm,
    },
  };
}
