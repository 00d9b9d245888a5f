import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionText } from './condition.ts';

test('conditions read as sentences', () => {
  assert.equal(conditionText({ fact: 'pd', op: '>', value: 0.2 }), 'pd > 0.2');
  assert.equal(conditionText({ fact: 'pd', op: 'is_missing' }), 'pd is missing');
  assert.equal(conditionText({ fact: 'grade', op: 'in', value: ['A', 'B'] }), 'grade is one of A, B');
  const either = {
    any: [
      { fact: 'pd', op: '<=', value: 0.1 },
      { fact: 'grade', op: '=', value: 'A' },
    ],
  };
  assert.equal(
    conditionText({ all: [either, { not: { fact: 'score', op: '<', value: 500 } }] }),
    '(pd ≤ 0.1 or grade is A) and not (score < 500)',
  );
});
