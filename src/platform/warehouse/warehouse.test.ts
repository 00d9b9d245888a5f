import assert from 'node:assert/strict';
import { mkdtemp, rename, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { AssayError, type AssayErrorCode } from '../../domain/index.ts';
import type { Warehouse } from '../contract.ts';
import { openWarehouse } from './warehouse.ts';

let warehouse: Warehouse;
before(async () => {
  warehouse = await openWarehouse({ threads: 1 });
});
after(() => warehouse.close());

const failsWith =
  (code: AssayErrorCode, text: RegExp) =>
  (error: unknown): boolean =>
    error instanceof AssayError && error.code === code && text.test(error.message);

test('every type arrives as promised', async () => {
  const [row] = await warehouse.rows(`SELECT
    (-7)::TINYINT AS tiny, 4294967295::UINTEGER AS unsigned, 9007199254740991::BIGINT AS big, (-9007199254740991)::HUGEINT AS huge,
    1.5::FLOAT AS single, 12345678.25::DECIMAL(18,2) AS money, (-0.0001)::DECIMAL(38,4) AS wide, 0.1::DECIMAL(4,1) AS narrow,
    true AS flag, 'ž€' AS words, 'a longer text than twelve bytes' AS sentence, NULL AS nothing, NULL::INTEGER AS no_number,
    DATE '1969-12-31' AS day, TIMESTAMP '2020-02-29 23:59:59.5' AS at, TIMESTAMP '1969-12-31 23:59:59.000001' AS exact,
    TIMESTAMPTZ '2020-01-01 00:00:00+02' AS zoned, [1, 2] AS many`);
  assert.deepEqual(row, {
    tiny: -7,
    unsigned: 4294967295,
    big: 9007199254740991,
    huge: -9007199254740991,
    single: 1.5,
    money: 12345678.25,
    wide: -0.0001,
    narrow: 0.1,
    flag: true,
    words: 'ž€',
    sentence: 'a longer text than twelve bytes',
    nothing: null,
    no_number: null,
    day: '1969-12-31',
    at: '2020-02-29T23:59:59.500Z',
    exact: '1969-12-31T23:59:59.000001Z',
    zoned: '2019-12-31T22:00:00.000Z',
    many: '[1, 2]',
  });
});

test('an integer that a float cannot hold is refused, and what lies under a null is not looked at', async () => {
  for (const value of [
    '9007199254740992',
    '-9223372036854775808',
    '170141183460469231731687303715884105727::HUGEINT',
  ]) {
    await assert.rejects(warehouse.rows(`SELECT ${value} AS id`), failsWith('bad_input', /"id".*64-bit float/));
  }
  const rows = await warehouse.rows('SELECT CASE WHEN i = 1 THEN NULL ELSE i END AS x FROM range(3) t(i) ORDER BY i');
  assert.deepEqual(rows, [{ x: 0 }, { x: null }, { x: 2 }]);
});

test('columns span chunks, with nulls as NaN', async () => {
  const sql = `SELECT CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS n, 'r' || i AS t FROM range(5000) r(i) ORDER BY i`;
  const { rowCount, columns } = await warehouse.columns(sql);
  const [numbers, texts] = columns;
  assert.equal(rowCount, 5000);
  assert.ok(numbers?.kind === 'numeric' && texts?.kind === 'text');
  for (let i = 0; i < 5000; i++) {
    assert.equal(numbers.values[i], i % 3 === 0 ? Number.NaN : i);
    assert.equal(texts.values[i], `r${i}`);
  }
});

test('instants far away and endless ones are told apart', async () => {
  const [row] = await warehouse.rows(
    "SELECT TIMESTAMP '9999-12-31 23:59:59.999999' AS far, TIMESTAMP '0101-01-01' AS old, 'infinity'::TIMESTAMP AS never, '-infinity'::DATE AS always",
  );
  const expected = {
    far: '9999-12-31T23:59:59.999999Z',
    old: '0101-01-01T00:00:00.000Z',
    never: 'infinity',
    always: '-infinity',
  };
  assert.deepEqual(row, expected);
});

test('no rows still have columns', async () => {
  const { rowCount, columns } = await warehouse.columns("SELECT 1::BIGINT AS a, 'x' AS b WHERE false");
  assert.equal(rowCount, 0);
  assert.deepEqual(
    columns.map((column) => [column.name, column.kind, column.values.length]),
    [
      ['a', 'numeric', 0],
      ['b', 'text', 0],
    ],
  );
});

test('parameters keep their types', async () => {
  const [row] = await warehouse.rows(
    'SELECT typeof($1) AS a, typeof($2) AS b, typeof($3) AS c, typeof($4) AS d, $5 AS e, $6 AS f, $7 IS NULL AS g, $8 AS h',
    [3, 0.5, 'x', true, new Date('2020-01-01T00:00:00.123Z'), 2n ** 53n - 1n, null, 1e300],
  );
  const expected = {
    a: 'BIGINT',
    b: 'DOUBLE',
    c: 'VARCHAR',
    d: 'BOOLEAN',
    e: '2020-01-01T00:00:00.123Z',
    f: 2 ** 53 - 1,
    g: true,
    h: 1e300,
  };
  assert.deepEqual(row, expected);
});

const cells = fc.record({
  big: fc.option(fc.maxSafeInteger()),
  int: fc.option(fc.integer()),
  real: fc.option(fc.double({ noNaN: true })),
  text: fc.option(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))),
  day: fc.option(fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })),
  flag: fc.option(fc.boolean()),
  cents: fc.option(fc.integer({ min: -99_999_999, max: 99_999_999 })),
});

test('what is appended is read back, whatever it is', async () => {
  const definition =
    'big BIGINT, int INTEGER, real DOUBLE, text VARCHAR, day DATE, moment TIMESTAMP, flag BOOLEAN, money DECIMAL(12,2)';
  await warehouse.run(`CREATE TABLE appended (i INTEGER, ${definition})`);
  await fc.assert(
    fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 50 }), async (rows) => {
      await warehouse.run('DELETE FROM appended');
      const written = rows.map((row, i) => {
        const at = row.day?.toISOString() ?? null;
        const money = row.cents === null ? null : row.cents / 100;
        return [i, row.big, row.int, row.real, row.text, at?.slice(0, 10) ?? null, at, row.flag, money];
      });
      await warehouse.append(
        'appended',
        Array.from({ length: 9 }, (_, column) => written.map((row) => row[column] ?? null)),
      );
      const read = await warehouse.rows('SELECT * FROM appended ORDER BY i');
      assert.deepEqual(
        read.map((row) => Object.values(row)),
        written,
      );
    }),
    { numRuns: 30 },
  );
});

test('an append whose value does not fit leaves no row behind, wherever it stands', async () => {
  await warehouse.run('CREATE TABLE strict (n INTEGER, d DATE)');
  const numbers: (number | string)[] = Array.from({ length: 5000 }, (_, i) => i);
  const days = numbers.map(() => '2020-01-01');
  for (const wrong of [1.5, 2 ** 31, '7', Number.NaN]) {
    const spoilt = numbers.with(4500, wrong);
    await assert.rejects(warehouse.append('strict', [spoilt, days]), failsWith('bad_input', /row 4500, column 0/));
  }
  for (const wrong of ['2021-02-29', 'yesterday', '2020-1-1', '']) {
    await assert.rejects(
      warehouse.append('strict', [numbers, days.with(3, wrong)]),
      failsWith('bad_input', /row 3, column 1/),
    );
  }
  await assert.rejects(warehouse.append('strict', [numbers]), failsWith('bad_input', /number of columns/));
  await assert.rejects(warehouse.append('strict', [[1], []]), failsWith('bad_input', /different lengths/));
  assert.deepEqual(await warehouse.rows('SELECT count(*) AS n FROM strict'), [{ n: 0 }]);
});

test('decimals are stored exactly or refused', async () => {
  await warehouse.run('CREATE TABLE exact (d DECIMAL(38,3))');
  await warehouse.append('exact', [[0.1, -1.005, '12345678901234567890123456789012345.678', null]]);
  const rows = await warehouse.rows('SELECT d::VARCHAR AS d FROM exact');
  assert.deepEqual(
    rows.map((row) => row['d']),
    ['0.100', '-1.005', '12345678901234567890123456789012345.678', null],
  );
  await assert.rejects(warehouse.append('exact', [[0.0001]]), failsWith('bad_input', /does not fit/));
});

test('statements run one after another and see temporary tables', async () => {
  await Promise.all([
    warehouse.run('CREATE TEMP TABLE turn AS SELECT 0 AS n'),
    ...Array.from({ length: 20 }, () => warehouse.run('UPDATE turn SET n = n + 1')),
  ]);
  assert.deepEqual(await warehouse.rows('SELECT n FROM turn'), [{ n: 20 }]);
});

test('errors carry the statement and tell bad input from an outage', async () => {
  await assert.rejects(warehouse.run('SELEC 1'), failsWith('bad_input', /syntax error.*given: SELEC 1/s));
  await assert.rejects(warehouse.rows('SELECT * FROM nowhere'), failsWith('bad_input', /nowhere/));
  await assert.rejects(
    warehouse.run("SELECT * FROM read_parquet('/nowhere/x.parquet')"),
    failsWith('unavailable', /IO Error/),
  );
});

test('a locked-down warehouse reads its directories and nothing else', async () => {
  const [inside, outside] = [
    await mkdtemp(join(tmpdir(), "assay-in'side-")),
    await mkdtemp(join(tmpdir(), 'assay-outside-')),
  ];
  for (const folder of [inside, outside]) await writeFile(join(folder, 'f.csv'), 'a\n1\n');
  const console_ = await openWarehouse({ threads: 1, onlyDirectories: [inside] });
  const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
  assert.deepEqual(await console_.rows(`SELECT a FROM read_csv(${quoted(join(inside, 'f.csv'))})`), [{ a: 1 }]);
  for (const statement of [
    `SELECT * FROM read_csv(${quoted(join(outside, 'f.csv'))})`,
    `SELECT * FROM read_csv(${quoted(join(inside, '..', outside.split('/').at(-1) ?? '', 'f.csv'))})`,
    `ATTACH ${quoted(join(outside, 'x.duckdb'))}`,
    'SET enable_external_access = true',
    "SET allowed_directories = ['/']",
    'INSTALL httpfs',
  ]) {
    await assert.rejects(console_.run(statement), AssayError, statement);
  }
  await console_.close();
});

test('a file that was replaced is read anew, though name, size and time of change are the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-replaced-'));
  const [cached] = await warehouse.rows<{ value: string }>(
    "SELECT current_setting('enable_external_file_cache')::VARCHAR AS value",
  );
  assert.equal(cached?.value, 'false');
  for (const [format, reader] of [
    ['parquet', 'read_parquet'],
    ['csv', 'read_csv'],
    ['json', 'read_json'],
  ] as const) {
    const path = join(folder, `f.${format}`);
    for (let first = 1_000; first < 1_010; first++) {
      const fresh = join(folder, `${format}.new`);
      await warehouse.run(
        `COPY (SELECT i AS x FROM range(${first}, ${first} + 5000) r(i)) TO '${fresh}' (FORMAT ${format})`,
      );
      await utimes(fresh, 1_700_000_000, 1_700_000_000);
      await rename(fresh, path);
      const [row] = await warehouse.rows<{ first: number }>(`SELECT min(x) AS first FROM ${reader}('${path}')`);
      assert.equal(row?.first, first, path);
    }
  }
});
