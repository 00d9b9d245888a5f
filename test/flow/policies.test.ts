// Walks a credit policy through its life over HTTP: the portfolio's own goes live, a draft is proposed, tried in shadow on real
// decisions, refused to its maker, approved by a second person only when its cases hold, in force a moment later, replayed by the
// version that decided. It does not test what rules mean (evaluate-policy.test.ts) or the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  auditEntriesSchema,
  auditStatusSchema,
  decisionListSchema,
  decisionSchema,
  inclusionProofSchema,
  policiesSchema,
  policyChangesSchema,
  policySchema,
  problemSchema,
  replaySchema,
} from '../../src/api/index.ts';
import { DECISIONS_REGISTER, PolicyStore, parseCreditPolicy, parsePolicyCases } from '../../src/decisions/index.ts';
import { LOG_REGISTER, listAudit, makeCheckpoint, openSigner, systemClock } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const call = signedIn(() => server);

before(async () => {
  server = await startTinyServer({ databasePort: 4782 });
});
after(() => server?.stop());

const { rules } = tinyPortfolio.policy;
const stricter = (version: string, value = 0.000001) => ({
  ...tinyPortfolio.policy,
  version,
  status: 'draft',
  rules: [{ ...rules[0]!, when: { fact: 'pd', op: '>', value } }, rules[1]!],
});
const holds = [
  { name: 'a middling pd', facts: { pd: 0.2 }, expected: { outcome: 'declined', rules: ['pd-too-high'] } },
];
const fails = [{ ...holds[0]!, expected: { outcome: 'approved', rules: [] } }];
const note = 'for the test';

const application = {
  borrowerId: 'b1',
  amountMinor: 200_000,
  attributes: { income_minor: 450_000, arrears: 0, purpose: 'car' },
};
async function decide() {
  const response = await call('underwriter', 'POST', '/applications', application);
  assert.equal(response.status, 201);
  return decisionSchema.parse(await response.json());
}

async function refused(response: Response, status: number): Promise<string> {
  assert.equal(response.status, status, await response.clone().text());
  return problemSchema.parse(await response.json()).detail;
}

test('the policy of the portfolio is the first live one, and its version decides', async () => {
  const { live, versions } = policiesSchema.parse(await (await call('modeller', 'GET', '/policies')).json());
  assert.deepEqual([live, versions.map(({ status }) => status)], ['tiny-1', ['live']]);
  assert.equal((await decide()).creditPolicyVersion, 'tiny-1');
});

test('a draft with unknown facts, a taken version, a wrong field or from the wrong role is refused', async () => {
  const propose = (policy: object, role = 'manager', more: object = {}) =>
    call(role, 'POST', '/policies', { policy, note, ...more });
  const unknown = {
    ...stricter('tiny-x'),
    rules: [{ ...rules[0]!, when: { fact: 'feature.shoe_size', op: '>', value: 1 } }],
  };
  assert.match(await refused(await propose(unknown), 400), /no fact feature.shoe_size/);
  assert.match(await refused(await propose(stricter('tiny-1')), 409), /taken/);
  assert.match(await refused(await propose({ ...stricter('tiny-x'), rules: [{ id: 1 }] }), 400), /rules\.0\.id/);
  await refused(await propose(stricter('tiny-x'), 'compliance'), 403);
  await refused(await propose(stricter('tiny-x'), 'admin'), 403);
  await refused(await propose(stricter('tiny-x'), 'manager', { approved: true }), 400);
});

test('in shadow a draft is tried on each decision once, and decides nothing', async () => {
  const proposed = await call('manager', 'POST', '/policies', { policy: stricter('tiny/2'), cases: fails, note });
  assert.equal(proposed.status, 201, await proposed.clone().text());
  assert.equal((await call('manager', 'POST', '/policies/tiny%2F2/shadow', { note })).status, 200);
  const made = [await decide(), await decide()];
  assert.ok(
    made.every(({ outcome, creditPolicyVersion }) => outcome === 'approved' && creditPolicyVersion === 'tiny-1'),
  );
  const read = async () => policySchema.parse(await (await call('validator', 'GET', '/policies/tiny%2F2')).json());
  for (let wait = 0; wait < 50 && ((await read()).shadow?.decisions ?? 0) < 2; wait++) await sleep(100);
  await sleep(1_200);
  const { shadow, status } = await read();
  assert.equal(status, 'shadow');
  assert.deepEqual(shadow, { decisions: 2, agree: 0, pairs: [{ real: 'approved', shadow: 'declined', count: 2 }] });
  const listed = decisionListSchema.parse(await (await call('underwriter', 'GET', '/decisions')).json());
  assert.equal(listed.total, 3, 'what a shadow said is not a decision');
});

test('who proposed may not approve, whoever they are; and no version goes live whose cases do not hold', async () => {
  await refused(await call('manager', 'POST', '/policies/tiny%2F2/approve', { note }), 403);
  assert.match(
    await refused(await call('compliance', 'POST', '/policies/tiny%2F2/approve', { note }), 409),
    /middling pd/,
  );
  // a person whose role changed meanwhile: the role may approve, the person may not
  const policies = new PolicyStore({ database: server.database, clock: systemClock, portfolio: tinyPortfolio });
  await policies.propose(
    { policy: parseCreditPolicy(stricter('tiny/3')), cases: parsePolicyCases({ cases: holds }) },
    'mo',
    note,
  );
  await assert.rejects(policies.approve('tiny/3', 'mo', note), /may not approve/);
  await assert.rejects(
    server.database.query(`UPDATE credit_policy_versions SET approved_by = 'mo' WHERE version = 'tiny/3'`),
    /check constraint/,
  );
});

test('approved by a second person it decides within a second; the old version replays its own decisions', async () => {
  const earlier = await decide();
  await call('manager', 'POST', '/policies', { policy: stricter('tiny/4'), cases: holds, note });
  const changes = policyChangesSchema.parse(
    await (await call('compliance', 'GET', '/policies/tiny%2F4/changes?with=tiny-1')).json(),
  );
  assert.deepEqual(
    changes.changes.map(({ part, name, fields }) => [part, name, fields]),
    [['rule', 'pd-too-high', ['when']]],
  );
  assert.equal((await call('compliance', 'POST', '/policies/tiny%2F4/approve', { note })).status, 200);
  await sleep(1_000);
  const later = await decide();
  assert.deepEqual([later.outcome, later.creditPolicyVersion], ['declined', 'tiny/4']);
  for (const { decisionId } of [earlier, later]) {
    const replay = replaySchema.parse(
      await (await call('compliance', 'GET', `/decisions/${decisionId}/replay`)).json(),
    );
    assert.ok(replay.identical, decisionId);
  }
  const { live, versions } = policiesSchema.parse(await (await call('modeller', 'GET', '/policies')).json());
  assert.equal(live, 'tiny/4');
  assert.equal(versions.find(({ version }) => version === 'tiny-1')?.status, 'retired');
});

test('a retired version comes back as a draft of whoever asks for it; a version is never deleted', async () => {
  assert.equal((await call('manager', 'POST', '/policies/tiny-1/propose', { note })).status, 200);
  const again = policySchema.parse(await (await call('manager', 'GET', '/policies/tiny-1')).json());
  assert.deepEqual([again.status, again.proposedBy, again.approvedBy], ['draft', 'manager', null]);
  await refused(await call('manager', 'POST', '/policies/tiny%2F4/reject', { note }), 409);
  assert.equal((await call('manager', 'POST', '/policies/tiny-1/reject', { note })).status, 200);
  await assert.rejects(server.database.query(`DELETE FROM credit_policy_versions`), /never deleted/);
  await assert.rejects(server.database.query(`UPDATE shadow_decisions SET outcome = 'approved'`), /append only/);
});

test('every step is in the audit log, with who and why', async () => {
  const { rows: entries } = await listAudit(server.database, 'tiny', { subject: 'tiny/4', limit: 10, offset: 0 });
  assert.deepEqual(
    entries.map(({ kind, actor, data }) => [kind, actor, data['note']]),
    [
      ['policy_live', 'compliance', note],
      ['policy_proposed', 'manager', note],
    ],
  );
});

test('the Audit page’s operations: what is signed, the log by subject, a proof once a checkpoint covers it', async () => {
  const { decisionId } = await decide();
  const unproved = await call('compliance', 'GET', `/audit/proofs/${decisionId}`);
  assert.match(await refused(unproved, 409), /no checkpoint/);
  const { database, home } = server;
  await makeCheckpoint({
    ...{ database, home, portfolio: 'tiny', registers: [DECISIONS_REGISTER, LOG_REGISTER], signer: openSigner(home) },
    ...{ clock: systemClock, newId: () => 'log' },
  });
  const status = auditStatusSchema.parse(await (await call('compliance', 'GET', '/audit')).json());
  assert.ok(status.registers.every(({ records, checkpointed }) => records === checkpointed && records > 0));
  assert.deepEqual([status.checkpoints, status.problems], [1, []]);
  const proof = inclusionProofSchema.parse(
    await (await call('compliance', 'GET', `/audit/proofs/${decisionId}`)).json(),
  );
  assert.equal(proof.size, status.registers[0]?.records);
  const entries = auditEntriesSchema.parse(
    await (await call('compliance', 'GET', '/audit/entries?subject=tiny%2F4&kind=policy_live')).json(),
  );
  assert.deepEqual([entries.total, entries.rows[0]?.actor], [1, 'compliance']);
  await refused(await call('underwriter', 'GET', '/audit/entries'), 403);
});
