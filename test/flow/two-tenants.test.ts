// Two lenders, each with an installation of its own: a data directory, a database, keys. Both serve at once, with the same users,
// passwords, book and borrower ids; everything that one gave out is shown to the other, and is nothing to it: tokens, cookies, ids of
// decisions, cases and notices, idempotency keys, signed models, sealed rows. What one keeps is in no answer and no file of the other.
// It does not test two lenders in one installation: there is no such thing.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  API_PREFIX,
  decisionListSchema,
  decisionSchema,
  personExportSchema,
  reviewsSchema,
} from '../../src/api/index.ts';
import { openPersonVault, openSigner } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

type Tenant = { readonly server: TinyServer; readonly call: ReturnType<typeof signedIn>; readonly canary: string };
let tenants: Tenant[] = [];
let [one, other]: [Tenant, Tenant] = [] as unknown as [Tenant, Tenant];

before(async () => {
  for (const canary of ['car', 'travel']) {
    const server = await startTinyServer({ databasePort: 0 });
    tenants = [...tenants, { server, canary, call: signedIn(() => server) }];
  }
  [one, other] = [tenants[0]!, tenants[1]!];
});
after(async () => {
  for (const { server } of tenants) await server.stop();
});

const INCOMES: Readonly<Record<string, number>> = { car: 717_171, travel: 929_292 };
const application = ({ canary }: Tenant, more: object = {}) => ({
  borrowerId: 'b1',
  amountMinor: 60_000,
  attributes: { income_minor: INCOMES[canary]!, arrears: 0, purpose: canary },
  ...more,
});
async function decide(tenant: Tenant, more: object = {}) {
  const response = await tenant.call('underwriter', 'POST', '/applications', application(tenant, more));
  assert.equal(response.status, 201, await response.clone().text());
  return decisionSchema.parse(await response.json());
}

test('a token and a cookie of one open nothing of the other', async () => {
  const response = await fetch(`${one.server.url}${API_PREFIX}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'compliance', password: PASSWORD }),
  });
  const { token } = (await response.json()) as { token: string };
  const cookie = response.headers
    .getSetCookie()
    .map((text) => text.split(';')[0]!)
    .join('; ');
  assert.ok(token.length > 20 && cookie !== '');
  for (const headers of [{ authorization: `Bearer ${token}` }, { cookie }]) {
    const at = ({ server }: Tenant, path: string) => fetch(server.url + API_PREFIX + path, { headers });
    assert.equal((await at(one, '/decisions')).status, 200);
    for (const path of ['/decisions', '/audit', '/persons/b1/export', '/models', '/reviews', '/notices'])
      assert.equal((await at(other, path)).status, 401, path);
  }
});

test('the same idempotency key is a decision of its own for each, and neither id is known to the other', async () => {
  const send = async ({ server, ...tenant }: Tenant) => {
    const response = await fetch(`${server.url}${API_PREFIX}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'underwriter', password: PASSWORD }),
    });
    const { token } = (await response.json()) as { token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k-1' };
    const body = JSON.stringify(application({ server, ...tenant }));
    return decisionSchema.parse(
      await (await fetch(`${server.url}${API_PREFIX}/applications`, { method: 'POST', headers, body })).json(),
    );
  };
  const [mine, theirs] = [await send(one), await send(other)];
  assert.notEqual(mine.decisionId, theirs.decisionId);
  for (const path of ['', '/replay', '/explanation', '/notice']) {
    assert.equal((await other.call('compliance', 'GET', `/decisions/${mine.decisionId}${path}`)).status, 404, path);
    assert.notEqual((await one.call('compliance', 'GET', `/decisions/${mine.decisionId}${path}`)).status, 404, path);
  }
  assert.equal((await other.call('compliance', 'GET', `/audit/proofs/${mine.decisionId}`)).status, 404);
});

test('a case of one is taken, decided and found by nobody of the other', async () => {
  await decide(one, { attributes: { arrears: 1 } });
  const { rows } = reviewsSchema.parse(await (await one.call('manager', 'GET', '/reviews')).json());
  const { caseId } = rows[0]!;
  assert.deepEqual(reviewsSchema.parse(await (await other.call('manager', 'GET', '/reviews')).json()).rows, []);
  assert.equal((await other.call('manager', 'GET', `/reviews/${caseId}`)).status, 404);
  assert.equal((await other.call('manager', 'POST', `/reviews/${caseId}/claim`, {})).status, 404);
  assert.equal((await one.call('manager', 'POST', `/reviews/${caseId}/claim`, {})).status, 200);
});

test('a copy of a person, lists and the audit log hold nothing of the other lender, whose borrower has the same id', async () => {
  await decide(other);
  for (const [tenant, foreign] of [
    [one, other],
    [other, one],
  ] as const) {
    const canary = String(INCOMES[foreign.canary]);
    const copy = await (await tenant.call('compliance', 'GET', '/persons/b1/export')).text();
    assert.ok(copy.includes(String(INCOMES[tenant.canary])) && !copy.includes(canary));
    for (const path of ['/decisions?borrowerId=b1', '/audit/entries', '/reviews', '/notices'])
      assert.ok(!(await (await tenant.call('compliance', 'GET', path)).text()).includes(canary), path);
  }
  const persons = await Promise.all(
    tenants.map(async ({ call }) =>
      personExportSchema.parse(await (await call('compliance', 'GET', '/persons/b1/export')).json()),
    ),
  );
  assert.notEqual(persons[0]!.person, persons[1]!.person, 'pseudonyms are made under the keys of each');
});

test('what one signed or sealed opens nowhere else', async () => {
  const bytes = Buffer.from('a model of one lender');
  const [signer, stranger] = [openSigner(one.server.home), openSigner(other.server.home)];
  const signed = await signer.sign(bytes);
  assert.equal(signer.verify(bytes, signed), true);
  assert.equal(stranger.verify(bytes, signed), false);
  const clock = { now: () => new Date() };
  const vaultOf = ({ server }: Tenant) =>
    openPersonVault({ home: server.home, database: server.database, clock, portfolio: 'tiny' });
  const sealed = (await vaultOf(one).sealOf('b1')).seal('private', 'note');
  assert.equal(await vaultOf(one).open(vaultOf(one).pseudonym('b1'), sealed, 'note'), 'private');
  await assert.rejects(vaultOf(other).open(vaultOf(other).pseudonym('b1'), sealed, 'note'));
});

test('an erasure at one leaves the other as it was', async () => {
  const reason = { reason: 'The person asked for it in writing.' };
  const held = async () =>
    decisionListSchema.parse(await (await other.call('compliance', 'GET', '/decisions?borrowerId=b1')).json()).rows;
  const earlier = await held();
  const erased = await one.call('compliance', 'POST', '/persons/b1/erase', reason);
  assert.ok([200, 409].includes(erased.status), await erased.text());
  assert.ok(earlier.length > 0);
  assert.deepEqual(await held(), earlier);
});

test('no file of one holds what the other was told', async () => {
  for (const [tenant, foreign] of [
    [one, other],
    [other, one],
  ] as const) {
    const home = tenant.server.home;
    for (const name of await readdir(home, { recursive: true })) {
      const path = join(home, name);
      if (!(await stat(path)).isFile()) continue;
      const text = (await readFile(path)).toString('latin1');
      assert.ok(!text.includes(foreign.server.home), `${name} names the other's directory`);
      assert.ok(!text.includes(String(INCOMES[foreign.canary])), `${name} holds the other's data`);
    }
  }
});
