/** Which rows the calibration is chosen on: of any time, or the latest where rows to come are what is predicted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCalibration, logistic, type TrainingSet } from '../estimators/index.ts';
import { fitCalibrated } from './fit-calibrated.ts';
import { logit } from './measures/index.ts';
import { seededRandom } from './random.ts';

const context = { seed: 1, nthread: 1 };

/** What drives default weakens in the last quarter of the time: a model of the earlier ones is overconfident there. */
function driftingBook(rows: number): TrainingSet & { readonly time: Float64Array } {
  const random = seededRandom(3);
  const values = Float64Array.from({ length: rows }, () => 4 * random() - 2);
  const time = Float64Array.from({ length: rows }, () => Math.floor(24 * random()));
  const target = Uint8Array.from(values, (x, row) => {
    const effect = time[row]! >= 18 ? 0.8 : 2;
    return random() < 1 / (1 + Math.exp(1 - effect * x)) ? 1 : 0;
  });
  return { frame: { rowCount: rows, columns: [{ kind: 'numeric', name: 'x', values }] }, target, time };
}

/** Of calibrated log-odds over the margin, between -1 and 1. */
async function slopeOf(set: TrainingSet, time?: Float64Array): Promise<number> {
  const { calibration } = await fitCalibrated(logistic, set, { context, ...(time && { time }) });
  const [low, high] = [-1, 1].map((margin) => logit(applyCalibration(calibration, margin)));
  return (high! - low!) / 2;
}

test('with time, the calibration is chosen on the latest quarter by a model of the earlier ones', async () => {
  const { time, ...book } = driftingBook(4000);
  const [anyTime, forward] = [await slopeOf(book), await slopeOf(book, time)];
  assert.ok(anyTime > 0.9, `rows of any time: slope ${anyTime}`);
  assert.ok(forward < 0.6, `the latest quarter: slope ${forward}`);
});

test('too few defaults among the latest rows, or one time for all: rows of any time have to do', async () => {
  const { time, ...book } = driftingBook(4000);
  const anyTime = await slopeOf(book);
  assert.equal(await slopeOf(book, new Float64Array(4000).fill(5)), anyTime);
  assert.equal(await slopeOf(book, new Float64Array(4000).fill(Number.NaN)), anyTime);
  const small = driftingBook(300);
  assert.equal(await slopeOf(small, small.time), await slopeOf({ frame: small.frame, target: small.target }));
  assert.notEqual(await slopeOf(book, time), anyTime);
});
