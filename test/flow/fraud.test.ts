// Walks through application fraud where decisions are made: what is decided and scored online in order of time has the signals of
// the batch scan, on the path of the real server and over a table filled with a book; the credit policy may refer what is
// suspicious; the record replays; what the database holds of it names nobody and goes with an erasure. It does not test how well
// the signals find fraud: bench/fraud.ts does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Decision, decisionSchema, replaySchema, scoreResultSchema } from '../../src/api/index.ts';
import { column, type FeatureValue, type FraudDefinition, type Portfolio } from '../../src/domain/index.ts';
import { personFacts } from '../../src/entrypoints/server/index.ts';
import {
  type FraudApplication,
  FraudLinkStore,
  fitUsualIncome,
  inOrderOfTime,
  insertLinks,
  mulberry32,
  scanBook,
} from '../../src/fraud/index.ts';
import { OnlineStore, openErasedRegister, openPersonVault, systemClock } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

const link = (id: 'device' | 'phone' | 'employer', weight: number, more: object = {}) => ({
  ...{ id, kind: id, columns: [id], windowDays: 30, ordinary: 0, weight, text: `Same ${id}` },
  ...more,
});
const definition: FraudDefinition = {
  links: [link('device', 0.6), link('phone', 0.7, { windowDays: 365, differs: ['employer'] }), link('employer', 0.3)],
  income: { column: 'stated_minor', evidenceFeature: 'income', usual: ['amount_minor', 'employer'] },
};

const [source] = tinyPortfolio.sources;
const [target, outcomes] = source!.targets;
const contact = ['device', 'phone', 'employer'].map((name) => column.text(name, { nullable: true }));
const columns = [...target!.table.columns, ...contact, column.money('stated_minor', { nullable: true })];
const portfolio: Portfolio = {
  ...tinyPortfolio,
  sources: [{ ...source!, targets: [{ ...target!, table: { ...target!.table, columns } }, outcomes!] }],
  fraud: definition,
  policy: {
    ...tinyPortfolio.policy,
    version: 'tiny-fraud-1',
    rules: [
      ...tinyPortfolio.policy.rules,
      {
        id: 'fraud-suspected',
        kind: 'referral',
        description: 'Much that should not be shared is.',
        when: { fact: 'fraud.band', op: '=', value: 'high' },
        outcome: 'referred',
        reason: { code: 'VERIFY', text: 'Details of the application are verified by a person' },
      },
    ],
  },
};

let server: TinyServer;
const call = signedIn(() => server);
before(async () => {
  server = await startTinyServer({ databasePort: 4790, portfolio });
});
after(() => server?.stop());

const START_MS = Date.now();
const at = (minutes: number): Date => new Date(START_MS + minutes * 60_000);
const requestOf = (borrowerId: string, attributes: object) => ({
  borrowerId,
  amountMinor: 200_000,
  attributes: { income_minor: 400_000, arrears: 0, purpose: 'car', ...attributes },
});

async function decide(body: object): Promise<Decision> {
  const response = await call('underwriter', 'POST', '/applications', body);
  assert.equal(response.status, 201, await response.clone().text());
  return decisionSchema.parse(await response.json());
}

test('what is decided in order of time has the signals of the batch scan, and replays in every bit', async () => {
  const random = mulberry32(11);
  const some = (values: readonly (string | null)[]) => values[Math.floor(random() * values.length)]!;
  const decided: { decision: Decision; application: FraudApplication }[] = [];
  for (let i = 0; i < 40; i++) {
    server.setClock(at(i));
    const stated = 400_000 * (1 + 2 * random());
    const attributes = {
      device: some(['d1', 'D-2', 'd3', 'd4', null]),
      phone: some(['+43 1 2', '+43 1 3', null]),
      employer: some(['Mill', 'port']),
      stated_minor: Math.round(stated),
    };
    const borrowerId = `b${Math.floor(random() * 15)}`;
    const decision = await decide(requestOf(borrowerId, attributes));
    const { applicationId, asOf } = decision;
    const columns = { ...attributes, amount_minor: 200_000 };
    decided.push({ decision, application: { applicationId, borrowerId, appliedAt: new Date(asOf), columns } });
  }
  const book = decided.map(({ application }) => ({ application, features: { income: 400_000 } }));
  const scanned = scanBook(definition, book, { usualIncome: null }).applications;
  const batch = new Map(scanned.map(({ application, ...assessed }) => [application.applicationId, assessed]));
  assert.ok(scanned.filter(({ band }) => band === 'high').length >= 5);
  for (const { decision } of decided) {
    assert.deepEqual(decision.fraud, batch.get(decision.applicationId));
    const suspected = decision.fraud?.band === 'high';
    assert.equal(decision.outcome, suspected ? 'referred' : 'approved');
    assert.equal(decision.outcomeReasons[0]?.code, suspected ? 'VERIFY' : undefined);
    const replay = await call('underwriter', 'GET', `/decisions/${decision.decisionId}/replay`);
    assert.deepEqual(replaySchema.parse(await replay.json()).causes, []);
  }
  // suspicion is no part of the credit risk
  assert.equal(new Set(decided.map(({ decision: { pd, score } }) => `${pd} ${score}`)).size, 1);
});

test('scoring says the same and keeps nothing', async () => {
  server.setClock(at(60));
  const body = requestOf('scored', { device: 'scored-device' });
  const score = async (borrowerId: string) => {
    const response = await call('underwriter', 'POST', '/scores', { ...body, borrowerId });
    return scoreResultSchema.parse(await response.json()).fraud;
  };
  await score('scored');
  assert.deepEqual(await score('other'), { score: 0, band: 'low', signals: [] });
  await decide(body);
  server.setClock(at(61));
  assert.deepEqual(
    (await score('other'))?.signals.map(({ id, value }) => [id, value]),
    [['device', 1]],
  );
});

test('keys name nobody, and an erased person is linked to nobody', async () => {
  server.setClock(at(70));
  const device = 'canary-device-4401';
  await decide(requestOf('canary-ring-leader', { device }));
  server.setClock(at(71));
  const rows = await server.database.query<{ text: string }>(
    'SELECT l::text AS text FROM fraud_links l UNION ALL SELECT d::text FROM decisions d',
  );
  assert.ok(rows.length > 40 && !rows.some(({ text }) => /canary/.test(text)));
  const other = requestOf('after', { device });
  const signals = async () =>
    scoreResultSchema.parse(await (await call('underwriter', 'POST', '/scores', other)).json());
  assert.equal((await signals()).fraud?.band, 'look');
  const facts = personFacts(new OnlineStore({ ...opened(), portfolio: 'tiny', tables: [] }), storeOf('tiny'));
  assert.ok((await facts.remove(server.database, 'canary-ring-leader')) >= 1);
  assert.equal((await signals()).fraud?.band, 'low');
});

const opened = () => ({ database: server.database, clock: systemClock });

/** With a link of every shape: several keys of one, and one that no decision counts. */
const shapes: FraudDefinition = {
  ...definition,
  links: [
    ...definition.links.map((link) => ({ ...link, later: true as const })),
    {
      ...{
        id: 'near',
        kind: 'identity',
        columns: ['device', 'phone', 'employer'],
        allButOne: true,
        differs: ['amount_minor'],
      },
      ...{ windowDays: 60, ordinary: 0, weight: 0.3, text: 'Alike but for one thing' },
    },
    {
      ...{ id: 'rush', kind: 'employer', columns: ['employer'], burst: true, windowDays: 5, ordinary: 0, weight: 0.1 },
      text: 'More of one employer than is usual for it',
    },
  ],
};

function storeOf(name: string): FraudLinkStore {
  const place = { home: server.home, ...opened(), portfolio: name };
  const vault = openPersonVault(place);
  const erased = openErasedRegister(place);
  return new FraudLinkStore({ ...opened(), portfolio: name, definition: shapes, vault, erased });
}

/** Days apart, many on one day, keys shared by hundreds. */
function randomBook(rows: number): { application: FraudApplication; features: { income: number | null } }[] {
  const random = mulberry32(5);
  const some = (values: readonly FeatureValue[]) => values[Math.floor(random() * values.length)]!;
  return Array.from({ length: rows }, (_, i) => ({
    application: {
      applicationId: `a${(i * 7919) % 10_007}`,
      borrowerId: `b${Math.floor(random() * rows * 0.7)}`,
      appliedAt: new Date(Date.UTC(2024, 0, 1 + Math.floor(random() * 90))),
      columns: {
        device: some([null, ...Array.from({ length: rows / 3 }, (_, d) => `d${d}`)]),
        phone: some([null, ...Array.from({ length: rows / 2 }, (_, p) => `+43 ${p}`)]),
        employer: some(['mill', 'Port', 'Office']),
        amount_minor: 100_000 + Math.floor(random() * 900_000),
        stated_minor: some([null, 200_000, 300_000, 900_000]),
      },
    },
    features: { income: random() < 0.5 ? null : 250_000 },
  }));
}

test('over a table filled with a book, and over one filled as it comes, every application is seen as in batch', async () => {
  const book = inOrderOfTime(randomBook(1_200));
  const applications = book.map(({ application }) => application);
  const usualIncome = fitUsualIncome(shapes.income!, applications);
  const batch = scanBook(shapes, book).applications;
  assert.ok(usualIncome && batch.filter(({ band }) => band !== 'low').length > 100);
  assert.ok(batch.some(({ signals }) => signals.some(({ id }) => id === 'near')));
  const filled = storeOf('filled');
  await filled.replaceBook({ snapshotId: 's', usualIncome, applications });
  await filled.replaceBook({ snapshotId: 's2', usualIncome, applications });
  const coming = storeOf('coming');
  await coming.replaceBook({ snapshotId: 's', usualIncome, applications: [] });
  for (const [i, { application, features }] of book.entries()) {
    const { application: _, ...expected } = batch[i]!;
    assert.deepEqual((await filled.check(application, features ?? {})).assessment, expected);
    assert.deepEqual((await coming.check(application, features ?? {})).assessment, expected);
    await insertLinks(server.database, 'coming', 'decision', coming.linksOf(application));
  }
});

test('a delivery that still holds an erased person does not bring the keys back', async () => {
  const store = storeOf('delivered');
  const [leader, other] = ['gone', 'stays'].map((borrowerId, day) => ({
    applicationId: `of-${borrowerId}`,
    borrowerId,
    appliedAt: new Date(Date.UTC(2024, 0, 1 + day)),
    columns: { device: 'shared' },
  }));
  const deliver = () => store.replaceBook({ snapshotId: 's', usualIncome: null, applications: [leader!, other!] });
  const bandOf = async () => (await store.check(other!, {})).assessment.band;
  assert.deepEqual([await deliver(), await bandOf()], [{ keys: 2 }, 'look']);
  const erased = openErasedRegister({ home: server.home, ...opened(), portfolio: 'delivered' });
  await server.database.transaction((transaction) => erased.add(transaction, 'gone'));
  assert.deepEqual([await deliver(), await bandOf()], [{ keys: 1 }, 'low']);
});
