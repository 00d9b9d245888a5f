import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError } from '../domain/index.ts';
import { anomalyScores, fitIsolationForest, mulberry32 } from './isolation-forest.ts';

/** Two ordinary columns around 0, and every fiftieth row far away. */
function planted(rows: number, seed: number) {
  const random = mulberry32(seed);
  const normal = (): number => random() + random() + random() - 1.5;
  const isStrange = (row: number): boolean => row % 50 === 0;
  const columns = [0, 1].map(() =>
    Float64Array.from({ length: rows }, (_, row) => normal() + (isStrange(row) ? 4 : 0)),
  );
  return { frame: { rowCount: rows, columns }, isStrange };
}

test('what is far away is strange, and the ordinary is not', () => {
  const { frame, isStrange } = planted(1000, 3);
  const scores = anomalyScores(fitIsolationForest(frame, { seed: 1 }), frame);
  const strange = scores.filter((_, row) => isStrange(row));
  const ordinary = scores.filter((_, row) => !isStrange(row));
  assert.ok(Math.min(...strange) > Math.max(...ordinary));
  assert.ok(scores.every((score) => score > 0 && score < 1));
});

test('the same seed gives the same forest, another seed another', () => {
  const { frame } = planted(500, 4);
  const grown = (seed: number) => fitIsolationForest(frame, { seed, trees: 20 });
  assert.deepEqual(grown(7), grown(7));
  assert.notDeepEqual(grown(7).threshold, grown(8).threshold);
});

test('rows without values are scored, rows all alike are ordinary', () => {
  const values = Float64Array.from({ length: 300 }, (_, row) => (row % 7 === 0 ? Number.NaN : row % 13));
  const frame = { rowCount: 300, columns: [values] };
  assert.ok(anomalyScores(fitIsolationForest(frame, { seed: 1 }), frame).every(Number.isFinite));
  const alike = { rowCount: 100, columns: [new Float64Array(100).fill(3)] };
  const scores = anomalyScores(fitIsolationForest(alike, { seed: 1 }), alike);
  assert.ok(scores.every((score) => Math.abs(score - 0.5) < 1e-12));
});

test('no rows, options out of bounds and other columns are refused', () => {
  const { frame } = planted(100, 5);
  const refused = (error: unknown) => error instanceof AssayError && error.code === 'bad_input';
  assert.throws(() => fitIsolationForest({ rowCount: 0, columns: [] }, { seed: 1 }), refused);
  assert.throws(() => fitIsolationForest(frame, { seed: 1, trees: 0 }), refused);
  const forest = fitIsolationForest(frame, { seed: 1, trees: 5 });
  assert.throws(() => anomalyScores(forest, { rowCount: 1, columns: [new Float64Array(1)] }), refused);
});
