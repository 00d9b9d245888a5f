// Walks through guessing at passwords: five failures for a name make it wait, a success forgets them, time lifts it, and an address
// that tries many names waits as well. It does not test several workers: workers.test.ts does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { API_PREFIX } from '../../src/api/index.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;

before(async () => {
  server = await startTinyServer({ databasePort: 4704 });
});
after(() => server?.stop());

async function signIn(username: string, password: string): Promise<number> {
  const answer = await fetch(`${server.url}${API_PREFIX}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  return answer.status;
}

async function guess(username: string, times: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) statuses.push(await signIn(username, 'not it at all'));
  return statuses;
}

const laterBy = (minutes: number) => server.setClock(new Date(Date.now() + minutes * 60_000));

test('five failures for one name make it wait, a success forgets them, time lifts it', async () => {
  assert.deepEqual(await guess('modeller', 5), [401, 401, 401, 401, 401]);
  assert.equal(await signIn('modeller', PASSWORD), 429);
  assert.equal(await signIn('MODELLER ', PASSWORD), 429);
  assert.deepEqual(await guess('validator', 4), [401, 401, 401, 401]);
  assert.equal(await signIn('validator', PASSWORD), 200);
  assert.deepEqual(await guess('validator', 4), [401, 401, 401, 401]);
  laterBy(16);
  assert.equal(await signIn('modeller', PASSWORD), 200);
});

test('one address that tries many names waits too; names are not kept, and not for longer than the window', async () => {
  laterBy(40);
  for (let i = 0; i < 30; i++) assert.equal(await signIn(`nobody-${i}`, 'not it at all'), 401);
  assert.equal(await signIn('manager', PASSWORD), 429);
  const rows = await server.database.query<{ subject: string }>('SELECT subject FROM sign_in_failures');
  assert.equal(rows.length, 31);
  assert.ok(rows.every(({ subject }) => /^[0-9a-f]{64}$/.test(subject)));
  laterBy(60);
  assert.equal(await signIn('manager', PASSWORD), 200);
  const [left] = await server.database.query<{ count: number }>('SELECT count(*)::int AS count FROM sign_in_failures');
  assert.equal(left?.count, 1, 'the address of the last attempt');
});
