/**
 * The SQL console through the real server: what each role may ask, what it sees of the lake (columns of class demographic left out, ids
 * as pseudonyms that join), exact numbers, limits of rows and time, cancelling by hanging up, refusals with their position, and the entry
 * in the audit log. The lake is small and made by the real features and model. Which statements are refused at all is tested beside
 * check-statement.ts; here that a file of the lake is out of reach even for the engine itself.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sqlResultSchema, sqlTablesSchema } from '../../src/api/index.ts';
import { type ConsoleView, runConsoleQuery } from '../../src/platform/index.ts';
import { BOOK_SIZE, fillTinyLake } from './support/tiny-lake.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;

before(async () => {
  server = await startTinyServer({ databasePort: 4752 });
  await fillTinyLake(server.lake, server.models, { now: () => new Date() });
});
after(() => server?.stop());

async function call(username: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const signedIn = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  const { token } = (await signedIn.json()) as { token: string };
  return fetch(`${server.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
}

async function ask(sql: string, maxRows?: number) {
  const response = await call('engineer', '/sql', { sql, ...(maxRows !== undefined && { maxRows }) });
  assert.equal(response.status, 200, await response.clone().text());
  return sqlResultSchema.parse(await response.json());
}

test('tables and columns: nothing personal, ids as pseudonyms', async () => {
  const response = await call('engineer', '/sql/tables');
  const { tables } = sqlTablesSchema.parse(await response.json());
  const scores = tables.find(({ schema, name }) => schema === 'modeled' && name === 'scores');
  assert.ok(scores?.columns.some(({ name, pseudonym }) => name === 'borrower_id' && pseudonym));
  assert.ok(!tables.some(({ name }) => name === 'strategy_members'));
});

test('a question is answered from the lake, and joins work on pseudonyms', async () => {
  const counted = await ask('SELECT count(*) AS n, round(avg(pd), 6) AS pd FROM scores');
  assert.deepEqual(
    counted.columns.map(({ name }) => name),
    ['n', 'pd'],
  );
  assert.equal(counted.rows[0]?.[0], BOOK_SIZE);
  const joined = await ask('SELECT count(*) FROM scores JOIN modeled.features USING (application_id)');
  assert.equal(joined.rows[0]?.[0], BOOK_SIZE);
  const [row] = (await ask('SELECT application_id FROM scores LIMIT 1')).rows;
  assert.match(String(row?.[0]), /^[0-9a-f]{16}$/);
});

test('numbers are exact or text, and what is missing is null', async () => {
  const { rows } = await ask(
    "SELECT 9007199254740993::BIGINT, 42::BIGINT, 0.1::DECIMAL(5,1), 'x', NULL, true, 'NaN'::DOUBLE, [1, 2], DATE '2026-01-02'",
  );
  assert.deepEqual(rows, [['9007199254740993', 42, 0.1, 'x', null, true, 'NaN', '[1, 2]', '2026-01-02']]);
});

test('rows and bytes are limited, and the answer says so', async () => {
  const cut = await ask('SELECT * FROM range(5000)', 100);
  assert.equal(cut.rows.length, 100);
  assert.equal(cut.cut, 'rows');
  const whole = await ask('SELECT * FROM range(100)', 100);
  assert.equal(whole.cut, null);
  const wide = await ask("SELECT repeat('x', 9000) FROM range(10000)", 10_000);
  assert.equal(wide.cut, 'bytes');
});

test('a refusal names line and column', async () => {
  const response = await call('engineer', '/sql', { sql: 'SELECT grade,\n  nothing FROM scores' });
  assert.equal(response.status, 400);
  const { errors } = (await response.json()) as { errors: { path: string; message: string }[] };
  assert.equal(errors[0]?.path, 'sql:2:3');
  assert.match(errors[0]?.message ?? '', /nothing/);
});

test('a role that has the persons themselves has no console', async () => {
  assert.equal((await call('underwriter', '/sql', { sql: 'SELECT 1' })).status, 403);
  assert.equal((await call('underwriter', '/sql/tables')).status, 403);
});

test('who asked what is in the audit log, without texts of the query', async () => {
  await ask("SELECT 1 AS one WHERE 'Ann' = 'Ann'");
  const response = await call('compliance', '/audit/entries?kind=sql_asked');
  const { rows } = (await response.json()) as { rows: { actor: string; data: { sql: string } }[] };
  assert.equal(rows[0]?.actor, 'engineer');
  assert.equal(rows[0]?.data.sql, "SELECT 1 AS one WHERE '?' = '?'");
});

test('who hangs up stops the query, and the place is free again', async () => {
  const forever = 'SELECT count(*) FROM range(1000000) a, range(1000000) b';
  for (let turn = 0; turn < 2; turn += 1) {
    const leaving = new AbortController();
    const asked = call('engineer', '/sql', { sql: forever }, leaving.signal);
    setTimeout(() => leaving.abort(), 1500);
    await assert.rejects(asked);
  }
  for (let tries = 0; ; tries += 1) {
    const response = await call('engineer', '/sql', { sql: 'SELECT 1' });
    if (response.status === 200) break;
    assert.ok(tries < 20, 'the queries went on');
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
});

const query = (sql: string, views: readonly ConsoleView[] = []) =>
  runConsoleQuery({ sql, views, maxRows: 10, timeLimitMs: 3_000 });

test('a query that takes too long or too much ends', async () => {
  await assert.rejects(query('SELECT count(*) FROM range(1000000) a, range(1000000) b'), /longer than 3 seconds/);
  await assert.rejects(
    query('SELECT max(l) FROM (SELECT list(range) AS l FROM range(2000000000))'),
    /memory|longer than/,
  );
});

test('a file that no view of the query names is out of reach for the engine too', async () => {
  const file = server.lake.path('modeled/scores/scores.parquet');
  const lying: ConsoleView = {
    schema: 'modeled',
    name: 'scores',
    files: [file],
    columns: [{ name: 'x', expression: "(SELECT count(*) FROM read_text('/etc/passwd'))" }],
  };
  await assert.rejects(query('SELECT x FROM scores', [lying]), (error: Error) => {
    assert.ok(!error.message.includes('/etc'), 'no path of the machine is told');
    return true;
  });
});
