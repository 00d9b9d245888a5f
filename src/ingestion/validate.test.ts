import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { column, type MappedRow, type TableSchema } from '../domain/index.ts';
import { createMicrosParser, parseDay, parseMicros } from './calendar.ts';
import { createRowValidator } from './index.ts';

const table: TableSchema = {
  name: 'loans',
  description: '',
  key: ['id'],
  columns: [
    column.text('id', { nullable: true }),
    column.text('status', { nullable: true, values: ['open', 'closed'] }),
    column.integer('term', { nullable: true, min: 1, max: 480 }),
    column.double('rate', { nullable: true }),
    column.money('amount_minor', { nullable: true, min: 0 }),
    column.date('granted_on', { nullable: true }),
    column.timestamp('known_at', { nullable: true }),
    column.boolean('secured', { nullable: true }),
  ],
};

function validated(row: MappedRow) {
  const validator = createRowValidator(table);
  const into = validator.columns.map(() => []);
  const issue = validator.append({ id: 'L1', ...row }, into);
  return { issue, row: Object.fromEntries(validator.columns.map((name, i) => [name, into[i]![0]])), into };
}

test('good values are typed; dates become days and times microseconds', () => {
  const { issue, row } = validated({
    status: 'open',
    term: '36',
    rate: '1.5e-3',
    amount_minor: 120_000,
    granted_on: '2024-02-29',
    known_at: '2024-02-29T10:20:30.5+02:00',
    secured: 'yes',
  });
  assert.equal(issue, null);
  assert.deepEqual(row, {
    id: 'L1',
    status: 'open',
    term: 36,
    rate: 0.0015,
    amount_minor: 120_000,
    granted_on: Date.UTC(2024, 1, 29) / 86_400_000,
    known_at: Date.UTC(2024, 1, 29, 8, 20, 30, 500) * 1000,
    secured: true,
  });
});

test('each fault names its field, and nothing of the row is kept', () => {
  const faults: [MappedRow, string, RegExp][] = [
    [{ id: '' }, 'id', /missing but required/],
    [{ id: ' \u00a0 ' }, 'id', /blank/],
    [{ id: 'a\0b' }, 'id', /zero character/],
    [{ id: 'a\ud800b' }, 'id', /half of a surrogate pair/],
    [{ id: 'a'.repeat(201) }, 'id', /longer than 200 characters/],
    [{ status: 'lost' }, 'status', /allowed values/],
    [{ term: '3.5' }, 'term', /whole number/],
    [{ term: '0' }, 'term', /below 1/],
    [{ term: '481' }, 'term', /above 480/],
    [{ term: '9007199254740993' }, 'term', /too large to be exact/],
    [{ rate: 'n/a' }, 'rate', /not a number/],
    [{ rate: '1e400' }, 'rate', /finite/],
    [{ rate: Number.NaN }, 'rate', /finite/],
    [{ amount_minor: '-1' }, 'amount_minor', /below 0/],
    [{ granted_on: '2023-02-29' }, 'granted_on', /not a date/],
    [{ granted_on: '31.12.2023' }, 'granted_on', /not a date/],
    [{ granted_on: '0001-01-01' }, 'granted_on', /not a date/],
    [{ known_at: '2023-01-01 24:00:00' }, 'known_at', /not a time/],
    [{ secured: 'maybe' }, 'secured', /true or false/],
  ];
  for (const [row, field, reason] of faults) {
    const { issue, into } = validated(row);
    assert.equal(issue?.field, field);
    assert.match(issue!.reason, reason);
    assert.ok(into.every((values) => values.length === 0));
  }
});

test('a nullable column takes nothing; a key never does', () => {
  assert.equal(validated({}).issue, null);
  assert.equal(validated({ id: null }).issue?.field, 'id');
});

test('days and microseconds agree with the calendar on every real date', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1800-01-01'), max: new Date('2199-12-31T23:59:59Z'), noInvalidDate: true }),
      (date) => {
        const iso = date.toISOString();
        assert.equal(parseDay(iso.slice(0, 10)), Math.floor(date.getTime() / 86_400_000));
        assert.equal(parseMicros(iso), date.getTime() * 1000);
      },
    ),
    { seed: 3 },
  );
});

test('an offset that no place on earth has makes no time', () => {
  const noon = parseMicros('2024-05-01T12:00:00Z')!;
  assert.equal(parseMicros('2024-05-02T02:00:00+14:00'), noon);
  assert.equal(parseMicros('2024-05-01T00:00:00-1200'), noon);
  for (const offset of ['+14:01', '+25:00', '-13:00', '+05:60', '+99:99']) {
    assert.equal(parseMicros(`2024-05-01T12:00:00${offset}`), null, offset);
  }
});

test('the quick path for times says what the careful one says, on good and bad texts', () => {
  const quick = createMicrosParser();
  const digit = fc.constantFrom(...'0123456789:- T/9a');
  const near = fc
    .tuple(
      fc.date({ min: new Date('1990-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
      fc.nat(18),
      digit,
    )
    .map(([date, at, mark]) => {
      const text = date.toISOString().slice(0, 19);
      return text.slice(0, at) + mark + text.slice(at + 1);
    });
  fc.assert(
    fc.property(near, (text) => {
      assert.equal(quick(text), parseMicros(text), text);
      assert.equal(quick(text.replace('T', ' ')), parseMicros(text.replace('T', ' ')), text);
    }),
    { numRuns: 2000, seed: 8 },
  );
});
