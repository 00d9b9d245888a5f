import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prohibitedBasis } from './warnings.ts';

test('a column that is named after a prohibited basis is told, one that only holds its letters is not', () => {
  for (const name of [
    'gender',
    'SEX',
    'personal_status_sex',
    'Age',
    'date of birth',
    'foreign_worker',
    'MaritalStatus',
  ])
    assert.equal(prohibitedBasis(name)[0]?.column, name);
  for (const name of ['average', 'mortgage', 'trace', 'usage_3m', 'agency', 'sextile', 'RevolvingUtilization'])
    assert.deepEqual(prohibitedBasis(name), []);
});
