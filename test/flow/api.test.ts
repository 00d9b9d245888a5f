import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  API_PREFIX,
  decisionListSchema,
  decisionRecordSchema,
  decisionSchema,
  explanationSchema,
  mayCall,
  modelSchema,
  modelsSchema,
  type OperationId,
  operations,
  overviewSchema,
  portfolioSchema,
  problemSchema,
  ROLES,
  type Role,
  replaySchema,
  scoreResultSchema,
  sessionSchema,
  signedInSchema,
} from '../../src/api/index.ts';
import { packArtifact } from '../../src/estimators/index.ts';
import { GENESIS_HASH, openSigner, recordHash } from '../../src/platform/index.ts';
import { trainTinyModel } from './support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

/**
 * Walks through the HTTP server as its users meet it, on the real embedded PostgreSQL and with a model trained in the test:
 * signing in, who may do what, an application decided once and only once whatever happens in between, hostile bodies, the
 * record of a decision read back, explained, replayed bit for bit, and found when it was edited.
 * It does not test pages over a scored book (src/portfolio and api-book.test.ts do) or the pipeline.
 */
let server: TinyServer;
const tokens = new Map<Role, string>();

const USER_OF: Record<Role, string> = {
  modeller: 'modeller',
  validator: 'validator',
  underwriter: 'underwriter',
  portfolio_manager: 'manager',
  compliance: 'compliance',
  data_engineer: 'engineer',
  admin: 'admin',
};

type Call = {
  method?: string;
  body?: unknown;
  raw?: string | Uint8Array<ArrayBuffer>;
  role?: Role | null;
  headers?: Record<string, string>;
};

async function call(
  path: string,
  { method, body, raw, role = 'underwriter', headers = {} }: Call = {},
): Promise<Response> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  return fetch(`${server.url}${path}`, {
    method: method ?? (content === undefined ? 'GET' : 'POST'),
    headers: {
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...(role === null ? {} : { authorization: `Bearer ${tokens.get(role)}` }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content }),
  });
}

async function problem(response: Response, status: number) {
  assert.equal(response.status, status);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const parsed = problemSchema.parse(await response.json());
  assert.equal(parsed.status, status);
  return parsed;
}

const good = (more: object = {}) => ({
  borrowerId: 'b1',
  amountMinor: 200_000,
  attributes: { income_minor: 450_000, arrears: 0, purpose: 'car' },
  ...more,
});

async function decideOn(application: object, headers: Record<string, string> = {}) {
  const response = await call('/api/v1/applications', { body: application, headers });
  assert.equal(response.status, 201, await response.clone().text());
  return decisionSchema.parse(await response.json());
}

before(async () => {
  server = await startTinyServer({ databasePort: 4779 });
  for (const role of ROLES) {
    const response = await call('/api/v1/session', {
      role: null,
      body: { username: USER_OF[role], password: PASSWORD },
    });
    assert.equal(response.status, 200);
    tokens.set(role, signedInSchema.parse(await response.json()).token);
  }
});
after(() => server?.stop());

test('signing in: a cookie for browsers, a token for programs, neither after signing out', async () => {
  const signedIn = await call('/api/v1/session', {
    role: null,
    body: { username: ' Underwriter ', password: PASSWORD },
  });
  const cookie = signedIn.headers.get('set-cookie') ?? '';
  assert.match(cookie, /HttpOnly/);
  assert.match(cookie, /SameSite=Strict/);
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  const session = sessionSchema.parse(await (await call('/api/v1/session', { role: null, headers })).json());
  assert.deepEqual(session.user, { username: 'underwriter', displayName: 'Underwriter', role: 'underwriter' });
  assert.ok(session.permissions.includes('createApplication') && !session.permissions.includes('approveModel'));
  await problem(
    await call('/api/v1/scores', { role: null, headers: { ...headers, origin: 'https://evil.example' }, body: good() }),
    403,
  );
  assert.equal(
    (await call('/api/v1/scores', { role: null, headers: { ...headers, origin: server.url }, body: good() })).status,
    200,
  );
  assert.equal((await call('/api/v1/session', { role: null, method: 'DELETE', headers })).status, 204);
  await problem(await call('/api/v1/session', { role: null, headers }), 401);
});

test('signing in: wrong name and wrong password look the same, and guessing is slowed', async () => {
  const attempt = (username: string, password: string) =>
    call('/api/v1/session', { role: null, body: { username, password } });
  const wrongPassword = await problem(await attempt('validator', 'x'), 401);
  const wrongName = await problem(await attempt('nobody', 'x'), 401);
  assert.equal(wrongPassword.detail, wrongName.detail);
  for (let guess = 0; guess < 4; guess++) await attempt('nobody', 'x');
  const slowed = await attempt('nobody', 'x');
  assert.ok(Number(slowed.headers.get('retry-after')) > 0);
  await problem(slowed, 429);
});

test('roles: the server allows exactly what the table says, for every role and operation', async () => {
  for (const id of Object.keys(operations) as OperationId[]) {
    if (id === 'signIn' || id === 'signOut') continue;
    const { method, path } = operations[id];
    const url = API_PREFIX + path.replaceAll(/:\w+/g, 'x');
    const request = method === 'GET' ? {} : { method, body: { wrong: true } };
    await problem(await call(url, { ...request, role: null }), 401);
    for (const role of ROLES) {
      const response = await call(url, { ...request, role });
      const expected = mayCall(role, id);
      assert.equal(response.status === 403, !expected, `${role} ${id}: ${response.status}`);
      assert.notEqual(response.status, 401);
      assert.notEqual(response.status, 500, `${role} ${id}: ${await response.text()}`);
    }
  }
});

test('an application is decided: score, reasons, policy, offer', async () => {
  const decision = await decideOn(good());
  assert.equal(decision.outcome, 'approved');
  assert.deepEqual(decision.offer, {
    amountMinor: 200_000,
    currency: 'EUR',
    termMonths: null,
    annualRatePercent: null,
  });
  const risky = await decideOn(good({ amountMinor: 900_000, attributes: { income_minor: 110_000, arrears: 4 } }));
  assert.equal(risky.outcome, 'declined');
  assert.deepEqual(risky.outcomeReasons, [{ code: 'PD', text: 'The risk is too high' }]);
  assert.ok(risky.pd > decision.pd && risky.score < decision.score && risky.reasons.length > 0);
  assert.ok(
    risky.reasons.every(
      (reason, i) => reason.points > 0 && reason.points <= (risky.reasons[i - 1]?.points ?? Infinity),
    ),
  );
  const above = await decideOn(good({ amountMinor: 1_000_001, attributes: { income_minor: 20_000_000, arrears: 0 } }));
  assert.equal(above.outcome, 'counter_offer');
  assert.equal(above.offer?.amountMinor, 1_000_000);
  const scored = scoreResultSchema.parse(await (await call('/api/v1/scores', { body: good() })).json());
  assert.deepEqual([scored.pd, scored.score, scored.grade], [decision.pd, decision.score, decision.grade]);
});

test('what is not known is not approved: missing mandatory data is referred', async () => {
  const decision = await decideOn(good({ attributes: { arrears: 0 } }));
  assert.equal(decision.outcome, 'referred');
  assert.deepEqual(decision.missing, ['income_minor']);
  assert.equal(decision.offer, null);
  assert.deepEqual(
    decision.outcomeReasons.map((reason) => reason.code),
    ['MISSING_DATA'],
  );
  const unsure = await decideOn(good({ attributes: { arrears: 11 } }));
  assert.equal(unsure.outcome, 'referred', 'nor is it declined, though a rule fired');
  assert.ok(unsure.trace.some((entry) => entry.rule === 'many-arrears' && entry.fired));
});

test('idempotency: same key and body give the same bytes, another body is refused', async () => {
  const headers = { 'idempotency-key': 'key-1' };
  const first = await call('/api/v1/applications', { body: good(), headers });
  const again = await call('/api/v1/applications', { raw: JSON.stringify(good(), null, 2), headers });
  assert.equal(first.status, 201);
  assert.equal(again.status, 201);
  assert.deepEqual(Buffer.from(await again.arrayBuffer()), Buffer.from(await first.arrayBuffer()));
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  const other = await problem(await call('/api/v1/applications', { body: good({ amountMinor: 5 }), headers }), 422);
  assert.equal(other.errors?.[0]?.path, 'Idempotency-Key');
  await problem(
    await call('/api/v1/applications', { body: good(), headers: { 'idempotency-key': 'k'.repeat(201) } }),
    400,
  );
});

test('idempotency: twenty at once make one decision; the others wait or get its bytes', async () => {
  const before = await countDecisions();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      call('/api/v1/applications', { body: good(), headers: { 'idempotency-key': 'crowd' } }),
    ),
  );
  const bodies = new Set<string>();
  for (const answer of answers) {
    if (answer.status === 201) bodies.add(await answer.text());
    else assert.equal((await problem(answer, 409)).code, 'conflict');
  }
  assert.equal(bodies.size, 1);
  assert.equal(await countDecisions(), before + 1);
});

test('idempotency: a holder that died is waited for, then taken over; a failed request frees its key', async () => {
  await server.database.query(
    `INSERT INTO idempotency_keys (actor, key, request_hash, lease, leased_until)
     SELECT actor, 'crashed', request_hash, 'dead', now() + interval '30 seconds' FROM idempotency_keys WHERE key = 'key-1'`,
  );
  const headers = { 'idempotency-key': 'crashed' };
  await problem(await call('/api/v1/applications', { body: good(), headers }), 409);
  server.setClock(new Date(Date.now() + 31_000));
  await decideOn(good(), headers);
  server.setClock(null);
  await problem(
    await call('/api/v1/applications', { body: good({ currency: 'USD' }), headers: { 'idempotency-key': 'bad' } }),
    400,
  );
  await decideOn(good(), { 'idempotency-key': 'bad' });
});

test('idempotency: a key is forgotten after a week, and its application is still not decided twice', async () => {
  const headers = { 'idempotency-key': 'old' };
  const application = good({ applicationId: 'A-old' });
  const first = await (await call('/api/v1/applications', { body: application, headers })).text();
  const keys = async (): Promise<number> =>
    (await server.database.query("SELECT 1 FROM idempotency_keys WHERE key = 'old'")).length;
  await sleep(1_500);
  assert.equal(await keys(), 1, 'a fresh key is kept');
  await server.database.query(
    "UPDATE idempotency_keys SET leased_until = leased_until - interval '7 days 1 minute' WHERE key = 'old'",
  );
  for (let i = 0; i < 100 && (await keys()) > 0; i++) await sleep(100);
  assert.equal(await keys(), 0);
  const before = await countDecisions();
  const other = { ...application, amountMinor: 5 };
  await problem(await call('/api/v1/applications', { body: other, headers }), 422);
  const again = await call('/api/v1/applications', { body: application, headers });
  assert.equal(await again.text(), first);
  assert.equal(again.headers.get('idempotency-replayed'), 'true');
  assert.equal(await countDecisions(), before);
  assert.equal(await keys(), 1, 'and it is known again');
  await decideOn(application, { 'idempotency-key': 'another' });
  assert.equal(await countDecisions(), before + 1, 'the application may be decided anew under a new key');
});

const countDecisions = async (): Promise<number> =>
  Number((await server.database.query<{ n: number }>('SELECT count(*) AS n FROM decisions'))[0]?.n);

test('hostile bodies end in a problem that says what and where, and decide nothing', async () => {
  const before = await countDecisions();
  const valid = JSON.stringify(good());
  const refused: [string, string | Uint8Array<ArrayBuffer>, number, string?][] = [
    ['not JSON', '{', 400],
    ['empty', '', 400],
    ['an array', `[${valid}]`, 400],
    ['null', 'null', 400],
    ['a key that repeats', valid.replace('{', '{"borrowerId":"x",'), 400, 'borrowerId'],
    ['not finite', valid.replace('200000', '1e400'), 400, 'amountMinor'],
    ['an unknown property', valid.replace('{', '{"approve":true,'), 400, 'approve'],
    ['an unknown attribute', valid.replace('"arrears"', '"shoe_size"'), 400, 'attributes.shoe_size'],
    ['a prototype', valid.replace('{', '{"__proto__":{"admin":true},'), 400, '__proto__'],
    ['a fraction of a cent', valid.replace('200000', '200000.5'), 400, 'amountMinor'],
    ['a number as text', valid.replace('450000', '"450000"'), 400, 'attributes.income_minor'],
    ['out of bounds', valid.replace('"arrears":0', '"arrears":101'), 400, 'attributes.arrears'],
    ['a value not in the list', valid.replace('"car"', '"yacht"'), 400, 'attributes.purpose'],
    ['a wrong currency', valid.replace('{', '{"currency":"USD",'), 400, 'currency'],
    ['deep nesting', `{"attributes":${'['.repeat(5000)}${']'.repeat(5000)}}`, 400],
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400],
    ['too large', JSON.stringify(good({ borrowerId: 'x'.repeat(1024 * 1024) })), 413],
  ];
  for (const [name, raw, status, path] of refused) {
    const answer = await problem(await call('/api/v1/applications', { raw, method: 'POST' }), status);
    if (path)
      assert.ok(
        answer.errors?.some((one) => one.path === path),
        `${name}: ${JSON.stringify(answer)}`,
      );
    assert.doesNotMatch(JSON.stringify(answer), /node_modules|\.ts:\d/);
  }
  await problem(await call('/api/v1/applications', { raw: valid, headers: { 'content-type': 'text/plain' } }), 415);
  await problem(await call('/api/v1/scores', { body: Array.from({ length: 1001 }, () => good()) }), 400);
  await problem(await call('/api/v1/portfolio/applicants?page=0'), 400);
  await problem(await call('/api/v1/portfolio/applicants?page=1&page=2'), 400);
  await problem(await call('/api/v1/portfolio/applicants?sort=pd;drop'), 400);
  assert.equal(await countDecisions(), before);
});

test('a decision is read back, explained in words and replayed bit for bit', async () => {
  const decision = await decideOn(good({ amountMinor: 900_000, attributes: { income_minor: 110_000, arrears: 4 } }));
  const path = `/api/v1/decisions/${decision.decisionId}`;
  const record = decisionRecordSchema.parse(await (await call(path)).json());
  assert.deepEqual(record.decision, decision);
  assert.equal(record.features['burden'], 900_000 / 110_000);
  assert.equal(record.actor, 'underwriter');
  const explanation = explanationSchema.parse(await (await call(`${path}/explanation`)).json());
  assert.match(explanation.summary, /was declined/);
  assert.deepEqual(
    explanation.factors.map((factor) => factor.code),
    decision.reasons.map((reason) => reason.code),
  );
  assert.deepEqual(explanation.faults, []);
  assert.match(explanation.reasonsVersion ?? '', /^[0-9a-f]{64}$/);
  const attributed = explanation.attributions.reduce((sum, one) => sum + one.attribution, explanation.margin.reference);
  assert.ok(Math.abs(attributed - explanation.margin.value) < 1e-9);
  const replay = replaySchema.parse(await (await call(`${path}/replay`)).json());
  assert.deepEqual([replay.identical, replay.recordHashValid, replay.differences], [true, true, []]);
  assert.ok(replay.compared > 20);
  await problem(await call('/api/v1/decisions/none/replay'), 404);
  const list = decisionListSchema.parse(
    await (await call(`/api/v1/decisions?applicationId=${decision.applicationId}`)).json(),
  );
  assert.deepEqual([list.total, list.rows[0]?.decisionId], [1, decision.decisionId]);
});

test('decisions are chained, cannot be changed by a statement, and an edited one is found', async () => {
  const rows = await server.database.query<{
    sequence: number;
    body: string;
    previous_hash: string;
    hash: string;
    decision_id: string;
  }>('SELECT sequence, body, previous_hash, hash, decision_id FROM decisions ORDER BY sequence');
  let previous = GENESIS_HASH;
  for (const [index, row] of rows.entries()) {
    assert.equal(row.sequence, index + 1);
    assert.equal(row.previous_hash, previous);
    assert.equal(recordHash(previous, row.body), row.hash);
    previous = row.hash;
  }
  for (const statement of ['UPDATE decisions SET pd = 0', 'DELETE FROM decisions', 'TRUNCATE decisions CASCADE']) {
    await assert.rejects(server.database.query(statement), /append only/, statement);
  }
  const id = rows[0]?.decision_id;
  await server.database.transaction(async (database) => {
    await database.query('ALTER TABLE decisions DISABLE TRIGGER decisions_append_only');
    await database.query(
      `UPDATE decisions SET body = replace(body, '"outcome":"approved"', '"outcome":"declined"') WHERE decision_id = $1`,
      [id],
    );
    await database.query('ALTER TABLE decisions ENABLE TRIGGER decisions_append_only');
  });
  const replay = replaySchema.parse(await (await call(`/api/v1/decisions/${id}/replay`)).json());
  assert.deepEqual([replay.identical, replay.recordHashValid], [false, false]);
  assert.deepEqual(replay.differences, [], 'what is sealed under the key of the person cannot be edited unseen at all');
});

test('pages before the first run have empty states of the shape the contract gives', async () => {
  const get = async (path: string) => (await call(path)).json();
  assert.equal(overviewSchema.parse(await get('/api/v1/portfolio/overview')).state, 'empty');
  const info = portfolioSchema.parse(await get('/api/v1/portfolio'));
  assert.deepEqual(
    info.applicationFields.map((field) => field.name),
    ['amountMinor', 'income_minor', 'arrears', 'purpose'],
  );
  const [model] = modelsSchema.parse(await get('/api/v1/models')).models;
  const detail = modelSchema.parse(await get(`/api/v1/models/${model?.modelVersion}`));
  assert.ok((detail.coefficients?.length ?? 0) > 0);
  await problem(await call('/api/v1/models/none'), 404);
});

test('models: maker, checker and promoter are three, and a version with a changed byte is never used', async () => {
  const { modelVersion: champion } = (await server.models.champion()).manifest;
  const { manifest, files } = await anotherVersion();
  const path = `/api/v1/models/${manifest.modelVersion}`;
  const post = (action: string, role: Role) => call(`${path}/${action}`, { role, body: { note: 'looks right' } });
  await problem(await post('promote', 'portfolio_manager'), 409);
  await problem(await post('approve', 'modeller'), 403);
  await problem(await call(`${path}/approve`, { role: 'validator', body: { note: '' } }), 400);
  assert.equal(modelSchema.parse(await (await post('approve', 'validator')).json()).status, 'approved');
  const modelFile = join(server.home, 'models', manifest.modelVersion, 'model.json');
  await writeFile(
    modelFile,
    Buffer.from(files['model.json'] ?? [])
      .toString('utf8')
      .replace('"coefficient":', '"coefficient":1'),
  );
  assert.equal((await problem(await post('promote', 'portfolio_manager'), 500)).code, 'tampered');
  assert.equal((await server.models.champion()).manifest.modelVersion, champion);
  await writeFile(modelFile, files['model.json'] ?? '');
  const promoted = modelSchema.parse(await (await post('promote', 'portfolio_manager')).json());
  assert.equal(promoted.status, 'champion');
  assert.deepEqual(
    promoted.history.map((event) => [event.event, event.actor]),
    [
      ['registered', 'pipeline'],
      ['approved', 'validator'],
      ['promoted', 'manager'],
    ],
  );
  assert.equal((await decideOn(good())).modelVersion, manifest.modelVersion);
  const listed = modelsSchema.parse(await (await call('/api/v1/models')).json()).models;
  assert.deepEqual(listed.map((model) => model.status).sort(), ['champion', 'retired']);
  const old = decisionListSchema.parse(await (await call('/api/v1/decisions?pageSize=2')).json()).rows[1];
  assert.equal(old?.modelVersion, champion);
  const replay = replaySchema.parse(await (await call(`/api/v1/decisions/${old?.decisionId}/replay`)).json());
  assert.ok(replay.identical, 'an old decision is replayed with the version that made it');
});

/** The same training with another seed in its manifest: another version. */
async function anotherVersion() {
  const { draft, fitted } = await trainTinyModel();
  const signer = openSigner(server.home);
  const packed = await packArtifact({ ...draft, seed: 2 }, fitted, (bytes) => signer.sign(bytes));
  await server.models.registry.register(packed.manifest, packed.files, 'pipeline');
  return packed;
}

test('everything else: unknown routes, health, metrics, documentation', async () => {
  await problem(await call('/api/v1/nothing', { role: null }), 404);
  await problem(await call('/nothing.js', { role: null }), 404);
  await problem(await call('/api/v1/applications', { method: 'PUT', body: {} }), 404);
  await problem(await call('/api/%ZZ', { role: null }), 400);
  assert.deepEqual(await (await call('/health', { role: null })).json(), { status: 'ok' });
  const ready = await call('/ready', { role: null });
  assert.equal(ready.status, 200, await ready.clone().text());
  assert.match(await (await call('/metrics', { role: null })).text(), /assay_decisions_total\{outcome="approved"\} \d/);
  assert.match(await (await call('/api/openapi.json', { role: null })).text(), /"openapi":"3.1.0"/);
  const docs = await call('/api/docs', { role: null });
  const policy = docs.headers.get('content-security-policy') ?? '';
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  const nonce = /nonce-([\w-]+)/.exec(policy)?.[1];
  assert.ok(nonce && (await docs.text()).includes(`nonce="${nonce}"`));
});

test('ping and invocations answer as a SageMaker container does, for those who may score', async () => {
  assert.equal((await call('/ping', { role: null })).status, 200);
  const { manifest, scorer } = await server.models.champion();
  const rows = [
    { income: 250_000, past_arrears: 2, burden: 1.5, loan_purpose: 'car' },
    { income: 90_000, past_arrears: null, burden: 4, loan_purpose: 'never seen' },
  ];
  const invoke = (body: string, type: string, role: Role = 'underwriter') =>
    fetch(`${server.url}/invocations`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, authorization: `Bearer ${tokens.get(role)}` },
    });
  const answer = await invoke(JSON.stringify({ instances: rows, reasons: true }), 'application/json');
  assert.equal(answer.status, 200);
  const { predictions, modelVersion } = JSON.parse(await answer.text());
  assert.equal(modelVersion, manifest.modelVersion);
  assert.deepEqual(
    predictions.map(({ pd }: { pd: number }) => pd),
    rows.map((row) => scorer.score(row).pd),
  );
  assert.equal(predictions[1].reasons[0].code, scorer.score(rows[1]!).reasons[0]?.code);
  const csv = await invoke(
    rows.map((row) => manifest.inputs.map(({ name }) => row[name as keyof typeof row] ?? '').join(',')).join('\n'),
    'text/csv',
  );
  assert.deepEqual(
    (await csv.text()).trim().split('\n').map(Number),
    rows.map((row) => scorer.score(row).pd),
  );
  assert.equal((await invoke('[{}]', 'application/json')).status, 400);
  assert.equal((await invoke('[{}]', 'application/json', 'data_engineer')).status, 403);
  const anonymous = await fetch(`${server.url}/invocations`, {
    method: 'POST',
    body: '[]',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(anonymous.status, 401);
});
