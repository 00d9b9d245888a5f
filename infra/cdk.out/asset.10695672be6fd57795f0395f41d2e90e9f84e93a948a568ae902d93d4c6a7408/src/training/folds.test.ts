import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFolds } from './folds.ts';

test('folds of a book of a million rows are counted', () => {
  const folds = Uint8Array.from({ length: 1_000_000 }, (_, row) => row % 5);
  assert.equal(countFolds(folds), 5);
  assert.equal(countFolds([]), 0);
});
