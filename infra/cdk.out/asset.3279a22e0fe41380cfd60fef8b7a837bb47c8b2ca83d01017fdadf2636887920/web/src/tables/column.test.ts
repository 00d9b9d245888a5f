import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSort, sortRows } from './column.ts';

const columns = [{ key: 'x', title: 'X', value: (row: { x: number | string | null }) => row.x }];
const sorted = (values: (number | string | null)[], direction: 'asc' | 'desc') =>
  sortRows(
    values.map((x) => ({ x })),
    columns,
    { key: 'x', direction },
  ).map(({ x }) => x);

test('numbers sort as numbers, ids with numbers in them too, and what is missing comes last both ways', () => {
  assert.deepEqual(sorted([10, 9, null, -1], 'asc'), [-1, 9, 10, null]);
  assert.deepEqual(sorted([10, 9, null, -1], 'desc'), [10, 9, -1, null]);
  assert.deepEqual(sorted(['A10', 'A9', null], 'asc'), ['A9', 'A10', null]);
});

test('a header goes from ascending to descending to as it came', () => {
  const first = nextSort(null, 'x');
  const second = nextSort(first, 'x');
  assert.deepEqual(
    [first, second, nextSort(second, 'x')],
    [{ key: 'x', direction: 'asc' }, { key: 'x', direction: 'desc' }, null],
  );
  assert.deepEqual(nextSort(second, 'y'), { key: 'y', direction: 'asc' });
});
