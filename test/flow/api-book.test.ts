import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  applicantSchema,
  applicantsSchema,
  catalogSchema,
  claimsSchema,
  dataQualitySchema,
  decisionSchema,
  overviewSchema,
  portfolioSchema,
  segmentsSchema,
  signedInSchema,
  strategyBookSchema,
  strategyGroupsSchema,
} from '../../src/api/index.ts';
import { applyCalibration, scoreOf } from '../../src/estimators/index.ts';
import { fixedClock } from '../../src/platform/index.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { BOOK_SIZE, fillTinyLake, tinyApplication } from './support/tiny-lake.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

/**
 * Walks through the pages' routes over a scored book, and holds the book against the API: what batch scoring wrote for an
 * application is what the server decides when the same application comes in over HTTP. The shape of every answer is checked
 * against the contract. Whether the SQL of the marts is right is tested beside it (src/portfolio).
 */
let server: TinyServer;
const tokens = new Map<string, string>();

async function get(path: string, username = 'underwriter'): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    headers: { authorization: `Bearer ${tokens.get(username)}` },
  });
  assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
  return response.json();
}

async function post(path: string, body: unknown, username = 'underwriter'): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(username)}` },
    body: JSON.stringify(body),
  });
  assert.ok(response.ok, `${path}: ${await response.clone().text()}`);
  return response.json();
}

before(async () => {
  server = await startTinyServer({ databasePort: 4777 });
  await fillTinyLake(server.lake, server.models, fixedClock('2026-01-01T00:00:00Z'));
  for (const username of ['underwriter', 'engineer', 'manager', 'compliance']) {
    const signedIn = await post('/session', { username, password: PASSWORD });
    tokens.set(username, signedInSchema.parse(signedIn).token);
  }
});
after(() => server?.stop());

test('one score: every application of the book gets over HTTP what batch scoring wrote', async () => {
  const book = new Map<string, { pd: number; score: number; grade: string; outcome: string }>();
  for (let page = 1; page <= BOOK_SIZE / 200; page++) {
    const { rows, total } = applicantsSchema.parse(await get(`/portfolio/applicants?page=${page}&pageSize=200`));
    assert.equal(total, BOOK_SIZE);
    for (const row of rows) book.set(row.applicationId, row);
  }
  const outcomes = new Set<string>();
  for (let i = 0; i < BOOK_SIZE; i++) {
    const one = tinyApplication(i);
    const decision = decisionSchema.parse(
      await post('/applications', {
        applicationId: one.applicationId,
        borrowerId: one.borrowerId,
        amountMinor: one.amountMinor,
        attributes: { income_minor: one.incomeMinor, arrears: one.arrears, purpose: one.purpose },
      }),
    );
    const { pd, score, grade, outcome } = book.get(one.applicationId) ?? {};
    assert.deepEqual([decision.pd, decision.score, decision.grade, decision.outcome], [pd, score, grade, outcome]);
    outcomes.add(decision.outcome);
  }
  assert.deepEqual([...outcomes].sort(), ['approved', 'counter_offer', 'declined']);
});

test('one applicant: the points of the features add up to the score, the trace names the rule', async () => {
  const { rows } = applicantsSchema.parse(
    await get('/portfolio/applicants?outcome=declined&sort=pd&direction=desc&pageSize=1'),
  );
  const applicant = applicantSchema.parse(await get(`/portfolio/applicants/${rows[0]?.applicationId}`));
  const { manifest, scorer } = await server.models.champion();
  const values = Object.fromEntries(applicant.features.map((feature) => [feature.name, feature.value]));
  const { reference } = scorer.attributions(values);
  const points = applicant.features.reduce((sum, feature) => sum + (feature.points ?? 0), 0);
  const distance = applicant.score - scoreOf(applyCalibration(manifest.calibration, reference), manifest.scale);
  assert.ok(Math.abs(points - distance) < 1e-9, `${points} against ${distance}`);
  assert.ok(applicant.reasons.length > 0 && applicant.pdPercentile > 0.9);
  assert.ok(applicant.trace.some((entry) => entry.fired && entry.outcome === 'declined'));
  assert.deepEqual(applicant.transactions, []);
  const worst = applicant.features.find((feature) => feature.name === applicant.reasons[0]?.feature);
  assert.ok((worst?.points ?? 0) < 0);
});

test('the pages answer in the shape of the contract', async () => {
  const overview = overviewSchema.parse(await get('/portfolio/overview'));
  assert.equal(overview.kpis.find((kpi) => kpi.key === 'applications')?.value, BOOK_SIZE);
  assert.equal(overview.months.length, 6);
  const segments = segmentsSchema.parse(await get('/portfolio/segments/loan_purpose'));
  assert.deepEqual(segments.segments.map((segment) => segment.segment).sort(), ['car', 'home', 'missing', 'travel']);
  const quality = dataQualitySchema.parse(await get('/portfolio/data-quality'));
  assert.ok(quality.tables.some((table) => table.table === 'scores' && table.rows === BOOK_SIZE));
  assert.equal(catalogSchema.parse(await get('/catalog')).features.length, 5);
  const info = portfolioSchema.parse(await get('/portfolio'));
  decisionSchema.parse(await post('/applications', info.exampleApplication));
  const missing = await fetch(`${server.url}/api/v1/portfolio/segments/sex`, {
    headers: { authorization: `Bearer ${tokens.get('engineer')}` },
  });
  assert.equal(missing.status, 404);
});

test('strategy: the whole book to those who steer it, protected groups only to those who answer for fairness', async () => {
  const book = strategyBookSchema.parse(await get('/strategy/book', 'manager'));
  assert.equal(book.rows, BOOK_SIZE);
  assert.equal(Buffer.from(book.columns.pd, 'base64').length, 2 * BOOK_SIZE);
  strategyGroupsSchema.parse(await get('/strategy/groups', 'compliance'));
  assert.equal(claimsSchema.parse(await get('/strategy/claims', 'manager')).state, 'no_incumbent');
  for (const [path, username] of [
    ['/strategy/groups', 'manager'],
    ['/strategy/book', 'engineer'],
  ]) {
    const refused = await fetch(`${server.url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${tokens.get(username ?? '')}` },
    });
    assert.equal(refused.status, 403, `${username} ${path}`);
  }
});

test('a policy that goes live decides the applicants of the book too: trace, outcome and version are of the one in force', async () => {
  const note = 'for the test';
  const rule = { ...tinyPortfolio.policy.rules[0]!, id: 'nobody', when: { fact: 'pd', op: '>=', value: 0 } };
  const policy = { ...tinyPortfolio.policy, version: 'tiny-none', status: 'draft', rules: [rule] };
  const cases = [{ name: 'anybody', facts: { pd: 0.01 }, expected: { outcome: 'declined', rules: ['nobody'] } }];
  const { rows } = applicantsSchema.parse(await get('/portfolio/applicants?outcome=approved&pageSize=1'));
  const path = `/portfolio/applicants/${rows[0]?.applicationId}`;
  assert.equal(applicantSchema.parse(await get(path)).outcome, 'approved');
  await post('/policies', { policy, cases, note }, 'manager');
  await post('/policies/tiny-none/approve', { note }, 'compliance');
  // other processes look for the live version twice a second
  await sleep(600);
  const applicant = applicantSchema.parse(await get(path));
  assert.equal(applicant.outcome, 'declined');
  assert.ok(applicant.trace.some(({ rule, fired }) => rule === 'nobody' && fired));
  assert.ok(tinyPortfolio.policy.rules.every(({ id }) => applicant.trace.every(({ rule }) => rule !== id)));
  assert.equal(portfolioSchema.parse(await get('/portfolio')).creditPolicyVersion, 'tiny-none');
});
