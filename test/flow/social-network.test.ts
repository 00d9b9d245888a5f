// Walks a profile of a social network through decisions: a real server asks a real socket, with the borrower's live consent and no
// longer; then everybody who tries to come in by another door: the EU, a rename, a join, JSON, an environment, the application itself,
// a credit policy, a stream of events, a training snapshot. It does not test transport, which src/platform/http-source does.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import {
  consentSchema,
  consentsSchema,
  decisionRecordSchema,
  decisionSchema,
  personExportSchema,
  problemSchema,
  replaySchema,
} from '../../src/api/index.ts';
import { ConsentStore, checkPolicy, DecisionStore, readProfile } from '../../src/decisions/index.ts';
import { AssayError, type FeatureDefinition, type Portfolio } from '../../src/domain/index.ts';
import {
  admitSocialNetwork,
  checkCatalog,
  refuseWithoutLift,
  socialColumns,
  tablesOf,
} from '../../src/features/index.ts';
import { openPersonVault } from '../../src/platform/index.ts';
import { signedIn } from './support/call.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { startTinyServer, type TinyServer } from './support/tiny-server.ts';

const PLATFORM = 'plaza';
const TEXT = 'I agree that my account age at Plaza is read for this decision on credit.';
const social = (name: string, column: string, type: 'numeric' | 'categorical' = 'numeric'): FeatureDefinition => ({
  name,
  title: name.replaceAll('_', ' '),
  unit: 'days',
  nullMeaning: 'not agreed to',
  type,
  definition: { kind: 'attribute', column },
  reason: { code: 'ACCOUNT', text: 'Account opened recently' },
});
const [spine, outcomes] = tinyPortfolio.sources[0]!.targets;
/** The tiny book of a lender in India, with the columns of a platform. */
const portfolio: Portfolio = {
  ...tinyPortfolio,
  sources: [
    {
      ...tinyPortfolio.sources[0]!,
      targets: [
        {
          ...spine!,
          table: {
            ...spine!.table,
            columns: [
              ...spine!.table.columns,
              { name: 'residence', type: 'text', dataClass: 'demographic', nullable: true },
              ...socialColumns(PLATFORM),
            ],
          },
        },
        outcomes!,
      ],
    },
  ],
  features: {
    features: [...tinyPortfolio.features.features, social('tenure_elsewhere', 'social_plaza_account_age_days')],
  },
  lender: { ...tinyPortfolio.lender!, jurisdiction: 'IN' },
  socialNetwork: {
    enabled: true,
    jurisdictions: ['IN'],
    residenceColumn: 'residence',
    attestations: [{ platform: PLATFORM, attestedBy: 'counsel', attestedOn: '2026-01-01' }],
  },
};

let server: TinyServer;
let platform: Server;
const call = signedIn(() => server);
let asked: Record<string, unknown>[] = [];
const profile = (borrowerId: string, more: object = {}, attributes: object = { account_age_days: 900 }) => ({
  ...{ platform: PLATFORM, borrowerId, observedAt: new Date().toISOString(), attributes },
  ...more,
});
let behave = (response: ServerResponse, borrowerId: string): unknown =>
  response.end(JSON.stringify(profile(borrowerId)));
const well = behave;

before(async () => {
  platform = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const question = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(question);
    await behave(response, question.borrowerId);
  });
  await new Promise<void>((resolve) => platform.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(platform.address() as AddressInfo).port}`;
  server = await startTinyServer({
    databasePort: 0,
    portfolio,
    environment: { ASSAY_SOURCE_HOSTS: host, ASSAY_SOURCE_SOCIAL_PLAZA_URL: `http://${host}/profile` },
  });
});
after(async () => {
  await server?.stop();
  platform?.closeAllConnections();
  platform?.close();
});

const application = (borrowerId: string, attributes: object = {}) => ({
  borrowerId,
  amountMinor: 60_000,
  attributes: { income_minor: 500_000, arrears: 0, purpose: 'home', residence: 'IN', ...attributes },
});
async function decide(borrowerId: string, attributes: object = {}) {
  asked = [];
  const response = await call('underwriter', 'POST', '/applications', application(borrowerId, attributes));
  assert.equal(response.status, 201, await response.clone().text());
  const { decisionId } = decisionSchema.parse(await response.json());
  const { database } = server;
  const clock = { now: () => new Date() };
  const vault = openPersonVault({ home: server.home, database, clock, portfolio: 'tiny' });
  const record = await new DecisionStore({ database, clock, portfolio: 'tiny', vault }).get(decisionId);
  return { decisionId, seen: record!.body.features['tenure_elsewhere'] ?? null, external: record!.body.external ?? [] };
}
const grant = (borrowerId: string, more: object = {}) =>
  call('underwriter', 'POST', `/persons/${borrowerId}/consents`, {
    ...{ purpose: 'credit_decision', platform: PLATFORM, scope: ['account_age_days'], days: 90 },
    ...{ textVersion: 'v1', text: TEXT },
    evidence: 'signed on the form of today',
    ...more,
  });

/** For one day. */
async function givenHoursAgo(borrowerId: string, hours: number): Promise<void> {
  const clock = { now: () => new Date(Date.now() - hours * 3_600_000) };
  const book = { database: server.database, clock, portfolio: 'tiny' };
  const vault = openPersonVault({ home: server.home, ...book });
  await new ConsentStore({ ...book, vault, newId: randomUUID }).grant(
    {
      ...{ borrowerId, purpose: 'credit_decision', platform: PLATFORM, scope: ['account_age_days'], days: 1 },
      ...{ textVersion: 'v1', text: TEXT, evidence: 'signed on the form' },
    },
    'underwriter',
  );
}

test('without a consent nobody is asked', async () => {
  const { seen, external } = await decide('S-none');
  assert.deepEqual([seen, external, asked], [null, [], []]);
});

test('with a live consent the profile is in the features, in the record with its consent, and replays', async () => {
  const { consentId, isLive } = consentSchema.parse(await (await grant('S-yes')).json());
  assert.ok(isLive);
  const { decisionId, seen, external } = await decide('S-yes');
  assert.equal(seen, 900);
  assert.deepEqual(
    external.map(({ source, status }) => [source, status, Object(external[0])['consentId']]),
    [['social_network:plaza', 'received', consentId]],
  );
  assert.deepEqual(asked[0]?.['attributes'], ['account_age_days']);
  const replay = replaySchema.parse(await (await call('compliance', 'GET', `/decisions/${decisionId}/replay`)).json());
  assert.deepEqual([replay.identical, replay.features.identical], [true, true]);
  decisionRecordSchema.parse(await (await call('compliance', 'GET', `/decisions/${decisionId}`)).json());
});

test('taken back, it is used for nothing from the next decision on, and not what was asked for meanwhile', async () => {
  const { rows } = consentsSchema.parse(await (await call('compliance', 'GET', '/persons/S-yes/consents')).json());
  const { consentId } = rows[0]!;
  const revoke = () => call('underwriter', 'POST', `/persons/S-yes/consents/${consentId}/revoke`, {});
  behave = async (response, borrowerId) => {
    assert.equal((await revoke()).status, 200);
    return well(response, borrowerId);
  };
  const meanwhile = await decide('S-yes');
  assert.deepEqual([meanwhile.seen, meanwhile.external[0]?.failure], [null, 'consent_revoked']);
  behave = well;
  assert.deepEqual([(await decide('S-yes')).seen, asked], [null, []]);
  assert.equal((await revoke()).status, 409);
  const kinds = await server.database.query<{ kind: string; body: string }>(
    `SELECT kind, body FROM audit_log WHERE kind LIKE 'consent_%' ORDER BY sequence`,
  );
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['consent_granted', 'consent_revoked'],
  );
  assert.ok(!kinds.some(({ body }) => body.includes('S-yes')), 'the log names a pseudonym');
  await assert.rejects(server.database.query('UPDATE consents SET expires_at = now()'), /only ever taken back/);
  await assert.rejects(server.database.query('DELETE FROM consents'), /only ever taken back/);
});

test('a copy of everything kept of a person has the consents', async () => {
  const copy = personExportSchema.parse(await (await call('compliance', 'GET', '/persons/S-yes/export')).json());
  assert.deepEqual([copy.consents.length, copy.fraudKeys.length], [1, 0]);
  assert.match(JSON.stringify(copy.consents), /signed on the form of today/);
});

test('a consent runs out, covers its purpose alone, and one version is one text', async () => {
  assert.equal((await grant('S-dev', { purpose: 'model_development' })).status, 201);
  assert.deepEqual([(await decide('S-dev')).seen, asked], [null, []]);
  await givenHoursAgo('S-over', 25);
  assert.deepEqual([(await decide('S-over')).seen, asked], [null, []]);
  await givenHoursAgo('S-short', 23);
  assert.equal((await decide('S-short')).seen, 900);
  assert.equal((await grant('S-more', { text: 'Other words, long enough to be the text of a consent.' })).status, 409);
  assert.equal((await grant('S-short')).status, 409);
});

for (const bad of [
  { scope: ['friends'] },
  { scope: ['contact_count'] },
  { scope: ['post_text'] },
  { scope: [] },
  { days: 366 },
  { days: 0.5 },
  { purpose: 'marketing' },
  { platform: '../x' },
  { extra: 1 },
]) {
  test(`a consent is refused with ${JSON.stringify(bad)}`, async () => {
    const refused = await grant('S-bad', bad);
    assert.equal(refused.status, 400);
    assert.ok(problemSchema.parse(await refused.json()).errors!.length > 0);
  });
}

test('borrowers in the EEA, and of whom it is not known, are not asked about, consent or not', async () => {
  assert.equal((await grant('S-eu')).status, 201);
  for (const residence of ['DE', 'de', 'FRA', 'no', 'EL', 'RE', 'Germany', '', 'ZZ', null]) {
    assert.deepEqual([(await decide('S-eu', { residence })).seen, asked], [null, []], String(residence));
  }
  assert.equal((await decide('S-eu', { residence: 'in' })).seen, 900);
});

const LIES: Readonly<Record<string, (borrowerId: string) => object>> = {
  'about another borrower': () => profile('somebody-else'),
  'of another platform': (b) => profile(b, { platform: 'other' }),
  'with contacts': (b) => profile(b, { contacts: ['S-friend'] }),
  'with text': (b) => profile(b, {}, { account_age_days: 1, post_text: 'hello' }),
  'with more than was agreed to': (b) => profile(b, {}, { account_age_days: 1, own_posts_90d: 3 }),
  'from the future': (b) => profile(b, { observedAt: '2999-01-01T00:00:00Z' }),
  'out of bounds': (b) => profile(b, {}, { account_age_days: 1e9 }),
  'below zero': (b) => profile(b, {}, { account_age_days: -1 }),
  'as a text': (b) => profile(b, {}, { account_age_days: '900' }),
};
for (const [name, answer] of Object.entries(LIES)) {
  test(`an answer ${name} is not believed`, async () => {
    behave = (response, borrowerId) => response.end(JSON.stringify(answer(borrowerId)));
    const { seen, external } = await decide('S-eu');
    behave = well;
    assert.deepEqual([seen, external[0]?.status, external[0]?.failure], [null, 'failed', 'invalid']);
    assert.equal((await decide('S-eu')).seen, 900, 'the next honest answer is');
  });
}

test('an application, a score, an event and a policy cannot name the columns', async () => {
  for (const path of ['/applications', '/scores']) {
    const body = application('S-eu', { social_plaza_account_age_days: 5 });
    const refused = await call('underwriter', 'POST', path, body);
    assert.equal(refused.status, 400, path);
    assert.match(await refused.text(), /social_plaza_account_age_days/);
  }
  const rule = { ...portfolio.policy.rules[0]!, id: 'x' };
  for (const fact of ['attribute.social_plaza_account_age_days', 'feature.tenure_elsewhere']) {
    const policy = { ...portfolio.policy, rules: [{ ...rule, when: { fact, op: '>' as const, value: 1 } }] };
    assert.throws(() => checkPolicy(policy, portfolio), /does not know/, fact);
  }
});

const isRefused = (error: unknown): boolean =>
  error instanceof AssayError && ['forbidden', 'bad_input'].includes(error.code);
const DAY = '2026-11-25';

test('the gate does not open in the EU and EEA, nor without an attestation, whatever is configured', () => {
  const fresh = (more: Partial<Portfolio>): Portfolio => ({
    ...portfolio,
    features: { ...portfolio.features },
    ...more,
  });
  const places = ['DE', 'de', 'NO', 'EL', 'FRA', 'EU', 'DE-BY', 'RE', 'nowhere', ''];
  for (const jurisdiction of places) {
    const lender = { ...portfolio.lender!, jurisdiction };
    assert.throws(() => admitSocialNetwork(fresh({ lender }), DAY), isRefused, `lender ${jurisdiction}`);
    const socialNetwork = { ...portfolio.socialNetwork!, jurisdictions: ['IN', jurisdiction] };
    assert.throws(() => admitSocialNetwork(fresh({ socialNetwork }), DAY), isRefused, `branch ${jurisdiction}`);
  }
  const attestations = [
    [],
    [{ platform: 'other', attestedBy: 'counsel', attestedOn: '2026-01-01' }],
    [{ platform: PLATFORM, attestedBy: ' ', attestedOn: '2026-01-01' }],
    [{ platform: PLATFORM, attestedBy: 'counsel', attestedOn: '2027-01-01' }],
  ];
  for (const one of attestations) {
    const socialNetwork = { ...portfolio.socialNetwork!, attestations: one };
    assert.throws(() => admitSocialNetwork(fresh({ socialNetwork }), DAY), isRefused, JSON.stringify(one));
  }
  const { lender: _, ...noLender } = fresh({});
  assert.throws(() => admitSocialNetwork(noLender, DAY), isRefused);
});

test('a catalog is let through as itself: not as JSON, a copy, a rename, a derivation or under another class', () => {
  const tables = tablesOf(portfolio);
  assert.doesNotThrow(() => checkCatalog(portfolio.features, tables));
  assert.throws(() => checkCatalog(JSON.parse(JSON.stringify(portfolio.features)), tables), isRefused);
  assert.throws(() => checkCatalog({ ...portfolio.features }, tables), isRefused);
  const off = {
    ...portfolio,
    socialNetwork: { ...portfolio.socialNetwork!, enabled: false },
    features: { ...portfolio.features },
  };
  admitSocialNetwork(off, DAY);
  assert.throws(() => checkCatalog(off.features, tables), isRefused);
  const renamed = {
    features: [{ ...social('stability', 'social_plaza_account_age_days'), dataClass: 'financial' as const }],
  };
  assert.throws(() => checkCatalog(renamed, tables), isRefused);
  const spelt = tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => ({
      ...column,
      name: column.name.replace('plaza', 'linkedin'),
      dataClass: 'financial' as const,
    })),
  }));
  assert.throws(
    () => checkCatalog({ features: [social('stability', 'social_linkedin_account_age_days')] }, spelt),
    isRefused,
  );
});

test('a version that reads such a feature does not lead while nothing shows that it helps and harms no group', () => {
  const version = (...names: string[]) => ({
    ...{ modelVersion: 'tiny-logistic-1', snapshotHash: 's' },
    inputs: names.map((name) => ({ kind: 'numeric' as const, name })),
  });
  assert.throws(() => refuseWithoutLift(portfolio, version('income', 'tenure_elsewhere'), []), isRefused);
  assert.doesNotThrow(() => refuseWithoutLift(portfolio, version('income', 'burden'), []));
});

test('a platform whose terms forbid it is refused with every attestation', () => {
  for (const name of ['facebook', 'instagram', 'whatsapp_business']) {
    const source = portfolio.sources[0]!;
    const [target, ...rest] = source.targets;
    const columns = [...tinyPortfolio.sources[0]!.targets[0]!.table.columns, ...socialColumns(name)];
    const sources = [{ ...source, targets: [{ ...target!, table: { ...target!.table, columns } }, ...rest] }];
    const attestations = [{ platform: name, attestedBy: 'counsel', attestedOn: '2026-01-01' }];
    const book = {
      ...portfolio,
      sources,
      features: { features: [] },
      socialNetwork: { ...portfolio.socialNetwork!, attestations },
    };
    assert.throws(() => admitSocialNetwork(book, DAY), /terms forbid/, name);
  }
});

test('a profile is read by its documented shape alone', () => {
  const expected = { platform: PLATFORM, borrowerId: 'b', scope: ['is_verified', 'account_age_days'], now: new Date() };
  assert.deepEqual(readProfile(profile('b', {}, { is_verified: true }), expected), {
    social_plaza_account_age_days: null,
    social_plaza_is_verified: 'true',
    social_plaza_own_posts_90d: null,
    social_plaza_own_active_days_90d: null,
  });
});
