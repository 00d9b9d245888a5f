/** X' W X against the sums as they are written, over dense and sparse columns and numbers of both that fill no panel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mulberry32 } from '../trees/stratified-folds.ts';
import { gramColumn, weightedGram } from './gram.ts';

/** `density` is the share of rows that are not 0. */
function columnOf(rows: number, density: number, random: () => number): Float64Array {
  return Float64Array.from({ length: rows }, () => (random() < density ? 2 * random() - 1 : 0));
}

for (const [dense, sparse, rows] of [
  [1, 0, 1],
  [3, 2, 40],
  [4, 0, 512],
  [9, 5, 1100],
  [0, 3, 200],
] as const) {
  test(`${dense} dense and ${sparse} sparse columns, ${rows} rows`, () => {
    const random = mulberry32(rows);
    const columns = Array.from({ length: dense + sparse }, (_, j) =>
      columnOf(rows, j % 2 === 0 && j / 2 < sparse ? 0.05 : 1, random),
    );
    const weights = columnOf(rows, 1, random);
    const gram = weightedGram(columns.map(gramColumn), weights);
    for (let a = 0; a < columns.length; a++) {
      for (let b = 0; b <= a; b++) {
        const expected = weights.reduce((sum, weight, row) => sum + weight * columns[a]![row]! * columns[b]![row]!, 0);
        assert.ok(Math.abs(gram[a * columns.length + b]! - expected) < 1e-10 * rows, `${a}, ${b}`);
      }
    }
  });
}
