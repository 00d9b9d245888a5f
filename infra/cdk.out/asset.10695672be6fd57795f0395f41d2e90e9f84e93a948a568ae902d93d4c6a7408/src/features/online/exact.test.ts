import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactDot, exactSum } from './exact.ts';

const whole = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1e6, max: 1e6 }));

test('sums and products are exact however large', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(whole, whole), { maxLength: 40 }), (pairs) => {
      const left = Float64Array.from(pairs, ([value]) => value);
      const right = Float64Array.from(pairs, ([, value]) => value);
      const rows = Int32Array.from(pairs.keys());
      const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
      assert.equal(BigInt(exactSum(left, rows)), total(pairs.map(([a]) => BigInt(a))));
      assert.equal(BigInt(exactSum(left, rows, true)), total(pairs.map(([a]) => BigInt(Math.abs(a)))));
      assert.equal(exactDot(left, right, rows), total(pairs.map(([a, b]) => BigInt(a) * BigInt(b))));
    }),
  );
});
