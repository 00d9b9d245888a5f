// A borrower's features over HTTP, as the live page asks for them: as of a time, over time, for those who may see borrowers. The real
// server on the embedded PostgreSQL. The values themselves are held by test/parity.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { borrowerFeaturesSchema, problemSchema, signedInSchema } from '../../src/api/index.ts';
import { tablesOf } from '../../src/features/index.ts';
import { factKeyOf, OnlineStore } from '../../src/platform/index.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const tokens = new Map<string, string>();

const get = (path: string, user = 'underwriter'): Promise<Response> =>
  fetch(`${server.url}/api/v1${path}`, { headers: { authorization: `Bearer ${tokens.get(user)}` } });

before(async () => {
  server = await startTinyServer({ databasePort: 4777 });
  for (const username of ['engineer', 'underwriter']) {
    const answer = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    tokens.set(username, signedInSchema.parse(await answer.json()).token);
  }
  const tables = tablesOf(tinyPortfolio);
  const { database } = server;
  const clock = { now: () => new Date('2024-06-01T00:00:00Z') };
  const store = new OnlineStore({ database, portfolio: tinyPortfolio.name, tables, clock });
  const applications = tables.find(({ name }) => name === 'loan_applications')!;
  const made = (id: string, day: number, income: number) => {
    const row = {
      ...{ application_id: id, borrower_id: 'B 1/ü', applied_at: Date.UTC(2024, 4, day) * 1000, amount_minor: 10_000 },
      ...{ income_minor: income, arrears: null, purpose: 'car' },
    };
    return { table: applications.name, key: factKeyOf(applications, row), borrowerId: 'B 1/ü', row };
  };
  await database.transaction((transaction) => store.apply(transaction, [made('A1', 1, 5_000), made('A2', 20, 2_500)]));
});
after(() => server.stop());

const path = `/borrowers/${encodeURIComponent('B 1/ü')}/features`;

test('over time every instant has the application that was the latest by then', async () => {
  const answer = borrowerFeaturesSchema.parse(await (await get(`${path}?asOf=2024-05-21&over=30&points=4`)).json());
  assert.deepEqual(
    answer.instants.map(({ asOf, applicationId }) => [asOf.slice(0, 10), applicationId]),
    [
      ['2024-04-21', null],
      ['2024-05-01', 'A1'],
      ['2024-05-11', 'A1'],
      ['2024-05-21', 'A2'],
    ],
  );
  const burden = answer.features.find(({ name }) => name === 'burden');
  assert.deepEqual(burden?.values, [null, 2, 2, 4]);
  assert.equal(answer.streamedFacts, 2);
});

test('without a time it is what the next decision would see', async () => {
  const answer = borrowerFeaturesSchema.parse(await (await get(path)).json());
  assert.deepEqual(
    answer.instants.map(({ applicationId }) => applicationId),
    ['A2'],
  );
});

test('refusals name what is wrong', async () => {
  const status = async (suffix: string, user?: string): Promise<number> => (await get(suffix, user)).status;
  assert.equal(await status(path, 'engineer'), 403);
  assert.equal(await status('/borrowers/nobody/features'), 404);
  assert.equal(await status(`${path}?over=9999`), 400);
  assert.equal(await status(`${path}?points=101`), 400);
  assert.equal(await status(`${path}?asOf=2024-02-31`), 400);
  assert.equal(await status('/borrowers/%00/features'), 400);
  const problem = problemSchema.parse(await (await get(`${path}?asOf=yesterday`)).json());
  assert.equal(problem.errors?.[0]?.path, 'asOf');
});
