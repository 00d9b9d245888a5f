// Every operation of the OpenAPI document, as somebody meets it who wants it to fall over: names that no store can hold, in every
// parameter, in every text of a loan application and of an event. Nothing may be an error of ours, and what is accepted is kept
// exactly. Malformed JSON and mass assignment are tested in api.test.ts; the real server on the embedded PostgreSQL.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createdEventsSchema, decisionSchema, problemSchema, ROLES, signedInSchema } from '../../src/api/index.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const tokens: string[] = [];

const USERS = ['engineer', 'underwriter', 'compliance', 'manager', 'validator', 'modeller', 'admin'];

async function call(path: string, { body, method, token }: { body?: unknown; method?: string; token: string }) {
  const answer = await fetch(`${server.url}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text, errors: (): unknown => JSON.parse(text).errors };
}

before(async () => {
  server = await startTinyServer({ databasePort: 4749 });
  assert.equal(USERS.length, ROLES.length);
  for (const username of USERS) {
    const signedIn = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password: PASSWORD }),
    });
    tokens.push(signedInSchema.parse(await signedIn.json()).token);
  }
});
after(() => server?.stop());

const HOSTILE = ['%00', 'a%00b', '%F0%9F%92%A9', "'%20OR%201=1--", '..%2f..%2fkeys', '__proto__', '9'.repeat(30)];

type Parameter = { readonly in: string; readonly name: string };
type Paths = Readonly<Record<string, Readonly<Record<string, { readonly parameters: readonly Parameter[] }>>>>;

test('no parameter of any operation brings the server down, whoever sends it', async () => {
  const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as { paths: Paths };
  const faults: string[] = [];
  let calls = 0;
  for (const [path, methods] of Object.entries(document.paths)) {
    const [method, { parameters }] = Object.entries(methods)[0]!;
    for (const parameter of parameters.filter((one) => one.in !== 'header')) {
      for (const [i, value] of HOSTILE.entries()) {
        const named = parameter.in === 'path' ? path.replace(`{${parameter.name}}`, value) : path;
        const target = `${named.replaceAll(/\{\w+\}/g, 'nobody')}${parameter.in === 'query' ? `?${parameter.name}=${value}` : ''}`;
        for (const token of i < 2 ? tokens : tokens.slice(0, 2)) {
          const body = method === 'post' ? {} : undefined;
          const { status } = await call(target, { method: method.toUpperCase(), token, body });
          calls++;
          if (status >= 500) faults.push(`${method} ${target}: ${status}`);
        }
      }
    }
  }
  assert.deepEqual(faults, []);
  assert.ok(calls > 1_000, String(calls));
});

test('a token that was not given out is nobody: forged, changed, cut, in another form, another user’s name, signed out', async () => {
  const real = tokens[1]!;
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = part({ sub: 'admin', role: 'admin', exp: 4e9 });
  const forged = [
    `${part({ alg: 'none' })}.${claims}.`,
    `${part({ alg: 'HS256', kid: '../../keys/master.key' })}.${claims}.${'A'.repeat(43)}`,
    ...[real.slice(0, -1), `${real}A`, real.toUpperCase(), [...real].reverse().join(''), real.replace(/^./, '-')],
    ...['admin', '', ' ', '*', "' OR 1=1 --", '__proto__', 'null', 'A'.repeat(4_000)],
    createHash('sha256').update(real).digest('hex'),
  ].filter((token) => token !== real);
  const ask = (headers: Record<string, string>) => fetch(`${server.url}/api/v1/decisions`, { headers });
  for (const token of forged) {
    const schemes = [
      `Bearer ${token}`,
      `bearer ${real}`,
      `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`,
      token,
    ];
    for (const authorization of schemes) assert.equal((await ask({ authorization })).status, 401, authorization);
    const cookie = `assay_session=${encodeURIComponent(token)}`;
    assert.equal((await ask({ cookie })).status, 401, cookie);
  }
  assert.equal((await ask({ authorization: `Bearer ${real}` })).status, 200);
  const again = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'underwriter', password: PASSWORD }),
  });
  const { token } = signedInSchema.parse(await again.json());
  assert.equal((await call('/api/v1/session', { method: 'DELETE', token })).status, 204);
  assert.equal((await ask({ authorization: `Bearer ${token}` })).status, 401, 'signed out');
});

test('what an operation does not take is refused by name, in the query and in the body, also where it takes nothing', async () => {
  const document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { requestBody?: object }>>;
  };
  const namesUnknown = async (path: string, method: string, body: unknown): Promise<boolean> => {
    for (const token of tokens) {
      const answer = await call(path, { method, token, body });
      if (answer.status === 403) continue;
      assert.equal(answer.status, 400, `${method} ${path}: ${answer.text}`);
      return (answer.errors() as { path: string }[]).some((issue) => issue.path === 'is_admin');
    }
    return false;
  };
  for (const [path, methods] of Object.entries(document.paths)) {
    const [method, { requestBody }] = Object.entries(methods)[0]!;
    const target = path.replaceAll(/\{\w+\}/g, 'nobody');
    const body = method === 'get' ? undefined : {};
    const verb = method.toUpperCase();
    assert.ok(await namesUnknown(`${target}?is_admin=true`, verb, body), `${verb} ${target}, query`);
    if (body && !requestBody)
      assert.ok(await namesUnknown(target, verb, { is_admin: true }), `${verb} ${target}, body`);
  }
});

test('an application with text that no store can hold is refused by name; other strange names are kept exactly', async () => {
  const token = tokens[1]!;
  const application = { borrowerId: 'b1', amountMinor: 200_000, attributes: { income_minor: 450_000, arrears: 0 } };
  for (const bad of ['a\0b', '\ud800', 'x\udc00y']) {
    for (const name of ['applicationId', 'borrowerId']) {
      const refused = await call('/api/v1/applications', { token, body: { ...application, [name]: bad } });
      assert.equal(refused.status, 400, refused.text);
      assert.equal((refused.errors() as { path: string }[])[0]?.path, name);
    }
  }
  for (const strange of ['\u202eabc', '👩‍👩‍👧', 'e\u0301', "'; DROP TABLE decisions; --", '=1+1', '__proto__']) {
    const decided = await call('/api/v1/applications', { token, body: { ...application, applicationId: strange } });
    assert.equal(decided.status, 201, decided.text);
    const { decisionId } = decisionSchema.parse(JSON.parse(decided.text));
    const record = await call(`/api/v1/decisions/${decisionId}`, { token });
    assert.equal(JSON.parse(record.text).application.applicationId, strange);
  }
});

test('of a batch of events those with names that no store can hold are refused, each by its field', async () => {
  const event = (payload: object, more: object = {}) => ({
    source: 'table:loan_applications',
    payload: {
      application_id: 'H1',
      borrower_id: 'B1',
      applied_at: '2024-05-01 10:00:00',
      amount_minor: 1,
      income_minor: 1,
      ...payload,
    },
    ...more,
  });
  const body = [
    event({}),
    event({ application_id: 'x'.repeat(201) }),
    event({ borrower_id: 'y'.repeat(900) }),
    event({ borrower_id: '\ud800' }),
    event({ application_id: 'a\0' }),
    event({}, { source: 'a\0b' }),
    event({}, { eventId: '\udc00' }),
    event({ 'a\0': 1 }),
  ];
  const answer = await call('/api/v1/events', { token: tokens[0]!, body });
  assert.equal(answer.status, 200, answer.text);
  const { results } = createdEventsSchema.parse(JSON.parse(answer.text));
  assert.deepEqual(
    results.map((result) => (result.status === 'rejected' ? result.field : result.status)),
    ['accepted', 'application_id', 'borrower_id', 'borrower_id', 'application_id', 'source', 'eventId', 'a\0'],
  );
  const letters = await call('/api/v1/dead-letters', { token: tokens[0]! });
  assert.equal(JSON.parse(letters.text).total, 7);
});

/** What the server says to bytes that are no request. */
async function answerTo(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(bytes));
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

test('a compressed body is turned back unread, and bytes that are no request get a problem too', async () => {
  const compressed = await fetch(`${server.url}/api/v1/scores`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${tokens[1]}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
    body: new Uint8Array(gzipSync(Buffer.alloc(10_000_000))),
  });
  assert.equal(compressed.status, 415);
  assert.match(problemSchema.parse(await compressed.json()).detail, /gzip/);
  const large = `GET /health HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(40_000)}\r\n\r\n`;
  for (const [bytes, status] of [
    ['GARBAGE\r\n\r\n', 400],
    [large, 431],
  ] as const) {
    const [head = '', body = ''] = (await answerTo(bytes)).split('\r\n\r\n');
    assert.ok(head.startsWith(`HTTP/1.1 ${status} `) && head.includes('application/problem+json'), head);
    assert.equal(problemSchema.parse(JSON.parse(body)).status, status);
  }
});
