import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { API_PREFIX, decisionSchema, replaySchema, signedInSchema } from '../../src/api/index.ts';
import { DecisionStore } from '../../src/decisions/index.ts';
import { AssayError, type ExternalSource, type Portfolio, type TableSchema } from '../../src/domain/index.ts';
import { openExternalSources } from '../../src/entrypoints/server/external-sources.ts';
import { type Environment, openPersonVault, systemClock } from '../../src/platform/index.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

/**
 * Walks through decisions that ask a credit bureau over HTTP: a real server on a real socket that is well, ill or lying. Without
 * the mandatory report an application is referred, never approved, and in time; with it, what came is in the record and in the
 * online store, known from its arrival on.
 * It does not test transport in every way it can break: src/platform/http-source does.
 */
const reports: TableSchema = {
  name: 'bureau_reports',
  description: 'Reports of the bureau.',
  key: ['borrower_id', 'known_at'],
  eventTime: 'reported_at',
  knownTime: 'known_at',
  columns: [
    { name: 'borrower_id', type: 'text', dataClass: 'financial' },
    { name: 'reported_at', type: 'timestamp', dataClass: 'bureau' },
    { name: 'known_at', type: 'timestamp', dataClass: 'financial' },
    { name: 'open_loans', type: 'integer', dataClass: 'bureau', min: 0, max: 1000, nullable: true },
  ],
};
const bureau: ExternalSource = {
  name: 'bureau',
  table: 'bureau_reports',
  mandatory: true,
  deadlineMs: 500,
  maxBytes: 5_000,
  maxAgeDays: 90,
};
const portfolio: Portfolio = {
  ...tinyPortfolio,
  sources: tinyPortfolio.sources.map((source) => ({
    ...source,
    targets: [...source.targets, { table: reports, map: () => null }],
  })),
  externalSources: [bureau, { ...bureau, name: 'second_opinion', mandatory: false }],
};

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const LAST_MONTH = daysAgo(30);

type Behaviour = (response: ServerResponse, borrowerId: string) => void;
const row = (borrowerId: string, more: object = {}) => ({
  borrower_id: borrowerId,
  reported_at: LAST_MONTH,
  open_loans: 2,
  ...more,
});
const report =
  (...rows: object[]): Behaviour =>
  (response) =>
    void response.end(JSON.stringify({ rows }));
const well: Behaviour = (response, borrowerId) => report(row(borrowerId))(response, borrowerId);

let server: TinyServer;
let sources: Server;
let behave: Behaviour = well;
let token = '';

before(async () => {
  sources = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    // the other, optional source is never there
    if (request.url !== '/bureau') return void response.writeHead(500).end();
    behave(response, JSON.parse(Buffer.concat(chunks).toString()).borrowerId);
  });
  await new Promise<void>((resolve) => sources.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(sources.address() as AddressInfo).port}`;
  server = await startTinyServer({
    databasePort: 0,
    portfolio,
    environment: {
      ASSAY_SOURCE_HOSTS: host,
      ASSAY_SOURCE_BUREAU_URL: `http://${host}/bureau`,
      ASSAY_SOURCE_SECOND_OPINION_URL: `http://${host}/other`,
    },
  });
  token = signedInSchema.parse(
    await (await post('/session', { username: 'underwriter', password: PASSWORD })).json(),
  ).token;
});

after(async () => {
  await server?.stop();
  sources?.closeAllConnections();
  sources?.close();
});

async function post(path: string, body: unknown): Promise<Response> {
  return fetch(`${server.url}${API_PREFIX}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

/** Safe by every rule: with the report it is approved. */
async function decide(borrowerId: string) {
  const attributes = { income_minor: 500_000, arrears: 0, purpose: 'home' };
  const answer = await post('/applications', { borrowerId, amountMinor: 60_000, attributes });
  assert.equal(answer.status, 201);
  const decision = decisionSchema.parse(await answer.json());
  const vault = openPersonVault({ home: server.home, ...bookOf() });
  const record = await new DecisionStore({ ...bookOf(), vault }).get(decision.decisionId);
  const [bureauAnswer, otherAnswer] = record!.body.external!;
  return { decision, external: [bureauAnswer!, otherAnswer!] as const };
}

/** What the person sent is sealed in the record; the vault of the server opens it. */
const bookOf = () => ({ database: server.database, clock: { now: () => new Date() }, portfolio: portfolio.name });

test('what the bureau sent is in the record and in the online store, known from its arrival', async () => {
  behave = well;
  const { decision, external } = await decide('B-well');
  assert.deepEqual([decision.outcome, decision.missing], ['approved', []]);
  assert.deepEqual([external[0].source, external[0].status, external[0].rows], ['bureau', 'received', [row('B-well')]]);
  assert.deepEqual(
    [external[1].source, external[1].status, external[1].failure],
    ['second_opinion', 'failed', 'refused'],
  );
  const facts = await server.database.query<{ known: boolean }>(
    `SELECT known_us BETWEEN $2 AND $3 AS known FROM online_tail WHERE borrower_id = $1`,
    ['B-well', Date.parse(external[0].askedAt) * 1000, Date.parse(external[0].answeredAt) * 1000],
  );
  assert.deepEqual(facts, [{ known: true }]);
  const replay = await fetch(`${server.url}${API_PREFIX}/decisions/${decision.decisionId}/replay`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(replaySchema.parse(await replay.json()).identical, true);
});

/** A byte now and then, without end. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer));
}

/** What a bureau may do wrong, and how the record calls it. */
const WRONG: Readonly<Record<string, readonly [Behaviour, string, string | null]>> = {
  'does not answer': [() => {}, 'failed', 'timeout'],
  'is down': [(response) => void response.writeHead(503).end(), 'failed', 'refused'],
  'hangs up': [(response) => void response.destroy(), 'failed', 'unreachable'],
  'has no file': [(response) => void response.writeHead(404).end(), 'no_file', null],
  'leaves every value empty': [(r, b) => report(row(b, { open_loans: null }))(r, b), 'failed', 'invalid'],
  'dates it by a clock of its own': [
    (r, b) => report(row(b, { reported_at: `${new Date().toISOString().slice(0, 19)}-14:00` }))(r, b),
    'failed',
    'invalid',
  ],
  'sends true for a number': [(r, b) => report(row(b, { open_loans: true }))(r, b), 'failed', 'invalid'],
  'sends two documents': [(r, b) => void r.end(JSON.stringify({ rows: [row(b)] }).repeat(2)), 'failed', 'invalid'],
  'writes in UTF-16': [
    (r, b) => void r.end(Buffer.from(JSON.stringify({ rows: [row(b)] }), 'utf16le')),
    'failed',
    'invalid',
  ],
  'smuggles a prototype': [
    (r, b) => void r.end(JSON.stringify({ rows: [row(b)] }).replace('"open_loans"', '"__proto__":{},"open_loans"')),
    'failed',
    'invalid',
  ],
  'only ever announces': [
    (r) => {
      const timer = setInterval(() => r.writeEarlyHints({ link: '</a>; rel=preload' }), 50);
      r.on('close', () => clearInterval(timer));
    },
    'failed',
    'timeout',
  ],
  'sends no rows': [report(), 'failed', 'invalid'],
  'sends another borrower': [report(row('someone-else')), 'failed', 'invalid'],
  'sends a value out of bounds': [(r, b) => report(row(b, { open_loans: -1 }))(r, b), 'failed', 'invalid'],
  'sends a text for a number': [(r, b) => report(row(b, { open_loans: 'many' }))(r, b), 'failed', 'invalid'],
  'sends a column too many': [(r, b) => report(row(b, { approved: true }))(r, b), 'failed', 'invalid'],
  'reports from the future': [
    (r, b) => report(row(b, { reported_at: '2999-01-01T00:00:00Z' }))(r, b),
    'failed',
    'invalid',
  ],
  'sends one row right, one wrong': [(r, b) => report(row(b), row(b, { open_loans: 1.5 }))(r, b), 'failed', 'invalid'],
  'reports what was true long ago': [(r, b) => report(row(b, { reported_at: daysAgo(91) }))(r, b), 'failed', 'invalid'],
  'contradicts itself': [(r, b) => report(row(b), row(b, { open_loans: 9 }))(r, b), 'failed', 'invalid'],
  'sends an error as a success': [(r) => void r.end('{"error":"no quota","rows":[]}'), 'failed', 'invalid'],
  'sends a page': [(r) => void r.setHeader('content-type', 'text/html').end('<h1>Log in</h1>'), 'failed', 'invalid'],
  'breaks off': [(r, b) => void r.end(JSON.stringify({ rows: [row(b)] }).slice(0, -9)), 'failed', 'invalid'],
  'points elsewhere': [(r) => void r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'failed', 'refused'],
  'answers in drops': [(r) => void drip(r), 'failed', 'timeout'],
  'sends far too much': [(response) => void response.end(' '.repeat(50_000)), 'failed', 'too_large'],
};
for (const [name, [behaviour, status, failure]] of Object.entries(WRONG)) {
  test(`an application is referred, not approved, when the bureau ${name}`, async () => {
    // between failures it is well: the circuit breaker is tested beside the client
    behave = well;
    await decide('B-between');
    behave = behaviour;
    const began = performance.now();
    const { decision, external } = await decide(`B-${name}`);
    assert.ok(performance.now() - began < 5_000, 'far beyond the deadline of 500 ms');
    assert.deepEqual([decision.outcome, decision.missing], ['referred', ['bureau']]);
    assert.deepEqual([external[0].status, external[0].failure, external[0].rows], [status, failure, []]);
    const facts = await server.database.query('SELECT 1 FROM online_tail WHERE borrower_id = $1', [`B-${name}`]);
    assert.equal(facts.length, 0, 'what is not believed is not learnt');
  });
}

test('a source without a usable address keeps the server from starting', () => {
  const open = (environment: Environment) =>
    openExternalSources({ portfolio, clock: systemClock, environment, learn: async () => {} });
  for (const environment of [
    {},
    { ASSAY_SOURCE_BUREAU_URL: 'http://bureau.test/' },
    { ASSAY_SOURCE_BUREAU_URL: 'http://other.test/', ASSAY_SOURCE_HOSTS: 'bureau.test' },
  ]) {
    assert.throws(
      () => open(environment),
      (error) => error instanceof AssayError && error.code === 'bad_input' && /bureau/.test(error.message),
    );
  }
});
