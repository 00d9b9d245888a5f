import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  elapsedMs,
  formatBin,
  formatBytes,
  formatDuration,
  formatFeature,
  formatMoney,
  formatPercent,
  formatSigned,
  formatTime,
  toMajor,
  toMinor,
  toWords,
} from './index.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('money is minor units of its own currency', () => {
  assert.equal(plain(formatMoney(123456, 'EUR')), 'EUR 1,234.56');
  assert.equal(plain(formatMoney(123400, 'EUR')), 'EUR 1,234');
  assert.equal(plain(formatMoney(123456, 'JPY')), 'JPY 123,456');
  assert.equal(plain(formatMoney(123456, 'KWD')), 'KWD 123.456');
  assert.equal(formatMoney(null, 'EUR'), '–');
});

test('an amount typed in and shown again is the same amount', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('EUR', 'JPY', 'KWD'), (minor, currency) => {
      assert.equal(toMinor(toMajor(minor, currency), currency), minor);
    }),
  );
});

test('figures carry units, signs and a dash where there are none', () => {
  assert.equal(formatPercent(0.06337), '6.34 %');
  assert.equal(formatPercent(undefined), '–');
  assert.equal(formatPercent(Number.NaN), '–');
  assert.equal(formatSigned(-12.34), '−12.3');
  assert.equal(formatSigned(12.34), '+12.3');
  assert.equal(formatSigned(-0.04), '0.0');
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1536), '1.5 KiB');
  assert.equal(toWords('out_of_time'), 'Out of time');
  assert.equal(toWords('BuildMarts'), 'Build marts');
});

test('features and bins are told in their units', () => {
  const money = { unit: 'minor units a month', currency: 'EUR' };
  assert.equal(plain(formatFeature(95602, money)), 'EUR 956.02 a month');
  assert.equal(formatFeature(12, { unit: 'months', currency: 'EUR' }), '12 months');
  assert.equal(formatFeature(3, { unit: 'count', currency: 'EUR' }), '3');
  assert.equal(formatFeature(null, { unit: 'days', currency: 'EUR', nullMeaning: 'never late' }), 'never late');
  assert.equal(formatFeature('debt_consolidation', { unit: 'category', currency: 'EUR' }), 'Debt consolidation');
  assert.equal(formatFeature('A11', { unit: 'category', currency: 'EUR' }), 'A11');
  const days = { unit: 'days', currency: 'EUR' };
  assert.equal(formatBin('(-inf, 3.5)', days), 'below 3.5 days');
  assert.equal(formatBin('[3.5, 10)', days), '3.5 days to 10 days');
  assert.equal(formatBin('[10, inf)', days), '10 days and above');
  assert.equal(formatBin('[-1e-7, inf)', { unit: '', currency: 'EUR' }), '0 and above');
  assert.equal(formatBin('Missing', days), 'Missing');
});

test('times are UTC, durations fit their size', () => {
  assert.equal(formatTime('2026-03-01T14:05:59.000Z'), '2026-03-01 14:05 UTC');
  assert.equal(formatDuration(340), '340 ms');
  assert.equal(formatDuration(12_345), '12.3 s');
  assert.equal(formatDuration(125_000), '2 min 05 s');
  assert.equal(formatDuration(3_725_000), '1 h 02 min');
  assert.equal(elapsedMs('2026-01-01T00:00:00Z', null, Date.parse('2026-01-01T00:00:05Z')), 5000);
  assert.equal(elapsedMs(null, null, 0), null);
});
