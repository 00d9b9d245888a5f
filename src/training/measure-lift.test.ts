import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError } from '../domain/index.ts';
import { approveLowest, measureLift } from './measure-lift.ts';
import { delongTest } from './measures/index.ts';
import { seededRandom } from './random.ts';

const next = seededRandom(3);
const target = Uint8Array.from({ length: 400 }, () => (next() < 0.3 ? 1 : 0));
const strong = Float64Array.from(target, (value) => 0.3 * value + 0.7 * next());
const weak = Float64Array.from(target, (value) => 0.1 * value + 0.9 * next());
const fold = Uint8Array.from(target, (_, row) => row % 5);

test('out of time it is the paired test of the whole', () => {
  assert.deepEqual(measureLift({ pd: strong, target }, { pd: weak, target }), delongTest(strong, weak, target));
});

test('out of fold it is the mean over the folds, whose pds are never ranked against each other', () => {
  const shifted = strong.map((pd, row) => pd + fold[row]!); // another level in each fold, the same order within
  const found = measureLift({ pd: shifted, target, fold }, { pd: weak, target, fold });
  assert.deepEqual(found, measureLift({ pd: strong, target, fold }, { pd: weak, target, fold }));
  const parts = [0, 1, 2, 3, 4].map((part) => {
    const of = (values: ArrayLike<number>) => Array.from(values).filter((_, row) => fold[row] === part);
    return delongTest(of(strong), of(weak), of(target));
  });
  const mean = (read: (one: (typeof parts)[0]) => number) => parts.reduce((sum, one) => sum + read(one), 0) / 5;
  assert.ok(Math.abs(found.difference.value - mean((one) => one.difference.value)) < 1e-12);
  assert.ok(Math.abs(found.variance - mean((one) => one.variance) / 5) < 1e-15);
});

test('a feature that adds nothing has an interval that holds 0, one that helps has not', () => {
  const same = measureLift({ pd: weak, target, fold }, { pd: weak, target, fold });
  assert.deepEqual(same.difference, { value: 0, lower: 0, upper: 0 });
  assert.ok(measureLift({ pd: strong, target, fold }, { pd: weak, target, fold }).difference.lower > 0);
  assert.ok(measureLift({ pd: weak, target, fold }, { pd: strong, target, fold }).difference.upper < 0);
});

test('other rows, outcomes or folds are refused', () => {
  const isConflict = (error: unknown) => error instanceof AssayError && error.code === 'conflict';
  const other = target.map((value) => 1 - value);
  assert.throws(() => measureLift({ pd: strong, target }, { pd: weak, target: other }), isConflict);
  assert.throws(() => measureLift({ pd: strong, target, fold }, { pd: weak, target }), isConflict);
});

test('the lowest pds are approved, as many as the share says', () => {
  assert.deepEqual([...approveLowest([0.3, 0.1, 0.1, 0.9, 0.2], 0.4)], [0, 1, 1, 0, 0]);
  assert.deepEqual([...approveLowest([0.5, 0.5, 0.5, 0.5], 0.5)], [1, 1, 0, 0]);
});
