import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssayError } from '../domain/index.ts';
import { parseCreditPolicy } from './credit-policy.ts';

const valid = {
  format: 'assay-policy/1',
  version: '3',
  status: 'live',
  description: 'cut-off',
  limits: [{ grade: 'A', maxAmountMinor: 100 }],
  pricing: [{ grade: 'A', annualRatePercent: 5 }],
  rules: [
    {
      id: 'cut-off',
      kind: 'cut_off',
      description: 'pd too high',
      when: { any: [{ fact: 'pd', op: '>', value: 0.2 }, { not: { fact: 'feature.income_minor', op: 'is_missing' } }] },
      outcome: 'declined',
      reason: { code: 'PD', text: 'risk too high' },
    },
  ],
};

const pathsRefused = (change: object): string[] => {
  try {
    parseCreditPolicy({ ...valid, ...change });
    return [];
  } catch (error) {
    assert.ok(error instanceof AssayError && error.code === 'bad_input');
    return (error.parts.issues ?? []).map((issue) => issue.path);
  }
};

test('reads a policy as it is written', () => assert.deepEqual(parseCreditPolicy(valid), valid));

test('names what is wrong', () => {
  const [rule] = valid.rules;
  assert.deepEqual(pathsRefused({ format: 'assay-policy/2' }), ['format']);
  assert.deepEqual(pathsRefused({ limits: [{ grade: 'A', maxAmountMinor: 10.5 }] }), ['limits.0.maxAmountMinor']);
  assert.deepEqual(pathsRefused({ limits: [...valid.limits, ...valid.limits] }), ['limits']);
  assert.deepEqual(pathsRefused({ rules: [rule, rule] }), ['rules']);
  assert.deepEqual(pathsRefused({ rules: [{ ...rule, outcome: 'approved' }] }), ['rules.0.outcome']);
  assert.deepEqual(pathsRefused({ rules: [{ ...rule, when: { fact: 'phase_of_moon', op: '=', value: 1 } }] }), [
    'rules.0.when.fact',
  ]);
  assert.deepEqual(pathsRefused({ rules: [{ ...rule, when: { all: [] } }] }), ['rules.0.when.all']);
  assert.notDeepEqual(pathsRefused({ extra: 1 }), []);
});

test('segments are defined once, and limits and prices name only those', () => {
  const segments = [{ id: 'new', description: 'first loan', when: { fact: 'feature.loans', op: '=', value: 0 } }];
  const limits = [...valid.limits, { grade: 'A', segment: 'new', maxAmountMinor: 50 }];
  assert.deepEqual(parseCreditPolicy({ ...valid, segments, limits }).limits, limits);
  assert.deepEqual(pathsRefused({ limits }), ['limits']);
  assert.deepEqual(pathsRefused({ segments, limits: [...limits, limits[1]] }), ['limits']);
  assert.deepEqual(pathsRefused({ segments: [...segments, ...segments] }), ['segments']);
  assert.deepEqual(pathsRefused({ segments: [{ ...segments[0], id: 'new.one' }] }), ['segments.0.id']);
});

test('refuses conditions nested without end', () => {
  let when: unknown = { fact: 'pd', op: '>', value: 0 };
  for (let depth = 0; depth < 50_000; depth++) when = { not: when };
  assert.deepEqual(pathsRefused({ rules: [{ ...valid.rules[0], when }] }), ['rules']);
});
