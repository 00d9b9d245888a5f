/**
 * Walks through a server whose clock jumps while events and decisions go on: an hour back and forth at a change to and from summer
 * time, a day, over the end of a year, and standing still at the second before midnight, where leap seconds are put in. The record
 * keeps its order and verifies, each decision sees every event applied before it, no age is negative, and what was recorded replays bit for bit: whatever arrives later is stamped no
 * earlier than what was decided.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decisionRecordSchema, decisionSchema, replaySchema, signedInSchema } from '../../src/api/index.ts';
import { DECISIONS_REGISTER } from '../../src/decisions/index.ts';
import { type FeatureDefinition, type Portfolio, transactionsTable } from '../../src/domain/index.ts';
import { consumersOf } from '../../src/entrypoints/stream-worker/index.ts';
import { ConsumerRun, noFaults, openBookEvents } from '../../src/ingestion/index.ts';
import {
  createLog,
  loadConfig,
  openDatabase,
  openLocalLake,
  openSigner,
  verifyAudit,
} from '../../src/platform/index.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

const DEFINITIONS: Readonly<Record<string, FeatureDefinition['definition']>> = {
  past_arrears: { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'count' } },
  income: { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'days_since_last' } },
};
const portfolio: Portfolio = {
  ...tinyPortfolio,
  features: {
    features: tinyPortfolio.features.features.map((feature) => ({
      ...feature,
      definition: DEFINITIONS[feature.name] ?? feature.definition,
    })),
  },
  sources: tinyPortfolio.sources.map((source) => ({
    ...source,
    targets: [...source.targets, { table: transactionsTable, map: () => null }],
  })),
};

/** What the machine's clock says at each step. */
const JUMPS = [
  '2026-03-29T00:59:59.999Z', // a millisecond before summer time begins in Europe
  '2026-03-29T01:00:00.000Z',
  '2026-03-29T00:00:00.000Z', // set back an hour by hand
  '2026-03-29T02:30:00.000Z',
  '2026-03-28T02:30:00.000Z', // a day back
  '2026-10-25T00:59:59.999Z', // far ahead, to where summer time ends
  '2026-10-25T01:00:00.000Z',
  '2026-10-25T00:30:00.000Z', // the hour that comes twice
  '2026-12-31T23:59:59.000Z',
  '2026-12-31T23:59:59.000Z', // a leap second: the same second again
  '2027-01-01T00:00:00.000Z',
  '2026-12-31T23:59:59.999Z',
  '2028-02-29T12:00:00.000Z',
  '2026-06-01T00:00:00.000Z', // two years back
];

const log = createLog({ logLevel: 'silent' });
let server: TinyServer;
let token = '';
before(async () => {
  server = await startTinyServer({ databasePort: 0, portfolio });
});
after(() => server?.stop());

async function call(path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** A session does not outlive a jump of years: sign in by the clock of the moment. */
async function signIn(): Promise<void> {
  const answer = await call('/session', { username: 'underwriter', password: PASSWORD });
  token = signedInSchema.parse(answer).token;
}

/** Through the door, the stream and its consumer, by the clock of the moment. */
async function arrive(at: Date, i: number): Promise<void> {
  const { database } = server;
  const clock = { now: () => at };
  const events = await openBookEvents({ database, portfolio, clock });
  const lake = openLocalLake(server.home);
  const [consumer] = consumersOf({ database, lake, portfolio, events, clock, log, fault: noFaults });
  const payload = {
    ...{ transaction_id: `T${i}`, account_id: 'A', amount: 5, iso_currency_code: 'EUR' },
    datetime: at.toISOString(),
  };
  const results = await events.intake.accept([{ value: { source: 'plaid', borrowerId: 'B1', payload } }]);
  assert.deepEqual(results, [{ status: 'accepted', facts: 1, skipped: [] }]);
  const sleep = async (): Promise<void> => {};
  const run = new ConsumerRun({ database, stream: events.stream, consumer, owner: 'test', clock, log, sleep });
  await run.round(true);
}

test('order, ages and replay hold whatever the clock does', async () => {
  const decided: string[] = [];
  for (const [i, text] of JUMPS.entries()) {
    const now = new Date(text);
    server.setClock(now);
    await signIn();
    await arrive(now, i);
    const decision = decisionSchema.parse(
      await call('/applications', {
        borrowerId: 'B1',
        amountMinor: 100_000,
        attributes: { income_minor: 300_000, arrears: 0, purpose: 'car' },
      }),
    );
    decided.push(decision.decisionId);
    const { features, sequence } = decisionRecordSchema.parse(await call(`/decisions/${decision.decisionId}`));
    assert.equal(sequence, i + 1);
    assert.ok(Number(features['past_arrears']) >= 1, `${text}: the event just applied is not seen`);
    assert.ok(Number(features['income']) >= 0, `${text}: days since the last event ${features['income']}`);
  }
  for (const id of decided) {
    const { identical, recordHashValid, causes } = replaySchema.parse(await call(`/decisions/${id}/replay`));
    assert.deepEqual([identical, recordHashValid], [true, true], id);
    assert.deepEqual(causes, [], `${id}: a fact that came later says it was known before`);
  }
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /assay_clock_behind_seconds 5\d{7}/, 'a clock two years behind is seen');
  const config = loadConfig({ ASSAY_HOME: server.home }, '/');
  const { database, connection, close } = await openDatabase(config, { log });
  const signer = openSigner(server.home);
  const report = await verifyAudit({
    ...{ database, connection, home: server.home, portfolio: portfolio.name, registers: [DECISIONS_REGISTER] },
    ...{
      verify: (bytes: Uint8Array, signed: { keyId: string; signature: string }) => signer.verify(bytes, signed),
      threads: 1,
    },
  }).finally(close);
  assert.deepEqual(report.findings, []);
  assert.equal(report.registers[0]?.records, JUMPS.length);
});
