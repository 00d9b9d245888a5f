/** Calibration: Platt finds the distortion planted, isotonic is monotone inside (0, 1), the choice is the simplest that does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AssayError } from '../../domain/index.ts';
import { mulberry32 } from '../trees/stratified-folds.ts';
import { applyCalibration, chooseCalibration, fitIsotonic, fitPlatt, sigmoid } from './index.ts';

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** True log-odds spread around -2, outcomes drawn from them, and margins distorted by `shape`. */
function rowsWith(count: number, shape: (margin: number) => number, seed = 4) {
  const random = mulberry32(seed);
  const truth = Float64Array.from({ length: count }, () => -2 + 3 * (random() + random() - 1));
  const target = Uint8Array.from(truth, (margin) => (random() < sigmoid(margin) ? 1 : 0));
  return { truth, target, margins: truth.map(shape) };
}

describe('applyCalibration', () => {
  it('is the formula of each kind', () => {
    near(applyCalibration({ kind: 'identity' }, 0), 0.5);
    near(applyCalibration({ kind: 'platt', intercept: 1, slope: 2 }, -0.5), 0.5);
    const isotonic = { kind: 'isotonic', margins: [-1, 0, 2], pds: [0.1, 0.3, 0.7] } as const;
    const expected = [
      [-9, 0.1],
      [-1, 0.1],
      [-0.5, 0.2],
      [0, 0.3],
      [1, 0.5],
      [2, 0.7],
      [9, 0.7],
    ];
    for (const [margin, pd] of expected) near(applyCalibration(isotonic, margin!), pd!);
    near(applyCalibration({ kind: 'isotonic', margins: [3], pds: [0.2] }, 5), 0.2);
  });
});

describe('fitPlatt', () => {
  it('undoes a planted shift and stretch', () => {
    const { margins, target } = rowsWith(40_000, (margin) => 0.05 * (margin - 1) + 7);
    const { intercept, slope } = fitPlatt(margins, target);
    near(slope, 20, 1.5);
    near(intercept + slope * 6.85, -2, 0.1); // a margin of -2 was moved to 6.85
  });

  it('never turns the order round, and counts weights', () => {
    const { margins, target } = rowsWith(2000, (margin) => -margin);
    assert.equal(fitPlatt(margins, target).slope, 0);
    const weights = Float64Array.from(target, (label) => (label === 1 ? 3 : 1));
    const plain = rowsWith(20_000, (margin) => margin);
    const tripled = fitPlatt(
      plain.margins,
      plain.target,
      Float64Array.from(plain.target, (label) => (label ? 3 : 1)),
    );
    near(tripled.intercept, Math.log(3), 0.15);
    assert.ok(fitPlatt(margins, target, weights).intercept > fitPlatt(margins, target).intercept);
  });

  it('stays finite on margins that separate the classes', () => {
    const { intercept, slope } = fitPlatt(Float64Array.of(1, 2, 3, 4), Uint8Array.of(0, 0, 1, 1));
    assert.ok(Number.isFinite(intercept) && Number.isFinite(slope) && slope > 0);
  });
});

describe('fitIsotonic', () => {
  it('rises, stays strictly inside (0, 1), and its knots rise too, for any rows', () => {
    const row = fc.tuple(fc.double({ min: -30, max: 30, noNaN: true }), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 2, maxLength: 400 }),
        fc.array(fc.double({ noNaN: true })),
        (rows, asked) => {
          const fitted = fitIsotonic(
            Float64Array.from(rows, ([margin]) => margin),
            Uint8Array.from(rows, ([, label]) => label),
          );
          assert.ok(fitted.margins.every((margin, i) => i === 0 || margin > fitted.margins[i - 1]!));
          assert.ok(fitted.pds.every((pd, i) => pd > 0 && pd < 1 && (i === 0 || pd >= fitted.pds[i - 1]!)));
          const pds = asked.toSorted((a, b) => a - b).map((margin) => applyCalibration(fitted, margin));
          assert.ok(pds.every((pd, i) => pd > 0 && pd < 1 && (i === 0 || pd >= pds[i - 1]! - 1e-15)));
        },
      ),
    );
  });

  it('keeps the overall rate', () => {
    const { margins, target } = rowsWith(10_000, (margin) => margin ** 3);
    const fitted = fitIsotonic(margins, target);
    const mean = margins.reduce((sum, margin) => sum + applyCalibration(fitted, margin), 0) / margins.length;
    const rate = target.reduce((sum, label) => sum + label, 0) / target.length;
    near(mean, rate, 0.003);
  });
});

describe('chooseCalibration', () => {
  const chosen = (count: number, shape: (margin: number) => number) => {
    const { margins, target } = rowsWith(count, shape);
    return chooseCalibration(margins, target, { seed: 1 });
  };

  it('leaves calibrated margins alone, stretches stretched ones, and bends what is bent', () => {
    assert.equal(chosen(8000, (margin) => margin).calibration.kind, 'identity');
    assert.equal(chosen(8000, (margin) => 0.3 * margin + 1).calibration.kind, 'platt');
    const bent = chosen(20_000, (margin) => (margin < -2 ? 0.1 * (margin + 2) : 4 * (margin + 2)));
    assert.equal(bent.calibration.kind, 'isotonic');
    assert.ok(bent.logLoss.isotonic < bent.logLoss.platt && bent.logLoss.platt < bent.logLoss.identity);
  });

  it('shrinks the margins of a small set that is overconfident, though the gain is within its noise', () => {
    const slopes = Array.from({ length: 20 }, (_, seed) => {
      const { margins, target } = rowsWith(400, (margin) => (margin + 2) / 0.8 - 2, seed);
      const { calibration } = chooseCalibration(margins, target, { seed: 1 });
      return calibration.kind === 'platt' ? calibration.slope : 1;
    });
    const mean = slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length;
    assert.ok(mean > 0.75 && mean < 0.9, `mean slope ${mean}`);
  });

  it('does not bend on a few defaults, and is the same for the same seed', () => {
    const shape = (margin: number) => (margin < -2 ? 0.1 * (margin + 2) : 4 * (margin + 2));
    assert.notEqual(chosen(800, shape).calibration.kind, 'isotonic');
    assert.deepEqual(chosen(3000, shape), chosen(3000, shape));
  });

  it('brings pds to the true ones', () => {
    const shape = (margin: number) => 0.2 * margin - 3;
    const { truth, margins, target } = rowsWith(20_000, shape);
    const { calibration } = chooseCalibration(margins, target, { seed: 1 });
    const worst = Math.max(
      ...truth.map((margin, i) => Math.abs(applyCalibration(calibration, margins[i]!) - sigmoid(margin))),
    );
    assert.ok(worst < 0.03, `${worst}`);
  });

  it('refuses one class and margins that are not finite', () => {
    const refused = (margins: number[], target: number[]) =>
      assert.throws(
        () => chooseCalibration(Float64Array.from(margins), Uint8Array.from(target), { seed: 1 }),
        (error) => error instanceof AssayError && error.code === 'bad_input',
      );
    refused([1, 2, 3, 4], [0, 0, 0, 0]);
    refused([1, 2, 3, 4], [0, 0, 0, 1]);
    refused([1, 2, 3, Number.POSITIVE_INFINITY], [0, 0, 1, 1]);
    refused([1, 2, 3], [0, 0, 1, 1]);
  });
});
