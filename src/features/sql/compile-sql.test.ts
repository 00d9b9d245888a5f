import assert from 'node:assert/strict';
import { test } from 'node:test';
import { borrowersTable, districtsTable, loanApplicationsTable, transactionsTable } from '../../domain/index.ts';
import { aggregate, attribute, daysBefore, derived, divide, feature, lookup, numeric } from '../library/builders.ts';
import { compileDuckdb, compileSpark } from './compile-sql.ts';

const tables = [loanApplicationsTable, borrowersTable, districtsTable, transactionsTable];
const about = { title: 't', unit: 'u', nullMeaning: 'n', reason: { code: 'R', text: 'r' } };
const money = { column: 'balance_minor' } as const;
const catalog = {
  features: [
    numeric('amount', attribute('amount_minor'), about),
    numeric('tenure', daysBefore(lookup('borrowers.borrower_id')('employed_since')), about),
    numeric('unemployment', lookup('borrowers.borrower_id', 'districts.district_id')('unemployment_rate'), about),
    numeric('mean', aggregate('transactions', { fn: 'mean', ...money }, { windowDays: 90 }), about),
    numeric('spread', aggregate('transactions', { fn: 'stddev', ...money }, { windowDays: 90 }), about),
    numeric('slope', aggregate('transactions', { fn: 'slope_per_day', ...money }, { windowDays: 90 }), about),
    numeric('last', aggregate('transactions', { fn: 'last', ...money }), about),
    numeric('share', derived(divide(feature('mean'), feature('amount'))), about),
  ],
};

test('one query per source, each source scanned once, shared totals computed once', () => {
  const { groups } = compileDuckdb(catalog, tables);
  assert.deepEqual(
    groups.map((group) => group.name),
    ['lookup_borrowers_districts', 'lookup_borrowers', 'transactions'],
  );
  const sql = groups[2]!.sql;
  assert.equal(sql.match(/JOIN transactions/g)?.length, 1);
  assert.equal(sql.match(/AS "sum_balance_minor_s0"/g)?.length, 1);
  assert.match(sql, /t\."occurred_at" < spine\.as_of\n {4}AND t\."known_at" < spine\.as_of/);
});

test('the SQL keeps to what every engine computes alike', () => {
  for (const compile of [compileDuckdb, compileSpark]) {
    const { groups, join } = compile(catalog, tables);
    for (const sql of [...groups.map((group) => group.sql), join]) {
      assert.doesNotMatch(sql, /FILTER|QUALIFY|date_?diff|percentile|string_agg|RANGE|INTERVAL|::|AVG\(|STDDEV/i);
      for (const order of sql.match(/ORDER BY [^)]+/g) ?? []) assert.match(order, /NULLS LAST/);
    }
  }
});

test('the engines differ in tokens only', () => {
  const spark = compileSpark(catalog, tables);
  const text = [...spark.groups.map((group) => group.sql), spark.join].join('\n');
  assert.match(text, /max_by\(.*struct|decimal\(38, 0\)|unix_micros/);
  assert.doesNotMatch(text, /epoch_us|hugeint|arg_max|"|\/\//);
});

test('Spark counts different values in one pass over the rows, DuckDB as SQL says it', () => {
  const counted = numeric('n', aggregate('transactions', { fn: 'count_distinct', column: 'category' }), about);
  const sqlOf = (compile: typeof compileSpark): string => compile({ features: [counted] }, tables).groups[0]!.sql;
  assert.match(
    sqlOf(compileSpark),
    /size\(collect_set\(CASE WHEN s0 THEN `category` END\)\) AS `distinct_category_s0`/,
  );
  assert.doesNotMatch(sqlOf(compileSpark), /DISTINCT/);
  assert.match(sqlOf(compileDuckdb), /COUNT\(DISTINCT CASE WHEN s0 THEN "category" END\)/);
});
