// Walks from decisions to what applicants are told: a decline, an incomplete application and the answer of a person each open a duty with
// its day; notices are issued, kept as they were and entered in the audit log; overdue ones show. It does not test the texts of notices
// (src/decisions/notices) nor the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  decisionSchema,
  type NoticeDutyDto,
  noticeDutiesSchema,
  noticeDutySchema,
  noticeSchema,
  problemSchema,
  reviewSchema,
  reviewsSchema,
} from '../../src/api/index.ts';
import { sha256Hex } from '../../src/domain/index.ts';
import { listAudit } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const call = signedIn(() => server);
const DAY_MS = 86_400_000;
const NOTE = 'Seen with the file, as stated there.';

before(async () => {
  server = await startTinyServer({ databasePort: 4797 });
});
after(() => server?.stop());

async function decide(amountMinor: number, attributes: object): Promise<string> {
  const body = { borrowerId: 'b1', amountMinor, attributes: { purpose: 'car', ...attributes } };
  return decisionSchema.parse(await (await call('underwriter', 'POST', '/applications', body)).json()).decisionId;
}
const decline = (): Promise<string> => decide(200_000, { income_minor: 450_000, arrears: 20 });
/** Without income the application is incomplete, and referred. */
const refer = (): Promise<string> => decide(300_000, { arrears: 1 });

async function duties(state?: string) {
  const path = `/notices?pageSize=200${state === undefined ? '' : `&state=${state}`}`;
  return noticeDutiesSchema.parse(await (await call('compliance', 'GET', path)).json());
}
const dutiesOf = async (decisionId: string, state?: string): Promise<NoticeDutyDto[]> =>
  (await duties(state)).rows.filter((row) => row.decisionId === decisionId);

async function issue(decisionId: string, about: string, channel = 'post', user = 'compliance'): Promise<Response> {
  return call(user, 'POST', `/notices/${decisionId}/${about}/issue`, { channel });
}
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

test('a decline must be told within thirty days; what was issued is kept to the byte and entered in the log', async () => {
  const decisionId = await decline();
  const [duty] = await dutiesOf(decisionId);
  assert.deepEqual(
    [duty?.kind, duty?.about, duty?.state, duty?.dueOn, duty?.rule, duty?.urgency],
    ['adverse_action', 'decision', 'due', inDays(30), 'us-ecoa-notice', 'in_time'],
  );
  assert.equal((await issue(decisionId, 'decision', 'post', 'modeller')).status, 403);
  assert.equal((await issue(decisionId, 'decision', 'pigeon')).status, 400);
  const issued = noticeDutySchema.parse(await (await issue(decisionId, 'decision')).json());
  assert.deepEqual([issued.state, issued.channel, issued.issuedBy], ['issued', 'post', 'compliance']);
  const document = await (await call('compliance', 'GET', `/notices/${decisionId}/decision/document`)).text();
  assert.equal(sha256Hex(document), issued.documentHash);
  assert.match(document, /Too many payments missed/);
  const { rows } = await listAudit(server.database, 'tiny', { kind: 'notice_issued', limit: 5, offset: 0 });
  assert.deepEqual(
    [rows[0]?.subject, rows[0]?.actor, rows[0]?.data['documentHash'], rows[0]?.data['isLate']],
    [decisionId, 'compliance', issued.documentHash, false],
  );
  assert.equal((await issue(decisionId, 'decision')).status, 200, 'the same again changes nothing');
  assert.equal((await issue(decisionId, 'decision', 'email')).status, 409);
  const kept = await listAudit(server.database, 'tiny', { kind: 'notice_issued', limit: 5, offset: 0 });
  assert.equal(kept.total, 1);
  assert.deepEqual(await dutiesOf(decisionId), [], 'nothing is left to tell');
  const [stored] = await server.database.query<{ document: string }>(
    'SELECT document FROM notice_duties WHERE decision_id = $1',
    [decisionId],
  );
  assert.doesNotMatch(stored?.document ?? '', /missed|Tiny/, 'sealed under the key of the person');
  await assert.rejects(
    server.database.query('UPDATE notice_duties SET channel = $2 WHERE decision_id = $1', [decisionId, 'email']),
    /never changes/,
  );
});

test('who must wait for a person is told what is missing, and then what the person decided and why', async () => {
  const decisionId = await refer();
  const [first, second] = (await dutiesOf(decisionId)).sort((a, b) => a.about.localeCompare(b.about));
  assert.deepEqual([first?.about, first?.kind, first?.state], ['decision', 'incomplete', 'due']);
  assert.deepEqual([second?.about, second?.state, second?.dueOn], ['review', 'waits', inDays(30)]);
  assert.match(problemSchema.parse(await (await issue(decisionId, 'review')).json()).detail, /has not decided/);

  const { rows } = reviewsSchema.parse(await (await call('manager', 'GET', '/reviews?pageSize=200')).json());
  const caseId = rows.find((one) => one.decisionId === decisionId)?.caseId;
  await call('manager', 'POST', `/reviews/${caseId}/claim`, {});
  const answer = (body: object) => call('manager', 'POST', `/reviews/${caseId}/decide`, { note: NOTE, ...body });
  const exception = await answer({ outcome: 'declined', code: 'POLICY_EXCEPTION' });
  assert.equal(exception.status, 400);
  assert.deepEqual(problemSchema.parse(await exception.json()).errors?.[0]?.path, 'code');
  const noAmount = await answer({ outcome: 'counter_offer', code: 'BURDEN_TOO_HIGH' });
  assert.deepEqual(problemSchema.parse(await noAmount.json()).errors?.[0]?.path, 'offerMinor');
  const tooMuch = await answer({ outcome: 'counter_offer', code: 'BURDEN_TOO_HIGH', offerMinor: 300_000 });
  assert.equal(tooMuch.status, 400);
  const decided = await answer({ outcome: 'declined', code: 'INCOME_NOT_VERIFIED' });
  assert.equal(reviewSchema.parse(await decided.json()).status, 'decided');

  const due = (await dutiesOf(decisionId, 'due')).find(({ about }) => about === 'review');
  assert.deepEqual([due?.kind, due?.dueOn, due?.caseId], ['adverse_action', inDays(30), caseId]);
  const told = noticeSchema.parse(await (await call('compliance', 'GET', `/decisions/${decisionId}/notice`)).json());
  assert.deepEqual(told.reasons, [{ code: 'INCOME_NOT_VERIFIED', text: 'Unable to verify income' }]);
  assert.equal((await issue(decisionId, 'review', 'portal', 'underwriter')).status, 200);
  const document = await (await call('compliance', 'GET', `/notices/${decisionId}/review/document`)).text();
  assert.match(document, /Unable to verify income/);
});

test('what is not told in time is overdue, counted, and said to be late when it is told', async () => {
  const decisionId = await decline();
  await duties();
  await server.database.query(`UPDATE sessions SET expires_at = expires_at + interval '60 days'`);
  server.setClock(new Date(Date.now() + 25 * DAY_MS));
  assert.deepEqual((await dutiesOf(decisionId))[0]?.urgency, 'urgent');
  server.setClock(new Date(Date.now() + 31 * DAY_MS));
  const { counts } = await duties();
  const overdue = await dutiesOf(decisionId, 'overdue');
  assert.equal(overdue[0]?.urgency, 'overdue');
  assert.ok(counts.overdue >= 1);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, new RegExp(`assay_notices\\{state="overdue"\\} ${counts.overdue}\\n`));
  await issue(decisionId, 'decision', 'email');
  const { rows } = await listAudit(server.database, 'tiny', { subject: decisionId, limit: 5, offset: 0 });
  assert.equal(rows[0]?.data['isLate'], true);
  server.setClock(null);
});

test('several servers open each duty once', async () => {
  const decisionId = await decline();
  await Promise.all([duties(), duties(), duties(), duties()]);
  assert.equal((await dutiesOf(decisionId)).length, 1);
});
