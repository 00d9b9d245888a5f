import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { toCsv } from './csv.ts';

const columns = [
  { title: 'Name', value: (row: { name: string; amount: number | null }) => row.name },
  { title: 'Amount', unit: 'EUR', value: (row: { name: string; amount: number | null }) => row.amount },
];

test('text that a spreadsheet would run is made harmless, numbers stay numbers', () => {
  const csv = toCsv(columns, [
    { name: "=cmd|' /C calc'!A0", amount: -3.5 },
    { name: '+1', amount: null },
    { name: '-1', amount: 0 },
    { name: '@SUM(A1)', amount: 1 },
    { name: '\tx', amount: 1 },
    { name: ' =1+1', amount: 1 },
    { name: '＝1+1', amount: 1 },
    { name: 'plain', amount: 1e6 },
  ]);
  assert.deepEqual(csv.split('\r\n'), [
    '\uFEFFName,Amount (EUR)',
    "'=cmd|' /C calc'!A0,-3.5",
    "'+1,",
    "'-1,0",
    "'@SUM(A1),1",
    "'\tx,1",
    "' =1+1,1",
    "'＝1+1,1",
    'plain,1000000',
    '',
  ]);
});

test('any text comes back from a CSV reader as it was, but for the apostrophe', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (names) => {
      const csv = toCsv(
        columns,
        names.map((name) => ({ name, amount: 1 })),
      );
      const read: unknown = parse(csv, { bom: true, columns: true, skip_empty_lines: false });
      assert.deepEqual(
        read,
        names.map((name) => ({
          Name: /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/.test(name) ? `'${name}` : name,
          'Amount (EUR)': '1',
        })),
      );
    }),
  );
});
