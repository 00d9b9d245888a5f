/** Scorecard: what it keeps and drops, exact attributions, and a points table that adds up to the score. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AssayError, type Frame, rowEncoder } from '../../domain/index.ts';
import { applyCalibration } from '../calibration/index.ts';
import type { FitContext, FittedScorecard, TrainingSet } from '../contract.ts';
import { DEFAULT_SCALE, scoreOf } from '../scale/index.ts';
import { mulberry32 } from '../trees/stratified-folds.ts';
import { binLookup, compileScorecard, pointsTable, type ScorecardParameters, scorecard } from './index.ts';

const context: FitContext = { seed: 1, nthread: 1 };

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** Debt raises pd in steps, region does by level, dice do nothing; `echo` is debt with noise, some of it missing. */
function book(rows: number, seed = 9): TrainingSet {
  const random = mulberry32(seed);
  const [debt, echo, dice] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  const codes = new Int32Array(rows);
  const target = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    debt[row] = Math.round(random() * 100);
    echo[row] = random() < 0.1 ? Number.NaN : debt[row]! + 60 * (random() - 0.5);
    dice[row] = random();
    codes[row] = Math.floor(random() * 3);
    const margin = -3 + (debt[row]! > 40 ? 1.2 : 0) + (debt[row]! > 75 ? 1.2 : 0) + (codes[row] === 2 ? 0.8 : 0);
    target[row] = random() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
  }
  const frame: Frame = {
    rowCount: rows,
    columns: [
      { kind: 'numeric', name: 'debt', values: debt },
      { kind: 'numeric', name: 'echo', values: echo },
      { kind: 'numeric', name: 'dice', values: dice },
      { kind: 'categorical', name: 'region', codes, levels: ['north', 'south', 'west'] },
    ],
  };
  return { frame, target };
}

async function fit(
  train: TrainingSet,
  parameters: Partial<ScorecardParameters> = {},
  monotone?: FitContext['monotone'],
): Promise<FittedScorecard> {
  const fitted = await scorecard.fit(train, { parameters, context: { ...context, ...(monotone && { monotone }) } });
  assert.equal(fitted.kind, 'scorecard');
  return fitted as FittedScorecard;
}

const featuresOf = (fitted: FittedScorecard) => fitted.characteristics.map(({ feature }) => feature);

describe('scorecard', () => {
  it('keeps what tells the rows apart and mostly drops what does not; its inputs are what it keeps', async () => {
    let lucky = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const fitted = await fit(book(8000, seed));
      const kept = featuresOf(fitted);
      assert.ok(kept.includes('debt') && kept.includes('region') && fitted.convergence.converged);
      assert.deepEqual(
        fitted.inputs.map(({ name }) => name),
        kept,
      );
      if (kept.includes('dice')) lucky++;
    }
    assert.ok(lucky <= 4, `${lucky} of 10 scorecards play dice`);
  });

  it('finds the steps of the truth', async () => {
    const debt = (await fit(book(20_000))).characteristics.find(({ feature }) => feature === 'debt')!;
    const uppers = debt.bins.flatMap(({ rule }) =>
      rule.kind === 'interval' && rule.upper !== null ? [rule.upper] : [],
    );
    assert.ok(uppers.includes(40.5) && uppers.includes(75.5), `${uppers}`);
  });

  it('drops a characteristic whose coefficient contradicts its own bins', async () => {
    const random = mulberry32(6);
    const [signal, shadow] = [new Float64Array(5000), new Float64Array(5000)];
    // alone the shadow rises with pd, beside the signal it falls
    const target = Uint8Array.from(signal, (_, row) => {
      signal[row] = random();
      shadow[row] = signal[row]! + 0.3 * random();
      return random() < 1 / (1 + Math.exp(3 - 9 * signal[row]! + 6 * shadow[row]!)) ? 1 : 0;
    });
    const numeric = (name: string, values: Float64Array) => ({ kind: 'numeric', name, values }) as const;
    const frame: Frame = { rowCount: 5000, columns: [numeric('signal', signal), numeric('shadow', shadow)] };
    const alone = await fit({ frame: { ...frame, columns: frame.columns.slice(1) }, target });
    assert.ok(alone.characteristics[0]!.coefficient > 0);
    assert.deepEqual(featuresOf(await fit({ frame, target })), ['signal']);
  });

  it('keeps a known direction, also one the data deny', async () => {
    const fitted = await fit(book(3000), { minIv: -1 }, { debt: 'decreasing', echo: 'increasing' });
    const rates = (feature: string) =>
      fitted.characteristics
        .filter((one) => one.feature === feature)
        .flatMap(({ bins }) => bins)
        .filter(({ rule }) => rule.kind === 'interval')
        .map(({ woe }) => woe);
    assert.deepEqual(
      rates('echo'),
      rates('echo').toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      rates('debt'),
      rates('debt').toSorted((a, b) => b - a),
    );
  });

  it('scores by hand as it scores compiled', async () => {
    const train = book(2000);
    const fitted = await fit(train);
    const compiled = compileScorecard(fitted);
    const encode = rowEncoder(compiled.inputs, train.frame);
    const row = new Float64Array(compiled.inputs.length);
    for (let i = 0; i < 200; i++) {
      encode(i, row);
      const byHand = fitted.characteristics.reduce((sum, { bins, coefficient }, at) => {
        const bin = binLookup(bins, fitted.inputs[at]!)(row[at]!);
        return sum + coefficient * bins[bin]!.woe;
      }, fitted.intercept);
      near(compiled.margin(row), byHand, 1e-12);
    }
  });

  it('attributes every margin exactly, against the mean margin of the training rows', async () => {
    const train = book(2000);
    const compiled = compileScorecard(await fit(train));
    const encode = rowEncoder(compiled.inputs, train.frame);
    const [row, out] = [new Float64Array(compiled.inputs.length), new Float64Array(compiled.inputs.length)];
    let mean = 0;
    for (let i = 0; i < train.frame.rowCount; i++) mean += compiled.margin(encode(i, row)) / train.frame.rowCount;
    near(compiled.attribute(row, out), mean);
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: row.length, maxLength: row.length }), (values) => {
        row.set(values);
        const bias = compiled.attribute(row, out);
        near(
          out.reduce((sum, part) => sum + part, bias),
          compiled.margin(row),
          1e-12,
        );
      }),
    );
  });

  it('takes a missing value or an unseen level as average where training had none', async () => {
    const fitted = await fit(book(3000));
    const compiled = compileScorecard(fitted);
    const row = new Float64Array(compiled.inputs.length).fill(Number.NaN);
    const echo = fitted.characteristics.find(({ feature }) => feature === 'echo');
    const missing = echo ? echo.coefficient * echo.bins.at(-1)!.woe : 0;
    near(compiled.margin(row), fitted.intercept + missing);
  });

  it('keeps its best characteristic when none is strong, and refuses what cannot be binned', async () => {
    const { frame, target } = book(1000);
    const dice: Frame = { rowCount: 1000, columns: [frame.columns[2]!] };
    assert.deepEqual(featuresOf(await fit({ frame: dice, target }, { minIv: 9, binPenalty: 0 })), ['dice']);
    const constant: Frame = {
      rowCount: 1000,
      columns: [{ kind: 'numeric', name: 'x', values: new Float64Array(1000).fill(1) }],
    };
    await assert.rejects(fit({ frame: constant, target }), /no column can be binned/);
    const oneClass = { frame, target: new Uint8Array(1000) };
    await assert.rejects(fit(oneClass), (error) => error instanceof AssayError && error.code === 'bad_input');
  });

  it('is the same twice, and stops when told to', async () => {
    assert.deepEqual(await fit(book(800)), await fit(book(800)));
    const signal = AbortSignal.abort();
    await assert.rejects(scorecard.fit(book(800), { context: { ...context, signal } }), { code: 'cancelled' });
  });
});

describe('pointsTable', () => {
  it('has points that sum to the score, calibrated or not, and its ends are the least and the largest score', async () => {
    const train = book(2000);
    const fitted = await fit(train);
    const compiled = compileScorecard(fitted);
    const encode = rowEncoder(compiled.inputs, train.frame);
    const row = new Float64Array(compiled.inputs.length);
    for (const calibration of [{ kind: 'identity' }, { kind: 'platt', intercept: 0.3, slope: 1.2 }] as const) {
      const table = pointsTable(fitted, DEFAULT_SCALE, calibration);
      for (let i = 0; i < 100; i++) {
        encode(i, row);
        const points = fitted.characteristics.map(({ feature, bins }, at) => {
          const bin = binLookup(bins, fitted.inputs[at]!)(row[at]!);
          return table.rows.filter((one) => one.feature === feature)[bin]!;
        });
        const score = scoreOf(applyCalibration(calibration, compiled.margin(row)), DEFAULT_SCALE);
        near(
          points.reduce((sum, one) => sum + one.points, 0),
          score,
        );
        const rounded = points.reduce((sum, one) => sum + one.roundedPoints, 0);
        assert.ok(Math.abs(rounded - score) <= points.length / 2);
        assert.ok(table.minimum <= score + 1e-9 && score <= table.maximum + 1e-9);
      }
    }
  });
});
