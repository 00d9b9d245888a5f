import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  decisionSchema,
  explanationSchema,
  noticeSchema,
  problemSchema,
  rulesSchema,
  scoreResultSchema,
  signedInSchema,
} from '../../src/api/index.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

/**
 * Walks from a declined application to what the borrower is told: the explanation, a counterfactual that is sent back as an
 * application, and the notice as JSON, HTML and PDF under the law of several places. It does not test the search for
 * counterfactuals or the texts of notices (src/decisions does).
 */
let server: TinyServer;
let token = '';

async function call(path: string, { body }: { body?: unknown } = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function problem(response: Response, status: number) {
  assert.equal(response.status, status);
  return problemSchema.parse(await response.json());
}

const good = (more: object) => ({ borrowerId: 'b1', ...more });

async function decideOn(application: object) {
  const response = await call('/api/v1/applications', { body: application });
  assert.equal(response.status, 201, await response.clone().text());
  return decisionSchema.parse(await response.json());
}

before(async () => {
  server = await startTinyServer({ databasePort: 4714 });
  const response = await call('/api/v1/session', { body: { username: 'underwriter', password: PASSWORD } });
  token = signedInSchema.parse(await response.json()).token;
});
after(() => server?.stop());

test('a counterfactual, sent as an application, is approved; one step less is not', async () => {
  const attributes = { income_minor: 110_000, arrears: 1, purpose: 'car' };
  const decision = await decideOn(good({ amountMinor: 600_000, attributes }));
  assert.equal(decision.outcome, 'declined');
  const response = await call(`/api/v1/decisions/${decision.decisionId}/explanation`);
  const { counterfactuals, paragraphs } = explanationSchema.parse(await response.json());
  const change = counterfactuals[0]?.changes[0];
  assert.deepEqual([change?.field, change?.from, change?.kind], ['amountMinor', 600_000, 'request']);
  const outcomeAt = async (amountMinor: number) => {
    const body = good({ amountMinor, attributes });
    return scoreResultSchema.parse(await (await call('/api/v1/scores', { body })).json()).indicativeOutcome;
  };
  assert.equal(await outcomeAt(change!.to), 'approved');
  assert.equal(await outcomeAt(change!.to + 10_000), 'declined');
  assert.ok(paragraphs.includes(counterfactuals[0]!.text));
});

test('a notice: JSON, HTML and PDF of one decision, by place; the rules of a place on a day', async () => {
  const decision = await decideOn(good({ amountMinor: 900_000, attributes: { income_minor: 110_000, arrears: 4 } }));
  const path = `/api/v1/decisions/${decision.decisionId}/notice`;
  const notice = noticeSchema.parse(await (await call(path)).json());
  assert.equal(notice.kind, 'adverse_action');
  assert.deepEqual(
    notice.reasons.map(({ code }) => code),
    decision.reasons.map(({ code }) => code),
  );
  // arrears come from a credit file
  assert.ok(notice.sections.some(({ title }) => title === 'Fair Credit Reporting Act'));
  const german = noticeSchema.parse(await (await call(`${path}?jurisdiction=DE`)).json());
  assert.ok(german.sections.some(({ title }) => title === 'What would have changed the result'));
  const page = await call(`${path}?format=html`);
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
  assert.match(await page.text(), /Equal Credit Opportunity Act/);
  const pdf = await call(`${path}?format=pdf`);
  assert.equal(
    Buffer.from(await pdf.arrayBuffer())
      .subarray(0, 5)
      .toString(),
    '%PDF-',
  );
  const rules = rulesSchema.parse(await (await call('/api/v1/rules?jurisdiction=DE&on=2026-11-20')).json());
  assert.ok(rules.rules.some(({ id }) => id === 'eu-ccd-2023'));
  await problem(await call('/api/v1/rules?jurisdiction=Germany&on=2026-11-20'), 400);
  await problem(await call(`${path}?format=docx`), 400);
});
