/**
 * Walks through a server whose disk is nearly full and whose database is gone for a moment: what cannot be kept is refused with
 * "come again" and not acknowledged, reads go on, and both recover by themselves. A disk that is really full, which takes a file
 * system of its own, is bench/disk-full.ts.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decisionSchema, problemSchema, signedInSchema } from '../../src/api/index.ts';
import { refuseWhenFull } from '../../src/platform/index.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
let token = '';
before(async () => {
  server = await startTinyServer({ databasePort: 0 });
  token = signedInSchema.parse(
    await (await call('/session', { username: 'underwriter', password: PASSWORD })).json(),
  ).token;
});
after(() => server?.stop());

function call(path: string, body?: unknown): Promise<Response> {
  return fetch(`${server.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

const decide = (): Promise<Response> =>
  call('/applications', {
    borrowerId: 'B1',
    amountMinor: 100_000,
    attributes: { income_minor: 300_000, arrears: 0, purpose: 'car' },
  });

test('with less room than the reserve no transaction begins, reads go on, and the error says what to do', async () => {
  const full = refuseWhenFull(server.database, { path: server.home, reserveBytes: Number.MAX_SAFE_INTEGER });
  await assert.rejects(
    full.transaction(async () => {}),
    (error: Error) =>
      /the disk is nearly full; given: \d+ MiB free at .*ASSAY_DISK_RESERVE_MIB.*fix: free space/.test(error.message) &&
      'code' in error &&
      error.code === 'unavailable',
  );
  assert.equal((await full.query('SELECT 1')).length, 1);
  const roomy = refuseWhenFull(server.database, { path: server.home, reserveBytes: 1 });
  assert.equal(await roomy.transaction(async () => 7), 7);
  const nowhere = refuseWhenFull(server.database, { path: '/no/such/place', reserveBytes: 1 });
  assert.equal(await nowhere.transaction(async () => 7), 7);
});

test('a killed database is started again, and what was acknowledged is there', async () => {
  const { decisionId } = decisionSchema.parse(await (await decide()).json());
  const pid = Number((await readFile(join(server.home, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  // its children answer for a moment longer
  while (
    await server.database.query('SELECT 1').then(
      () => true,
      () => false,
    )
  )
    await sleep(10);
  const refused: number[] = [];
  let answer = await decide();
  for (let i = 0; answer.status !== 201; i++) {
    assert.ok(i < 300, 'the database did not come back');
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal(problemSchema.parse(await answer.json()).code, 'unavailable');
    refused.push(answer.status);
    await sleep(100);
    answer = await decide();
  }
  assert.ok(
    refused.every((status) => status === 503),
    String(refused),
  );
  assert.equal((await call(`/decisions/${decisionId}`)).status, 200);
});
