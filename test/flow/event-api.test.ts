// Events over HTTP, as a feed meets them: one and many, told apart by result, refused by name, kept as dead letters and redriven by
// those who may; what the stream tells of itself. The real server on the embedded PostgreSQL. Consumers are tested in events.test.ts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createdEventsSchema,
  deadLettersSchema,
  problemSchema,
  redrivenSchema,
  signedInSchema,
  streamStatusSchema,
} from '../../src/api/index.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const tokens = new Map<string, string>();

async function call(path: string, body?: unknown, user = 'engineer'): Promise<Response> {
  return fetch(`${server.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${tokens.get(user)}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

before(async () => {
  server = await startTinyServer({ databasePort: 4776 });
  for (const username of ['engineer', 'underwriter']) {
    const answer = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    tokens.set(username, signedInSchema.parse(await answer.json()).token);
  }
});
after(() => server.stop());

const application = (id: string, extra: Record<string, unknown> = {}) => ({
  source: 'table:loan_applications',
  payload: {
    application_id: id,
    borrower_id: 'B1',
    applied_at: '2024-05-01T10:00:00+02:00',
    amount_minor: 10_000,
    income_minor: 5_000,
    ...extra,
  },
});

test('a batch gets an answer for each event, and one bad event turns nothing back', async () => {
  const batch = [
    application('A1'),
    application('A1'),
    application('A2', { amount_minor: 12.5 }),
    application('A3', { pd: 0.01 }),
    { ...application('A4'), role: 'admin' },
    7,
  ];
  const answer = createdEventsSchema.parse(await (await call('/events', batch)).json());
  assert.deepEqual([answer.accepted, answer.duplicates, answer.rejected], [1, 1, 4]);
  assert.deepEqual(
    answer.results.map((result) => (result.status === 'rejected' ? [result.field, result.reason] : result.status)),
    [
      'accepted',
      'duplicate',
      ['amount_minor', 'not a whole number'],
      ['pd', 'not a column of loan_applications'],
      ['role', 'not a field of an event'],
      [null, 'not a JSON object'],
    ],
  );
});

test('a single event that is refused is a bad request that names the field', async () => {
  const refused = await call('/events', application('A5', { amount_minor: 'much' }));
  assert.equal(refused.status, 400);
  const problem = problemSchema.parse(await refused.json());
  assert.deepEqual(problem.errors, [{ path: 'amount_minor', message: 'not a whole number' }]);
  const taken = await call('/events', application('A5'));
  assert.equal(taken.status, 200);
  assert.deepEqual(createdEventsSchema.parse(await taken.json()).results, [
    { status: 'accepted', facts: 1, skipped: [] },
  ]);
});

test('a body that is no event or too many of them is a bad request', async () => {
  const many = Array.from({ length: 1_001 }, (_, i) => application(`M${i}`));
  for (const body of ['[]', '"x"', '{"source":', JSON.stringify(many)]) {
    const answer = await call('/events', body);
    assert.equal(answer.status, 400, body.slice(0, 30));
    problemSchema.parse(await answer.json());
  }
});

test('only those who feed the system send events or redrive', async () => {
  assert.equal((await call('/events', application('A9'), 'underwriter')).status, 403);
  assert.equal((await call('/dead-letters', undefined, 'underwriter')).status, 403);
  assert.equal((await call('/dead-letters/redrive', {}, 'underwriter')).status, 403);
  assert.equal((await call('/stream', undefined, 'underwriter')).status, 200);
});

test('dead letters are listed with field and reason, and redriven as the program reads them now', async () => {
  const { rows, total } = deadLettersSchema.parse(
    await (await call('/dead-letters?source=table:loan_applications&pageSize=2')).json(),
  );
  assert.equal(rows.length, 2);
  assert.ok(total >= 3);
  assert.ok(rows.every((row) => row.field !== null && row.original.includes('"source"')));
  const all = redrivenSchema.parse(await (await call('/dead-letters/redrive', {})).json());
  assert.deepEqual([all.accepted, all.duplicates], [0, 0]);
  const one = await call('/dead-letters/redrive', { deadLetterIds: [rows[0]!.deadLetterId] });
  assert.deepEqual(redrivenSchema.parse(await one.json()), { accepted: 0, duplicates: 0, refused: 1 });
});

test('the stream tells of its shards and what nobody has read yet, on the page and to Prometheus', async () => {
  const status = streamStatusSchema.parse(await (await call('/stream')).json());
  assert.equal(status.shards.length, 4);
  assert.ok(status.backlog >= 1);
  assert.ok(status.deadLettersWaiting >= 3);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /assay_events_total\{result="accepted"\} 2/);
  assert.match(metrics, /assay_stream_backlog_records [12]/);
});
