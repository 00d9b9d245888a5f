import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DictionaryBuilder } from './dictionary-column.ts';
import { nearNames } from './near-names.ts';
import { lastDayOf } from './parse-values.ts';
import { type TypedColumn, typeColumn } from './type-columns.ts';

function typed(texts: readonly string[], { name = 'x', missing = [] as string[] } = {}): TypedColumn {
  const builder = new DictionaryBuilder();
  for (const text of texts) builder.add(text);
  return typeColumn(builder.build(name, 0, false), missing);
}
const numbers = (texts: readonly string[], options?: { missing: string[] }): number[] => {
  const { column } = typed(texts, options);
  assert.equal(column?.kind, 'numeric');
  return column?.kind === 'numeric' ? [...column.values] : [];
};
const days = (iso: string): number => Date.parse(`${iso}T00:00:00Z`) / 86_400_000;

describe('typeColumn', () => {
  it('reads numbers in every writing', () => {
    assert.deepEqual(numbers(['1', '-2.5', '1e3', '.5']), [1, -2.5, 1000, 0.5]);
    assert.deepEqual(numbers(['10.65%', '7 %']), [0.1065, 0.07]);
    assert.deepEqual(numbers(['$1,234', '12', '1,234,567.5']), [1234, 12, 1_234_567.5]);
    assert.deepEqual(numbers(['3,5', '12', '0,25']), [3.5, 12, 0.25]);
    assert.deepEqual(numbers([' 36 months', ' 60 months']), [36, 60]);
    assert.deepEqual(numbers(['< 1 year', '2 years', '10+ years', 'n/a']), [0.5, 2, 10, Number.NaN]);
  });

  it('reads dates in every writing as days since 1970', () => {
    assert.deepEqual(numbers(['2011-12-01', '2012-02-29']), [days('2011-12-01'), days('2012-02-29')]);
    assert.deepEqual(numbers(['25.12.2011', '01.02.2012']), [days('2011-12-25'), days('2012-02-01')]);
    assert.deepEqual(numbers(['12/25/2011', '01/02/2012']), [days('2011-12-25'), days('2012-01-02')]);
    assert.deepEqual(numbers(['Dec-2011', 'Feb-12']), [days('2011-12-01'), days('2012-02-01')]);
    assert.equal(typed(['2011-02-30', '2011-13-01', 'x']).type, 'category');
  });

  it('keeps codes as categories: leading zeros, zip codes, few texts', () => {
    for (const codes of [
      ['007', '010', '007'],
      ['871xx', '031xx', '871xx'],
      ['A11', 'A12', 'A11'],
    ]) {
      assert.equal(typed(codes).type, 'category');
    }
    const { column } = typed(['b', 'a', '?', 'b']);
    assert.deepEqual(column?.kind === 'categorical' && [column.levels, [...column.codes]], [
      ['a', 'b'],
      [1, 0, -1, 1],
    ]);
  });

  it('takes codes named as missing for missing, and 1e400 too', () => {
    assert.deepEqual(numbers(['5', '-9', '7'], { missing: ['-9'] }), [5, Number.NaN, 7]);
    assert.deepEqual(numbers([...Array(40).fill('1'), '2', '1e400']).at(-1), Number.NaN);
  });

  it('leaves out what says nothing', () => {
    const many = Array.from({ length: 100 }, (_, i) => i);
    assert.equal(typed(many.map((i) => String(5 + i))).warning?.code, 'row_number');
    assert.equal(
      typed(
        many.map((i) => String((i * 37) % 101)),
        { name: 'loan_id' },
      ).warning?.code,
      'identifier',
    );
    assert.equal(typed(many.map((i) => `u${i * 7}`)).warning?.code, 'identifier');
    assert.equal(typed(['', 'NA', '']).warning?.code, 'all_missing');
    assert.equal(typed(['1', '1']).warning?.code, 'constant');
    assert.equal(typed(many.map((i) => String((i * 37) % 101))).type, 'number');
  });

  it('takes names of which most rows repeat for a category, though many are rare', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => (i % 10 < 6 ? `branch${i % 10}` : `branch${i}`));
    assert.equal(typed(rows).type, 'category');
    const mostlyRare = rows.map((text, i) => (i % 10 < 4 ? text : `b${i >> 1}`));
    assert.equal(typed(mostlyRare).warning?.code, 'identifier');
  });

  it('uses of free text its length only', () => {
    const { type, column } = typed(Array.from({ length: 100 }, (_, i) => `please help me with bill ${i}`));
    assert.equal(type, 'text_length');
    assert.deepEqual(column?.kind === 'numeric' && [column.name, column.values[0]], ['x (length)', 26]);
  });

  it('gives back any number that was written plainly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 20 }),
        (values) => {
          fc.pre(
            new Set(values.map(String)).size > 1 && !values.some((value, i) => i > 0 && value === values[i - 1]! + 1),
          );
          assert.deepEqual(
            numbers(values.map(String)),
            values.map((value) => value + 0),
          );
        },
      ),
    );
  });
});

describe('names and days', () => {
  it('a month or a year ends with its last day', () => {
    assert.equal(lastDayOf('2010-12'), days('2010-12-31'));
    assert.equal(lastDayOf('2012-02'), days('2012-02-29'));
    assert.equal(lastDayOf('2010'), days('2010-12-31'));
    assert.equal(lastDayOf('2010-06-15'), days('2010-06-15'));
    assert.ok(Number.isNaN(lastDayOf('soon')));
  });

  it('near names are offered, far ones are not', () => {
    assert.deepEqual(nearNames('loan_staus', ['loan_amnt', 'loan_status', 'x']), ['loan_status']);
    assert.deepEqual(nearNames('zzz', ['loan_amnt']), []);
  });
});
