import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contributionsOf } from './contributions.ts';

const feature = (name: string, points: number | null) => ({
  name,
  title: name,
  unit: '',
  group: '',
  dataClass: '',
  value: 1,
  nullMeaning: '',
  percentile: null,
  points,
});

test('the strongest inputs come first, the rest is one bar, and no point is lost', () => {
  const features = [feature('a', 1), feature('b', -5), feature('none', null), feature('c', 3), feature('d', -2)];
  const rows = contributionsOf(features, 2);
  assert.deepEqual(
    rows.map(({ title, points }) => [title, points]),
    [
      ['b', -5],
      ['c', 3],
      ['2 other inputs', -1],
    ],
  );
  assert.deepEqual(
    contributionsOf(features, 3).map(({ title }) => title),
    ['b', 'c', 'd', 'a'],
    'a single one left is shown as itself',
  );
});
