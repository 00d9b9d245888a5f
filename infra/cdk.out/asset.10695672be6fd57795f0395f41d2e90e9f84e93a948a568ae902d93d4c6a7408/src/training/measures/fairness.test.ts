import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Interval } from '../../domain/index.ts';
import { adverseImpactRatio, type GroupFairness, groupFairness, wilson } from './fairness.ts';

/** Figures of python/reference/fairness.py: statsmodels, scipy and scikit-learn. */
type Figures = Omit<GroupFairness, 'name' | 'count' | 'isReference' | 'tooFew'>;
type Rows = Record<'approved' | 'pd' | 'score' | 'outcome', number[]>;
const oracle: { groups: { name: string; rows: Rows; figures: Figures | null }[] } = JSON.parse(
  readFileSync(new URL('./fairness-oracle.json', import.meta.url), 'utf8'),
);
const groups = oracle.groups.map(({ name, rows }) => ({
  name,
  approved: Uint8Array.from(rows.approved),
  pd: Float64Array.from(rows.pd),
  score: Float64Array.from(rows.score),
  outcome: Uint8Array.from(rows.outcome),
}));

function near(found: number | Interval | null, expected: number | Interval | null, what: string): void {
  if (found === null || expected === null) {
    assert.equal(found, expected, what);
    return;
  }
  const list = (value: number | Interval) =>
    typeof value === 'number' ? [value] : [value.value, value.lower, value.upper];
  list(found).forEach((value, i) => {
    assert.ok(Math.abs(value - list(expected)[i]!) <= 1e-9, `${what}: ${value} for ${list(expected)[i]}`);
  });
}

test('every figure equals the oracle to 1e-9, and groups too small are named without figures', () => {
  for (const found of groupFairness(groups)) {
    const { figures } = oracle.groups.find(({ name }) => name === found.name)!;
    assert.equal(found.tooFew, figures === null, found.name);
    assert.equal(found.isReference, found.name === 'majority');
    if (figures === null) continue;
    for (const name of Object.keys(figures) as (keyof Figures)[])
      near(found[name], figures[name], `${found.name} ${name}`);
  }
});

test('a share lies within its interval, and a ratio of equal groups is 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, part) => {
      const events = Math.round(part * count);
      const { value, lower, upper } = wilson(events, count);
      assert.ok(lower <= value + 1e-12 && value <= upper + 1e-12 && lower >= 0 && upper <= 1);
      const ratio = adverseImpactRatio({ approved: events, count }, { approved: events, count });
      assert.equal(ratio?.value ?? 1, 1);
    }),
  );
  assert.equal(adverseImpactRatio({ approved: 0, count: 50 }, { approved: 10, count: 50 }), null);
});
