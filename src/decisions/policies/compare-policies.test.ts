import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreditPolicy, PolicyRule } from '../../domain/index.ts';
import { comparePolicies } from './compare-policies.ts';

const rule = (id: string, value: number): PolicyRule => ({
  id,
  kind: 'cut_off',
  description: id,
  when: { fact: 'pd', op: '>', value },
  outcome: 'declined',
  reason: { code: 'X', text: 'x' },
});
const before: CreditPolicy = {
  format: 'assay-policy/1',
  version: '1',
  status: 'live',
  description: 'first',
  limits: [
    { grade: 'A', maxAmountMinor: 100 },
    { grade: 'B', maxAmountMinor: 50 },
  ],
  pricing: [{ grade: 'A', annualRatePercent: 5 }],
  rules: [rule('one', 0.1), rule('two', 0.2), rule('three', 0.3)],
};

test('what is the same is not said, whatever the version and the status', () => {
  assert.deepEqual(comparePolicies(before, { ...structuredClone(before), version: '2', status: 'draft' }), []);
});

test('segments by id and in order, their limits and prices by segment and grade', () => {
  const [first, second] = ['new', 'small'].map((id) => ({ id, description: id, when: rule(id, 1).when }));
  const limits = (minor: number) => [...before.limits, { grade: 'A', segment: 'new', maxAmountMinor: minor }];
  const was = { ...before, segments: [first!, second!], limits: limits(10) };
  const is = { ...before, segments: [second!, { ...first!, when: rule('', 2).when }], limits: limits(20) };
  assert.deepEqual(
    comparePolicies(was, is).map(({ part, name, fields }) => [part, name, fields]),
    [
      ['segment', 'new', ['when']],
      ['order', 'order of segments', ['order']],
      ['limit', 'new / A', ['maxAmountMinor']],
    ],
  );
  assert.deepEqual(
    comparePolicies(before, was).map(({ part, name, kind }) => `${kind} ${part} ${name}`),
    ['added segment new', 'added segment small', 'added limit new / A'],
  );
});

test('rules by id, limits and prices by grade, order and description', () => {
  const after: CreditPolicy = {
    ...before,
    description: 'second',
    limits: [{ grade: 'A', maxAmountMinor: 120 }],
    pricing: [...before.pricing, { grade: 'B', annualRatePercent: 9 }],
    rules: [rule('three', 0.3), rule('one', 0.15), rule('four', 0.4)],
  };
  const changes = comparePolicies(before, after).map(({ part, name, kind, fields }) => [
    part,
    name,
    kind,
    fields.join(),
  ]);
  assert.deepEqual(changes, [
    ['description', 'description', 'changed', 'description'],
    ['rule', 'one', 'changed', 'when'],
    ['rule', 'two', 'removed', ''],
    ['rule', 'four', 'added', ''],
    ['order', 'order of rules', 'changed', 'order'],
    ['limit', 'A', 'changed', 'maxAmountMinor'],
    ['limit', 'B', 'removed', ''],
    ['price', 'B', 'added', ''],
  ]);
});
