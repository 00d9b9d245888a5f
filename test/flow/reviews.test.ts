// Walks through manual review: referred decisions become cases, what matters most first; people take, give back, abandon, answer and
// second them, over HTTP; then twenty reviewers at once, who crash, stall and send twice, on two stores like two servers: none
// decided twice, none lost. It does not test the page, nor what a rule means.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  decisionRecordSchema,
  decisionSchema,
  problemSchema,
  type ReviewDto,
  reviewersSchema,
  reviewSchema,
  reviewsSchema,
} from '../../src/api/index.ts';
import { DecisionStore, PolicyStore, type ReviewCase, ReviewStore } from '../../src/decisions/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import { runAlone } from '../../src/entrypoints/server/index.ts';
import { listAudit, openPersonVault } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { fillTinyLake } from './support/tiny-lake.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

let server: TinyServer;
const call = signedIn(() => server);

before(async () => {
  server = await startTinyServer({ databasePort: 4783 });
});
after(() => server?.stop());

/** Without income the application is referred. */
async function refer(amountMinor: number, user = 'underwriter', applicationId?: string): Promise<string> {
  const body = { applicationId, borrowerId: 'b1', amountMinor, attributes: { arrears: 1, purpose: 'car' } };
  const response = await call(user, 'POST', '/applications', body);
  const decision = decisionSchema.parse(await response.json());
  assert.equal(decision.outcome, 'referred');
  return decision.decisionId;
}

async function queue(status?: string): Promise<ReviewDto[]> {
  const path = `/reviews?pageSize=200${status === undefined ? '' : `&status=${status}`}`;
  const response = await call('compliance', 'GET', path);
  assert.equal(response.status, 200, await response.clone().text());
  return reviewsSchema.parse(await response.json()).rows;
}

async function act(user: string, caseId: string, step: string, body: object = {}): Promise<ReviewDto> {
  const response = await call(user, 'POST', `/reviews/${caseId}/${step}`, body);
  assert.equal(response.status, 200, await response.clone().text());
  return reviewSchema.parse(await response.json());
}

async function refused(status: number, user: string, caseId: string, step: string, body: object = {}): Promise<string> {
  const response = await call(user, 'POST', `/reviews/${caseId}/${step}`, body);
  assert.equal(response.status, status, await response.clone().text());
  return problemSchema.parse(await response.json()).detail;
}

const answer = { outcome: 'approved', code: 'INCOME_VERIFIED', note: 'Three payslips seen, income as stated.' };

test('referred decisions open one case each, ordered by what a person can change', async () => {
  const ids = [await refer(100_000), await refer(900_000), await refer(400_000)];
  const cases = await queue();
  assert.deepEqual(
    cases.map(({ decisionId }) => decisionId),
    [ids[1], ids[2], ids[0]],
  );
  assert.ok(
    cases.every(({ status, lean, origin }) => status === 'open' && lean === 'approved' && origin === 'referred'),
  );
  assert.equal((await queue()).length, 3, 'looking again opens none twice');
});

test('of the decisions that are looked through only the referred are opened', async () => {
  const { database, home } = server;
  const clock = { now: () => new Date() };
  const vault = openPersonVault({ home, database, clock, portfolio: 'tiny' });
  const store = new DecisionStore({ database, clock, portfolio: 'tiny', vault });
  const approved = {
    borrowerId: 'b1',
    amountMinor: 100_000,
    attributes: { arrears: 0, purpose: 'car', income_minor: 900_000 },
  };
  const before = await store.referredSince(0, 500);
  for (let i = 0; i < 3; i++) await call('underwriter', 'POST', '/applications', approved);
  const { records, lookedAt, last } = await store.referredSince(before.last ?? 0, 500);
  assert.deepEqual([records.length, lookedAt, last], [0, 3, (before.last ?? 0) + 3]);
  assert.equal(before.records.length, 3);
});

test('of several servers of a book one follows its decisions; when it has ended another may', async () => {
  const { database } = server;
  const gate = Promise.withResolvers<void>();
  const first = runAlone(database, 'another book', () => gate.promise);
  while (await runAlone(database, 'another book', async () => undefined)) await sleep(5);
  assert.equal(await runAlone(database, 'a third book', async () => undefined), true);
  gate.resolve();
  assert.equal(await first, true);
  assert.equal(await runAlone(database, 'another book', async () => undefined), true);
  await assert.rejects(
    runAlone(database, 'another book', () => Promise.reject(new Error('no luck'))),
    /no luck/,
  );
  assert.equal(await runAlone(database, 'another book', async () => undefined), true);
});

test('a case is held by one person, given back, taken by another; an abandoned one returns by itself', async () => {
  const [first] = await queue('open');
  const { caseId } = first!;
  const claimed = await act('underwriter', caseId, 'claim');
  assert.deepEqual([claimed.status, claimed.claimedBy], ['claimed', 'underwriter']);
  assert.match(await refused(409, 'manager', caseId, 'claim'), /another person/);
  assert.match(await refused(409, 'manager', caseId, 'decide', answer), /do not hold/);
  assert.equal((await act('underwriter', caseId, 'release')).status, 'open');
  await act('underwriter', caseId, 'claim');
  server.setClock(new Date(Date.now() + 31 * 60_000));
  assert.ok((await queue('open')).some((one) => one.caseId === caseId));
  assert.match(await refused(409, 'underwriter', caseId, 'decide', answer), /ran out/);
  assert.equal((await act('manager', caseId, 'claim')).claimedBy, 'manager');
  await act('manager', caseId, 'release');
  server.setClock(null);
});

test('an answer needs a known code and a reason; it is final once, and the decision shows it', async () => {
  const decisionId = await refer(500_000);
  const { caseId } = (await queue('open')).find((one) => one.decisionId === decisionId)!;
  await act('manager', caseId, 'claim');
  await refused(400, 'manager', caseId, 'decide', { ...answer, code: 'BECAUSE' });
  await refused(400, 'manager', caseId, 'decide', { ...answer, note: 'ok' });
  await refused(400, 'manager', caseId, 'decide', { outcome: 'approved', code: 'INCOME_VERIFIED' });
  await refused(400, 'manager', caseId, 'decide', { ...answer, decidedBy: 'somebody' });
  const decided = await act('manager', caseId, 'decide', answer);
  assert.deepEqual([decided.status, decided.outcome, decided.firstBy], ['decided', 'approved', 'manager']);
  assert.equal((await act('manager', caseId, 'decide', answer)).status, 'decided', 'the same again is no other answer');
  await refused(409, 'manager', caseId, 'decide', { ...answer, outcome: 'declined' });
  await refused(409, 'underwriter', caseId, 'claim');
  const record = decisionRecordSchema.parse(await (await call('compliance', 'GET', `/decisions/${decisionId}`)).json());
  assert.deepEqual(
    [record.decision.outcome, record.review?.outcome, record.review?.status],
    ['referred', 'approved', 'decided'],
  );
  await assert.rejects(
    server.database.query(`UPDATE review_cases SET outcome = 'declined' WHERE case_id = $1`, [caseId]),
    /never changes/,
  );
});

test('one’s own application and a large amount need a second person, who is neither the first nor the one who submitted it', async () => {
  const decisionId = await refer(3_000_000);
  const { caseId, needsSecond } = (await queue('open')).find((one) => one.decisionId === decisionId)!;
  assert.ok(needsSecond);
  await act('manager', caseId, 'claim');
  assert.equal((await act('manager', caseId, 'decide', answer)).status, 'second');
  const vote = { agrees: true, note: 'Seen and agreed with the file.' };
  assert.match(await refused(403, 'manager', caseId, 'second', vote), /neither/);
  assert.match(await refused(403, 'underwriter', caseId, 'second', vote), /neither/);
  await refused(403, 'admin', caseId, 'second', vote);
  await refused(403, 'compliance', caseId, 'second', vote);

  const own = await refer(200_000);
  const ownCase = (await queue('open')).find((one) => one.decisionId === own)!;
  await act('underwriter', ownCase.caseId, 'claim');
  assert.equal((await act('underwriter', ownCase.caseId, 'decide', answer)).status, 'second');
  const back = await act('manager', ownCase.caseId, 'second', { ...vote, agrees: false });
  assert.deepEqual([back.status, back.outcome, back.firstBy], ['open', null, null]);
  await act('underwriter', ownCase.caseId, 'claim');
  await act('underwriter', ownCase.caseId, 'decide', answer);
  const done = await act('manager', ownCase.caseId, 'second', vote);
  assert.deepEqual([done.status, done.firstBy, done.secondBy], ['decided', 'underwriter', 'manager']);
});

test('a declined borrower gets a person: a contested decision is a case, and lending against the policy needs two', async () => {
  const body = {
    borrowerId: 'b1',
    amountMinor: 200_000,
    attributes: { income_minor: 450_000, arrears: 20, purpose: 'car' },
  };
  const decision = decisionSchema.parse(await (await call('underwriter', 'POST', '/applications', body)).json());
  assert.equal(decision.outcome, 'declined');
  const contest = { decisionId: decision.decisionId, request: 'The arrears belong to another person.' };
  assert.equal((await call('modeller', 'POST', '/reviews', contest)).status, 403);
  const opened = reviewSchema.parse(await (await call('compliance', 'POST', '/reviews', contest)).json());
  assert.deepEqual([opened.origin, opened.lean, opened.request], ['contested', 'declined', contest.request]);
  assert.equal((await call('compliance', 'POST', '/reviews', contest)).status, 409);
  await act('manager', opened.caseId, 'claim');
  assert.equal((await act('manager', opened.caseId, 'decide', { ...answer, code: 'DATA_CORRECTED' })).status, 'second');
});

test('every step is in the audit log and points to the decision; the note itself is not', async () => {
  const decided = (await queue('decided'))[0]!;
  const { rows: entries } = await listAudit(server.database, 'tiny', { subject: decided.caseId, limit: 50, offset: 0 });
  assert.equal(entries[0]?.kind, 'review_decided');
  assert.equal(entries.at(-1)?.kind, 'review_opened');
  assert.ok(
    entries.every(
      ({ data }) => data['decisionId'] === decided.decisionId && /^[0-9a-f]{64}$/.test(String(data['decisionHash'])),
    ),
  );
  assert.ok(!JSON.stringify(entries).includes('payslips'));
});

test('twenty reviewers on two servers who crash, stall and send twice: none decided twice, none lost', async () => {
  const { database } = server;
  const start = Date.now();
  let aheadMs = 0;
  const clock = { now: () => new Date(Date.now() + aheadMs) };
  const earlier = (await queue()).filter(({ status }) => status !== 'second').length;
  for (let index = 0; index < 60; index++) await refer(100_000 + index * 1_000);
  const vault = openPersonVault({ home: server.home, database, clock, portfolio: 'tiny' });
  const stores = [1, 2].map((number) => {
    const store = new DecisionStore({ database, clock, portfolio: 'tiny', vault });
    const policies = new PolicyStore({ database, clock, portfolio: tinyPortfolio });
    let ids = 0;
    return new ReviewStore({
      database,
      clock,
      portfolio: 'tiny',
      store,
      policies,
      vault,
      newId: () => `case-${start}-${number}-${ids++}`,
    });
  });
  const before = (await listAudit(database, 'tiny', { kind: 'review_decided', limit: 1, offset: 0 })).total;
  // the server opens cases too: whoever is first, all are there when the slower one has committed
  let waiting: ReviewCase[] = [];
  for (let tries = 0; tries < 100 && waiting.length < earlier + 60; tries++) {
    await Promise.all(stores.map((store) => store.openReferred()));
    waiting = (await stores[0]!.list({ limit: 200, offset: 0 })).rows.filter(({ status }) => status !== 'second');
  }
  assert.equal(waiting.length, earlier + 60, 'one case for each');
  let answers = 0;
  let round = 0;
  const reviewer = async (name: string, seed: number): Promise<void> => {
    const store = stores[seed % 2]!;
    for (let turn = 0; turn < 12; turn++) {
      const open = (await store.list({ status: 'open', limit: 200, offset: 0 })).rows;
      const one = open[(seed * 7 + turn * 13 + round) % Math.max(open.length, 1)];
      if (!one) return;
      try {
        await store.claim(one.caseId, name);
        const fate = (seed + turn + round) % 5;
        if (fate === 0) continue; // left without a word
        if (fate === 1) await store.release(one.caseId, name);
        const given = { outcome: 'declined', code: 'BURDEN_TOO_HIGH', note: `by ${name} at turn ${turn}` } as const;
        if (fate >= 2) {
          const sent = await Promise.allSettled([
            store.decide(one.caseId, name, given),
            store.decide(one.caseId, name, given),
          ]);
          answers += sent.some(({ status }) => status === 'fulfilled') ? 1 : 0;
        }
      } catch (error) {
        assert.ok(error instanceof AssayError && error.code === 'conflict', String(error));
      }
    }
  };
  for (; round < 12 && (await stores[0]!.list({ status: 'open', limit: 1, offset: 0 })).total > 0; round++) {
    await Promise.all(Array.from({ length: 20 }, (_, seed) => reviewer(`reviewer-${seed}`, seed)));
    aheadMs += 31 * 60_000; // what was left lies there until its lease is over
  }
  const { rows: decided } = await stores[0]!.list({ status: 'decided', limit: 200, offset: 0 });
  const done = decided.filter(({ caseId }) => waiting.some((one) => one.caseId === caseId));
  assert.equal(done.length, waiting.length, 'none lost');
  assert.equal(answers, waiting.length, 'each answered once');
  const after = await listAudit(database, 'tiny', { kind: 'review_decided', limit: 1, offset: 0 });
  assert.equal(after.total - before, waiting.length, 'and entered once');
});

test('the outcome of a loan comes back to the person and the code that gave it', async () => {
  await fillTinyLake(server.lake, server.models, { now: () => new Date() });
  // one that defaulted, one whose outcome is not known yet
  for (const applicationId of ['A0005', 'A0007']) {
    const decisionId = await refer(50_000, 'underwriter', applicationId);
    const { caseId } = (await queue('open')).find((one) => one.decisionId === decisionId)!;
    await act('manager', caseId, 'claim');
    await act('manager', caseId, 'decide', answer);
  }
  const { lent } = reviewersSchema.parse(await (await call('compliance', 'GET', '/reviews/reviewers')).json());
  for (const name of ['manager', answer.code, 'none']) {
    const report = lent.find((one) => one.name === name);
    assert.deepEqual([report?.known, report?.defaulted, report?.badRate?.value], [1, 1, 1], name);
    assert.ok(report!.lent >= 2);
  }
});

test('who answers without looking is reported', async () => {
  const response = await call('compliance', 'GET', '/reviews/reviewers');
  const { reviewers } = reviewersSchema.parse(await response.json());
  assert.ok(reviewers.some(({ answers }) => answers > 0));
  assert.ok(reviewers.filter(({ answers }) => answers >= 10).every(({ alarms }) => alarms.includes('too_quick')));
});
