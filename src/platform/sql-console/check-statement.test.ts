import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { openWarehouse, type Warehouse } from '../index.ts';
import { checkStatement } from './check-statement.ts';

const KNOWN = [
  { schema: 'processed', name: 'loans' },
  { schema: 'processed', name: 'outcomes' },
  { schema: 'marts', name: 'outcomes' },
];
const RESERVED = new Set(['duckdb_views', 'sqlite_master']);

let warehouse: Warehouse;
before(async () => {
  warehouse = await openWarehouse({ threads: 1 });
});
after(() => warehouse.close());

async function check(sql: string): Promise<string[]> {
  const [row] = await warehouse.rows<{ tree: string }>('SELECT json_serialize_sql($1::VARCHAR) AS tree', [sql]);
  const tables = checkStatement(sql, JSON.parse(row?.tree ?? '{}'), { known: KNOWN, reserved: RESERVED });
  return tables.map(({ schema, name }) => `${schema}.${name}`);
}

async function issueOf(sql: string): Promise<string> {
  const error = await check(sql).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  assert.ok(error instanceof AssayError && error.code === 'bad_input', `${sql} was not refused`);
  const [issue] = error.parts.issues ?? [];
  return `${issue?.path} ${issue?.message}`;
}

test('a SELECT says which tables it needs, wherever they stand', async () => {
  assert.deepEqual(await check('SELECT count(*) FROM Loans JOIN marts.outcomes ON true'), [
    'processed.loans',
    'marts.outcomes',
  ]);
  assert.deepEqual(await check('SELECT (SELECT max(x) FROM outcomes) WHERE EXISTS (FROM processed.loans)'), [
    'processed.outcomes',
    'processed.loans',
  ]);
  assert.deepEqual(await check('WITH a AS (SELECT * FROM loans) SELECT * FROM a, range(3), (VALUES (1)) v'), [
    'processed.loans',
  ]);
  assert.deepEqual(await check('WITH RECURSIVE r AS (SELECT 1 x UNION ALL SELECT x + 1 FROM r) SELECT * FROM r'), []);
});

test('nothing tells how a view is made: its text has the secret of the pseudonyms', async () => {
  for (const call of [
    'pg_get_viewdef(i)',
    'pg_catalog.PG_GET_VIEWDEF(i)',
    'pg_get_constraintdef(i)',
    "json_serialize_plan('SELECT * FROM processed.loans')",
    'i.pg_get_viewdef()',
    'list_transform([i], x -> pg_get_viewdef(x))',
    'pg_sleep(i)',
  ]) {
    assert.match(await issueOf(`SELECT ${call} FROM range(30000) t(i), processed.loans`), /is not run here/, call);
  }
});

test('what is no single SELECT is refused', async () => {
  const statements = [
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    "COPY loans TO '/tmp/x.csv'",
    "ATTACH '/tmp/x.db'",
    'INSTALL httpfs',
    "LOAD 'x'",
    'PRAGMA database_list',
    'SET enable_external_access = true',
    'RESET ALL',
    'CREATE TABLE t AS SELECT 1',
    'CREATE SECRET s (TYPE s3)',
    'DROP VIEW loans',
    'INSERT INTO loans VALUES (1)',
    'EXPLAIN ANALYZE SELECT 1',
    "EXECUTE p('x')",
    'CALL pragma_version()',
    'CHECKPOINT',
    "EXPORT DATABASE '/tmp/x'",
    'SELECT 1; SELECT 2',
    "SELECT 1; COPY (SELECT 1) TO '/tmp/x.csv'",
    'WITH a AS (INSERT INTO loans VALUES (1) RETURNING *) SELECT * FROM a',
    '',
    ';',
    'DESCRIBE loans',
    'SHOW TABLES',
    'SUMMARIZE loans',
    'FROM (DESCRIBE loans)',
  ];
  for (const sql of statements) await issueOf(sql);
});

test('no way leads to files, settings, secrets or the catalog of the engine', async () => {
  const statements = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM READ_PARQUET('/lake/processed/borrowers/dt=all/part.parquet')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    "SELECT * FROM 'http://example.com/x.parquet'",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT * FROM loans WHERE 1 IN (SELECT 1 FROM glob('/*'))",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('loans')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    'SELECT * FROM duckdb_secrets()',
    'SELECT * FROM duckdb_settings()',
    'SELECT * FROM duckdb_views()',
    'SELECT * FROM duckdb_views',
    'SELECT * FROM information_schema.tables',
    'SELECT * FROM pg_catalog.pg_views',
    'SELECT * FROM sqlite_master',
    'SELECT * FROM system.main.duckdb_views',
    "SELECT * FROM pragma_table_info('loans')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_metadata('/x.parquet')",
    "SELECT getenv('HOME')",
    "SELECT GetEnv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT getvariable('x')",
    'SELECT sleep_ms(100000)',
    "SELECT list_transform([1], lambda x: current_setting('threads'))",
    'SELECT * FROM borrowers',
    'SELECT * FROM raw.loans',
  ];
  for (const sql of statements) await issueOf(sql);
});

test('a WITH name that is used outside its reach finds nothing of the engine or of the disk', async () => {
  const inner = (name: string) => `SELECT * FROM (WITH ${name} AS (SELECT 1) FROM ${name}), ${name}`;
  assert.match(await issueOf(inner('"/lake/borrowers.parquet"')), /cannot be used in WITH/);
  assert.match(await issueOf(inner('duckdb_views')), /cannot be used in WITH/);
  assert.match(await issueOf(inner('"x.csv"')), /cannot be used in WITH/);
});

test('a refusal says where', async () => {
  assert.equal(await issueOf('SELECT a\nFROM nowhere'), 'sql:2:6 there is no table nowhere');
  assert.match(await issueOf('SELECT 1\n  FRM x y'), /^sql:2:\d+ syntax error at or near "/);
  assert.match(await issueOf("SELECT 'é', (SELECT 1 FROM outside)"), /^sql:1:\d+ there is no table outside/);
});
