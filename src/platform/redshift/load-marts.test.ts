import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { type LoadedMart, loadStatements } from './load-marts.ts';

const mart: LoadedMart = {
  name: 'months',
  columns: [
    { name: 'month', type: 'VARCHAR' },
    { name: 'applications', type: 'BIGINT' },
    { name: 'mean_pd', type: 'DOUBLE' },
  ],
  uri: 's3://bucket/books/simulated-bank/versions/1-2/months.parquet',
};

test('each mart is replaced from its very object', () => {
  assert.deepEqual(loadStatements([mart]), [
    'CREATE SCHEMA IF NOT EXISTS marts',
    'DROP TABLE IF EXISTS marts.months',
    'CREATE TABLE marts.months ("month" VARCHAR(65535), "applications" BIGINT, "mean_pd" DOUBLE PRECISION)',
    `COPY marts.months FROM '${mart.uri}' IAM_ROLE default FORMAT AS PARQUET`,
  ]);
});

test('what must not stand in SQL is refused', () => {
  const bad: LoadedMart[] = [
    { ...mart, name: 'x; DROP' },
    { ...mart, uri: "s3://b/k'" },
    { ...mart, columns: [{ name: 'a"b', type: 'BIGINT' }] },
    { ...mart, columns: [{ name: 'a', type: 'BLOB' }] },
  ];
  for (const one of bad)
    assert.throws(
      () => loadStatements([one]),
      (error) => error instanceof AssayError && error.code === 'bad_input',
    );
  assert.throws(() => loadStatements(Array.from({ length: 14 }, () => mart)), /at most 40/);
});

const python = process.env['ASSAY_MINISTACK_PYTHON'] ?? 'python3';
const hasSqlglot = spawnSync(python, ['-c', 'import sqlglot']).status === 0;

test('sqlglot reads it as Redshift', { skip: !hasSqlglot && `${python} has no sqlglot` }, () => {
  const script =
    "import sys, sqlglot\nfor s in sys.stdin.read().split('\\n'): sqlglot.parse_one(s, read='redshift', error_level=sqlglot.ErrorLevel.RAISE)";
  const done = spawnSync(python, ['-c', script], { input: loadStatements([mart]).join('\n'), encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
});
