import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssayError } from '../domain/index.ts';
import { monthNumber, parseMicroseconds, wholeDays } from './time.ts';

const anyMoment = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });

test('an ISO time becomes the microseconds the calendar says', () => {
  fc.assert(
    fc.property(anyMoment, (moment) => {
      const iso = moment.toISOString();
      assert.equal(parseMicroseconds(iso), moment.getTime() * 1000);
      assert.equal(parseMicroseconds(iso.replace('T', ' ').slice(0, 19)), Math.floor(moment.getTime() / 1000) * 1e6);
      assert.equal(parseMicroseconds(iso.slice(0, 10)), Date.parse(iso.slice(0, 10)) * 1000);
      assert.equal(monthNumber(moment.getTime() * 1000), moment.getUTCFullYear() * 12 + moment.getUTCMonth());
    }),
  );
  assert.equal(parseMicroseconds('1970-01-01T00:00:00.000001'), 1);
  assert.equal(parseMicroseconds('1970-01-01T00:01'), 60_000_000);
});

test('what is not a date is refused', () => {
  const wrong = [
    '',
    '2024',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-32',
    '2024/01/01',
    '24-01-01',
    '2024-01-01T24:00:00',
  ];
  wrong.push(
    '2024-01-01T10',
    '2024-01-01T10:61',
    '2024-01-01T10:00:00+02:00',
    '2024-01-01T10:00:00.1234567',
    '2024-01-01X10:00:00',
  );
  for (const text of wrong) assert.throws(() => parseMicroseconds(text), AssayError, text);
});

test('whole days round down on both sides of asOf', () => {
  const day = 86_400_000_000;
  assert.deepEqual([0, 1, day - 1, day, -1, -day, -day - 1].map(wholeDays), [0, 0, 0, 1, -1, -1, -2]);
  assert.equal(wholeDays(104_000 * day - 1), 103_999);
});
