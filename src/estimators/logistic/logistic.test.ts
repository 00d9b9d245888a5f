/**
 * Logistic regression: equality with scikit-learn (oracle.json, written by python/reference/logistic.py), the design, the
 * compiled form, and what is refused.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AssayError, type CategoricalColumn, type Frame, rowEncoder } from '../../domain/index.ts';
import type { FitContext, FittedLogistic, LogisticTerm, TrainingSet } from '../contract.ts';
import { mulberry32 } from '../trees/stratified-folds.ts';
import { compileLogistic, fitLogisticRegression, type LogisticParameters, logistic } from './index.ts';

const context: FitContext = { seed: 1, nthread: 1 };

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** A book with a number that drives default, one that does not, gaps and a category. */
function book(rows: number, seed = 5): TrainingSet {
  const random = mulberry32(seed);
  const [driver, noise] = [new Float64Array(rows), new Float64Array(rows)];
  const codes = new Int32Array(rows);
  const target = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    driver[row] = random() * 10;
    noise[row] = random() < 0.2 ? Number.NaN : Math.exp(4 * random());
    codes[row] = Math.floor(random() * 3.2) - (random() < 0.1 ? 4 : 0);
    if (codes[row]! < 0) codes[row] = -1;
    const margin = -3 + 0.5 * driver[row]! + (codes[row] === 1 ? 1 : 0);
    target[row] = random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  }
  const frame: Frame = {
    rowCount: rows,
    columns: [
      { kind: 'numeric', name: 'driver', values: driver },
      { kind: 'numeric', name: 'noise', values: noise },
      { kind: 'categorical', name: 'home', codes, levels: ['own', 'rent', 'other', 'boat'] },
    ],
  };
  return { frame, target };
}

async function fit(
  train: TrainingSet,
  parameters: Partial<LogisticParameters> = {},
  monotone?: FitContext['monotone'],
) {
  const fitted = await logistic.fit(train, { parameters, context: { ...context, ...(monotone && { monotone }) } });
  assert.equal(fitted.kind, 'logistic');
  return fitted as FittedLogistic;
}

describe('fitLogisticRegression', () => {
  const oracle: {
    width: number;
    design: number[];
    target: number[];
    weights: number[];
    cases: {
      l2: number;
      weighted: boolean;
      intercept: number;
      coefficients: number[];
      interceptStandardError: number;
      standardErrors: number[];
    }[];
  } = JSON.parse(readFileSync(new URL('oracle.json', import.meta.url), 'utf8'));
  const design = {
    rowCount: oracle.target.length,
    columns: Array.from({ length: oracle.width }, (_, j) =>
      Float64Array.from(oracle.target, (_, row) => oracle.design[row * oracle.width + j]!),
    ),
  };
  const target = Uint8Array.from(oracle.target);

  for (const expected of oracle.cases) {
    it(`has scikit-learn's coefficients and errors, l2 ${expected.l2}${expected.weighted ? ', weighted' : ''}`, () => {
      const found = fitLogisticRegression(design, target, {
        l2: expected.l2,
        ...(expected.weighted && { weights: Float64Array.from(oracle.weights) }),
      });
      near(found.intercept, expected.intercept, 1e-7);
      near(found.interceptStandardError, expected.interceptStandardError, 1e-7);
      expected.coefficients.forEach((coefficient, i) => {
        near(found.coefficients[i]!, coefficient, 1e-7);
        near(found.standardErrors[i]!, expected.standardErrors[i]!, 1e-7);
      });
      assert.ok(found.convergence.converged && found.convergence.gradientNorm < 1e-8);
    });
  }

  it('finds the same from another start', () => {
    const [a, b] = [0, 3].map((value) =>
      fitLogisticRegression(design, target, {
        l2: 1,
        start: { intercept: value, coefficients: new Float64Array(oracle.width).fill(value) },
      }),
    );
    b!.coefficients.forEach((coefficient, i) => {
      near(coefficient, a!.coefficients[i]!, 1e-8);
    });
  });

  it('says so when there is no optimum, and refuses terms that repeat each other', () => {
    const separable = { rowCount: 6, columns: [Float64Array.of(1, 2, 3, 4, 5, 6)] };
    const found = fitLogisticRegression(separable, Uint8Array.of(0, 0, 0, 1, 1, 1), { l2: 0, maxIterations: 5 });
    assert.equal(found.convergence.converged, false);
    const once = Float64Array.of(1, 2, 3, 4, 5, 6);
    const repeated = { rowCount: 6, columns: [once, once] };
    const labels = Uint8Array.of(0, 1, 0, 1, 0, 1);
    assert.throws(() => fitLogisticRegression(repeated, labels, { l2: 0 }), /collinear/);
    const shared = fitLogisticRegression(repeated, labels, { l2: 1 });
    near(shared.coefficients[0]!, shared.coefficients[1]!, 1e-9);
  });
});

describe('logistic', () => {
  it('finds the driver, flags what is missing, and takes the most frequent level as reference', async () => {
    const fitted = await fit(book(4000), { pieces: 1 });
    const term = (feature: string, kind: string) =>
      fitted.terms.find((one) => one.feature === feature && one.transform.kind === kind)!;
    const driver = term('driver', 'standardized');
    assert.ok(driver.coefficient / driver.standardError > 10);
    const noise = term('noise', 'standardized');
    assert.ok(Math.abs(noise.coefficient / noise.standardError) < 4);
    assert.ok(noise.transform.kind === 'standardized' && noise.transform.log1p);
    assert.ok(term('noise', 'is_missing') && term('home', 'is_missing'));
    const levels = fitted.terms.flatMap(({ transform }) => (transform.kind === 'is_level' ? [transform.level] : []));
    assert.equal(levels.length, 3);
    assert.ok(fitted.convergence.converged);
  });

  it('gives a level of eight rows its term in a large book, and keeps the most frequent 200 of many', async () => {
    const random = mulberry32(5);
    const levels = Array.from({ length: 260 }, (_, i) => `L${i}`);
    // 60 rows of each of the first 100 levels, 8 and 7 of the next two, the others once each
    const codes = Int32Array.from([
      ...Array.from({ length: 6000 }, (_, i) => i % 100),
      ...Array.from({ length: 15 }, (_, i) => (i < 8 ? 100 : 101)),
      ...Array.from({ length: 158 }, (_, i) => 102 + i),
    ]);
    const target = Uint8Array.from(codes, (code) => (random() < (code === 100 ? 0.9 : 0.1) ? 1 : 0));
    const termsOf = async (column: CategoricalColumn) => {
      const fitted = await fit({ frame: { rowCount: target.length, columns: [column] }, target });
      return fitted.terms.flatMap(({ transform }) => (transform.kind === 'is_level' ? [transform.level] : []));
    };
    const named = await termsOf({ kind: 'categorical', name: 'branch', levels, codes });
    assert.ok(named.includes('L100') && !named.includes('L101'));
    const many = codes.map((_, row) => row % 250);
    assert.equal((await termsOf({ kind: 'categorical', name: 'many', levels, codes: many })).length, 200);
  });

  it('follows a bend that one straight line cannot', async () => {
    const random = mulberry32(2);
    const values = Float64Array.from({ length: 3000 }, () => random() * 10);
    const target = Uint8Array.from(values, (x) => (random() < 0.1 + 0.02 * (x - 5) ** 2 ? 1 : 0));
    const train: TrainingSet = { frame: { rowCount: 3000, columns: [{ kind: 'numeric', name: 'x', values }] }, target };
    const spread = async (pieces: number) => {
      const compiled = compileLogistic(await fit(train, { pieces }));
      return Math.abs(compiled.margin(Float64Array.of(0.5)) - compiled.margin(Float64Array.of(5)));
    };
    assert.ok((await spread(1)) < 0.3);
    assert.ok((await spread(3)) > 1);
  });

  it('keeps a known direction', async () => {
    const train = book(2000);
    const against = await fit(train, {}, { driver: 'decreasing' });
    assert.ok(against.terms.every(({ feature }) => feature !== 'driver'));
    const { frame, target } = train;
    const alone: TrainingSet = { frame: { ...frame, columns: frame.columns.slice(0, 1) }, target };
    const last = await fit(alone, {}, { driver: 'decreasing' });
    assert.ok(last.terms.length === 1 && last.convergence.converged, 'the last term stays, fitted exactly');
    const along = compileLogistic(await fit(train, {}, { driver: 'increasing', noise: 'decreasing' }));
    const at = (driver: number, noise: number) => along.margin(Float64Array.of(driver, noise, 0));
    for (let x = 0; x < 10; x += 0.5) {
      assert.ok(at(x + 0.5, 5) >= at(x, 5));
      assert.ok(at(5, x + 0.5) <= at(5, x));
    }
  });

  it('scores by its formula: clamped, on the log scale where skewed, standardized; missing at its place; levels by name', () => {
    const piece = { kind: 'standardized', log1p: true, lower: 1, upper: 7, mean: 0.5, scale: 2, missing: 0.9 } as const;
    const straight = { ...piece, log1p: false } as const;
    const term = (feature: string, transform: LogisticTerm['transform'], coefficient: number): LogisticTerm => ({
      feature,
      transform,
      coefficient,
      standardError: 0,
      trainingMean: 0,
    });
    const { margin } = compileLogistic({
      kind: 'logistic',
      inputs: [
        { kind: 'numeric', name: 'a' },
        { kind: 'categorical', name: 'b', levels: ['p', 'q'] },
      ],
      intercept: 10,
      terms: [
        term('a', piece, 2),
        term('a', straight, 4),
        term('a', { kind: 'is_missing' }, 100),
        term('b', { kind: 'is_level', level: 'q' }, 1000),
      ],
      convergence: { converged: true, iterations: 1, gradientNorm: 0 },
    });
    near(margin(Float64Array.of(3, 0)), 10 + (Math.log(4) - 0.5) + 2 * (3 - 0.5), 1e-12);
    near(margin(Float64Array.of(0, 0)), 10 + (Math.log(2) - 0.5) + 2 * (1 - 0.5), 1e-12);
    near(margin(Float64Array.of(99, 1)), 1010 + (Math.log(8) - 0.5) + 2 * (7 - 0.5), 1e-12);
    near(margin(Float64Array.of(Number.NaN, Number.NaN)), 110 + 0.4 + 2 * 0.4, 1e-12);
  });

  it('attributes every margin exactly, against the mean margin of the training rows', async () => {
    const train = book(800);
    const compiled = compileLogistic(await fit(train));
    const encode = rowEncoder(compiled.inputs, train.frame);
    const [row, out] = [new Float64Array(compiled.inputs.length), new Float64Array(compiled.inputs.length)];
    let mean = 0;
    for (let i = 0; i < train.frame.rowCount; i++) mean += compiled.margin(encode(i, row)) / train.frame.rowCount;
    near(compiled.attribute(row, out), mean, 1e-9);
    const any = fc.double();
    fc.assert(
      fc.property(any, any, fc.constantFrom(Number.NaN, 0, 1, 2, 3), (driver, noise, home) => {
        row.set([driver, noise, home]);
        const bias = compiled.attribute(row, out);
        near(
          out.reduce((sum, part) => sum + part, bias),
          compiled.margin(row),
          1e-12,
        );
      }),
    );
  });

  it('is the same twice, and stops when told to', async () => {
    assert.deepEqual(await fit(book(500)), await fit(book(500)));
    const signal = AbortSignal.abort();
    await assert.rejects(logistic.fit(book(500), { context: { ...context, signal } }), { code: 'cancelled' });
  });

  it('refuses one class, and columns that do not vary', async () => {
    const { frame, target } = book(100);
    const oneClass = { frame, target: new Uint8Array(100) };
    await assert.rejects(fit(oneClass), (error) => error instanceof AssayError && error.code === 'bad_input');
    const constant: Frame = {
      rowCount: 100,
      columns: [{ kind: 'numeric', name: 'x', values: new Float64Array(100).fill(3) }],
    };
    await assert.rejects(fit({ frame: constant, target }), /no column can be used/);
  });
});
