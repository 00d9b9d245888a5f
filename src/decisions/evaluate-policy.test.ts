import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CreditPolicy, PolicyCondition, PolicyRule } from '../domain/index.ts';
import { evaluatePolicy, type PolicyFacts, segmentOfTrace } from './evaluate-policy.ts';

const rule = (id: string, when: PolicyCondition, outcome: PolicyRule['outcome'] = 'declined'): PolicyRule => ({
  id,
  kind: 'cut_off',
  description: id,
  when,
  outcome,
  reason: { code: id.toUpperCase(), text: `because of ${id}` },
});

const policyOf = (...rules: PolicyRule[]): CreditPolicy => ({
  format: 'assay-policy/1',
  version: '1',
  status: 'live',
  description: '',
  limits: [{ grade: 'C', maxAmountMinor: 500_000 }],
  pricing: [{ grade: 'C', annualRatePercent: 9.5 }],
  rules,
});

const fires = (when: PolicyCondition, facts: PolicyFacts): boolean =>
  evaluatePolicy(policyOf(rule('r', when)), facts).outcome === 'declined';

test('approves when no rule fires, and says what every rule saw', () => {
  const policy = policyOf(
    rule('pd', { fact: 'pd', op: '>', value: 0.2 }),
    rule('low', { fact: 'score', op: '<', value: 400 }),
  );
  const { outcome, trace, reasons, annualRatePercent } = evaluatePolicy(policy, { pd: 0.1, score: 600, grade: 'C' });
  assert.equal(outcome, 'approved');
  assert.deepEqual(reasons, []);
  assert.equal(annualRatePercent, 9.5);
  assert.deepEqual(
    trace.map(({ rule, fired, saw }) => ({ rule, fired, saw })),
    [
      { rule: 'pd', fired: false, saw: { pd: 0.1 } },
      { rule: 'low', fired: false, saw: { score: 600 } },
      { rule: 'limit.C', fired: false, saw: { amountMinor: null, grade: 'C' } },
    ],
  );
});

test('limits and prices of the first segment that holds count before those of the grade alone', () => {
  const policy: CreditPolicy = {
    ...policyOf(rule('pd', { fact: 'pd', op: '>', value: 0.2 })),
    segments: [
      { id: 'new', description: 'first loan', when: { fact: 'feature.loans', op: '=', value: 0 } },
      { id: 'any', description: 'loans known', when: { fact: 'feature.loans', op: '>=', value: 0 } },
    ],
    limits: [
      { grade: 'C', maxAmountMinor: 500_000 },
      { grade: 'C', segment: 'new', maxAmountMinor: 100_000 },
    ],
    pricing: [
      { grade: 'C', segment: 'any', annualRatePercent: 8 },
      { grade: 'C', annualRatePercent: 9.5 },
    ],
  };
  const seen = [0, 3, null].map((loans) => {
    const facts = { grade: 'C', pd: 0.1, amountMinor: 200_000, 'feature.loans': loans };
    const { outcome, trace, reasons, segment, limitMinor, annualRatePercent } = evaluatePolicy(policy, facts);
    assert.equal(segmentOfTrace(trace), segment);
    const fired = trace.filter((entry) => entry.fired).map((entry) => entry.rule);
    return { outcome, fired, reasons: reasons.map(({ code }) => code), segment, limitMinor, annualRatePercent };
  });
  const approved = { outcome: 'approved', reasons: [], limitMinor: 500_000 };
  assert.deepEqual(seen, [
    {
      outcome: 'counter_offer',
      fired: ['segment.new', 'limit.new.C'],
      reasons: ['LIMIT'],
      segment: 'new',
      limitMinor: 100_000,
      annualRatePercent: 9.5,
    },
    { ...approved, fired: ['segment.any'], segment: 'any', annualRatePercent: 8 },
    { ...approved, fired: [], segment: null, annualRatePercent: 9.5 },
  ]);
});

test('the strictest outcome wins whatever the order, and gives the reasons', () => {
  const declining = rule('no', { fact: 'pd', op: '>', value: 0.2 }, 'declined');
  const referring = rule('look', { fact: 'pd', op: '>', value: 0.1 }, 'referred');
  for (const rules of [
    [declining, referring],
    [referring, declining],
  ]) {
    const { outcome, reasons } = evaluatePolicy(policyOf(...rules), { pd: 0.3 });
    assert.equal(outcome, 'declined');
    assert.deepEqual(reasons, [{ code: 'NO', text: 'because of no' }]);
  }
});

test('an amount above the limit of the grade becomes a counter-offer, at the limit it is approved', () => {
  const above = evaluatePolicy(policyOf(), { grade: 'C', amountMinor: 500_001 });
  assert.equal(above.outcome, 'counter_offer');
  assert.equal(above.limitMinor, 500_000);
  assert.equal(evaluatePolicy(policyOf(), { grade: 'C', amountMinor: 500_000 }).outcome, 'approved');
  assert.equal(evaluatePolicy(policyOf(), { grade: 'A', amountMinor: 9e9 }).outcome, 'approved');
});

test('a limit is told as an amount of money', () => {
  const told = (limit: number, currency?: string) =>
    evaluatePolicy(
      { ...policyOf(), limits: [{ grade: 'C', maxAmountMinor: limit }] },
      { grade: 'C', ...(currency && { currency }) },
    ).trace.find(({ kind }) => kind === 'limit')?.description;
  assert.equal(told(123_456_789, 'EUR'), 'Largest amount for grade C: 1,234,567.89 EUR');
  assert.equal(told(5, 'EUR'), 'Largest amount for grade C: 0.05 EUR');
  assert.equal(told(500_000, 'JPY'), 'Largest amount for grade C: 500,000 JPY');
  assert.equal(told(500_000), 'Largest amount for grade C: 500000 minor units');
});

test('a missing fact matches nothing but is_missing, not even under not', () => {
  const high: PolicyCondition = { fact: 'feature.income', op: '>', value: 100 };
  assert.equal(fires(high, {}), false);
  assert.equal(fires({ not: high }, {}), false);
  assert.equal(fires({ not: high }, { 'feature.income': 50 }), true);
  assert.equal(fires({ fact: 'feature.income', op: 'is_missing' }, {}), true);
  assert.equal(fires({ fact: 'feature.income', op: 'is_missing' }, { 'feature.income': 0 }), false);
  assert.equal(fires({ any: [high, { fact: 'pd', op: '>', value: 0 }] }, { pd: 1 }), true);
  assert.equal(fires({ all: [high, { fact: 'pd', op: '>', value: 0 }] }, { pd: 1 }), false);
});

test('compares numbers with numbers and texts with texts', () => {
  assert.equal(fires({ fact: 'grade', op: 'in', value: ['D', 'E'] }, { grade: 'E' }), true);
  assert.equal(fires({ fact: 'grade', op: '=', value: 'D' }, { grade: 'E' }), false);
  assert.equal(fires({ fact: 'grade', op: '<>', value: 'D' }, { grade: 'E' }), true);
  assert.equal(fires({ fact: 'attribute.purpose', op: '<', value: 5 }, { 'attribute.purpose': 'car' }), false);
  assert.equal(fires({ not: { fact: 'attribute.purpose', op: '<', value: 5 } }, { 'attribute.purpose': 'car' }), false);
});

test('comparisons are those of arithmetic, and not is their complement when the fact is known', () => {
  const operators = {
    '=': (a: number, b: number) => a === b,
    '<': (a: number, b: number) => a < b,
    '>=': (a: number, b: number) => a >= b,
  };
  fc.assert(
    fc.property(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom('=' as const, '<' as const, '>=' as const),
      (a, b, op) => {
        const condition: PolicyCondition = { fact: 'pd', op, value: b };
        assert.equal(fires(condition, { pd: a }), operators[op](a, b));
        assert.equal(fires({ not: condition }, { pd: a }), !operators[op](a, b));
      },
    ),
  );
});
