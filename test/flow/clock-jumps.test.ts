/**
 * Walks through a server whose clock jumps while events and decisions go on: an hour back and forth at a change to and from summer
 * time, a day, over the end of a year, and standing still at the second before midnight, where leap seconds are put in. The record
 * keeps its order and verifies, each decision sees every event applied before it, no age is negative, and what was recorded replays bit for bit.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { decisionRecordSchema, decisionSchema, replaySchema, signedInSchema } from '../../src/api/index.ts';
import { DECISIONS_REGISTER } from '../../src/decisions/index.ts';
import { type FeatureDefinition, type Portfolio, transactionsTable } from '../../src/domain/index.ts';
import { createEventMapper, isIssue } from '../../src/ingestion/index.ts';
import { createLog, loadConfig, OnlineStore, openDatabase, openSigner, verifyAudit } from '../../src/platform/index.ts';
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

/** The consumer's part: the fact as of the clock's now, applied. */
async function apply(at: Date, i: number): Promise<void> {
  const mapper = createEventMapper(portfolio);
  const clock = { now: () => at };
  const store = new OnlineStore({ database: server.database, portfolio: portfolio.name, tables: mapper.tables, clock });
  const payload = {
    ...{ transaction_id: `T${i}`, account_id: 'A', amount: 5, iso_currency_code: 'EUR' },
    datetime: at.toISOString(),
  };
  const mapped = mapper.map({ source: 'plaid', borrowerId: 'B1', payload, arrivedAt: at.toISOString() });
  if (isIssue(mapped)) throw new Error(mapped.reason);
  await server.database.transaction((inside) => store.apply(inside, mapped.facts));
}

test('order, ages and replay hold whatever the clock does', async () => {
  const decided: string[] = [];
  for (const [i, text] of JUMPS.entries()) {
    const now = new Date(text);
    server.setClock(now);
    await signIn();
    await apply(now, i);
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
    // a fact that came later under a clock that had been set back says it was known earlier: that is told as such, never hidden
    assert.ok(
      causes.every((cause) => cause === 'data'),
      `${id}: ${causes}`,
    );
  }
  const config = loadConfig({ ASSAY_HOME: server.home }, '/');
  const { database, connection, close } = await openDatabase(config, { log: createLog({ logLevel: 'silent' }) });
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
