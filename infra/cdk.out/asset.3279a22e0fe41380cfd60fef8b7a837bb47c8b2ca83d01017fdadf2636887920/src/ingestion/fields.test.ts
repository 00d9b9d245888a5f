import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MappingError } from '../domain/index.ts';
import { labelOf, MissingColumnError, minorUnits, minorUnitsOf, requiredText, textOf } from './index.ts';

test('money is exact, without a float in between', () => {
  for (const [text, cents] of [
    ['0', 0],
    ['12.5', 1250],
    ['-0.05', -5],
    ['.99', 99],
    ['7.', 700],
    ['1.005', 101],
    ['-1.004', -100],
    ['+3', 300],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
  ] as const) {
    assert.equal(minorUnits(text, 'amount'), cents, text);
  }
  assert.equal(Object.is(minorUnits('-0.00', 'amount'), 0), true);
  assert.equal(minorUnits('1.5', 'amount', 0), 2);
});

test('what is no amount is a fault of the row', () => {
  for (const text of ['', '.', '-', '1,5', '12 EUR', '1e3', '0x10', 'NaN', '90071992547409.92']) {
    assert.throws(() => minorUnits(text, 'amount'), MappingError, text);
  }
});

test('any number of cents survives being written and read', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (cents) => {
      const digits = String(Math.abs(cents)).padStart(3, '0');
      const text = `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
      assert.equal(minorUnits(text, 'amount'), cents);
    }),
    { seed: 5 },
  );
});

test('a column that is not there stops the run; an empty one is missing', () => {
  const record = { a: '1', b: '' };
  assert.equal(textOf(record, 'b'), null);
  assert.equal(minorUnitsOf(record, 'b'), null);
  assert.throws(
    () => textOf(record, 'c'),
    (error) => error instanceof MissingColumnError && /columns: a, b/.test(error.message),
  );
  assert.throws(() => requiredText(record, 'b'), MappingError);
});

test('a code outside the codebook is a fault of the row', () => {
  assert.equal(labelOf({ code: 'A11' }, 'code', { A11: 'low' }), 'low');
  assert.throws(() => labelOf({ code: 'A99' }, 'code', { A11: 'low' }), MappingError);
});
