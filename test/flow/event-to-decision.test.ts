/**
 * Walks through the chain that the product is: a feed signs in and sends a bank's transactions over HTTP, the worker takes them
 * from the stream, `GET /stream` says so, and the next application of that borrower is decided from them; the record holds the
 * values, what comes afterwards changes no replay, and once the lake has the facts, batch gives the recorded values. Real server, stream, online store and database.
 * It does not test crashes between the steps (events.test.ts, bench/ingest-kills.ts), nor the features (test/parity).
 */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createdEventsSchema,
  decisionListSchema,
  decisionRecordSchema,
  decisionSchema,
  replaySchema,
  signedInSchema,
  streamStatusSchema,
} from '../../src/api/index.ts';
import { type FeatureDefinition, type FeatureRow, type Portfolio, transactionsTable } from '../../src/domain/index.ts';
import { runWorker } from '../../src/entrypoints/stream-worker/index.ts';
import { decisionParity, type LoggedDecision } from '../../src/features/index.ts';
import { type BookEvents, landRaw, noFaults, openBookEvents, processRaw } from '../../src/ingestion/index.ts';
import { createLog, openWarehouse, systemClock } from '../../src/platform/index.ts';
import { tinyPortfolio } from './support/tiny-book.ts';
import { PASSWORD, startTinyServer, type TinyServer } from './support/tiny-server.ts';

const DAY_MS = 86_400_000;

/** The tiny book, but payments missed are fees that the bank booked in the last 90 days, not what the applicant says. */
const feesSeen: FeatureDefinition['definition'] = {
  kind: 'aggregate',
  source: 'transactions',
  aggregate: { fn: 'count' },
  where: [{ column: 'category', op: '=', value: 'overdraft_fee' }],
  windowDays: 90,
};
const portfolio: Portfolio = {
  ...tinyPortfolio,
  features: {
    features: tinyPortfolio.features.features.map((feature) =>
      feature.name === 'past_arrears' ? { ...feature, definition: feesSeen } : feature,
    ),
  },
  sources: tinyPortfolio.sources.map((source) => ({
    ...source,
    targets: [...source.targets, { table: transactionsTable, map: () => null }],
  })),
};

let server: TinyServer;
let events: BookEvents;
let working: Promise<void>;
const stop = new AbortController();
const tokens = new Map<string, string>();

before(async () => {
  server = await startTinyServer({ databasePort: 0, portfolio });
  const { database, listen, lake } = server;
  const log = createLog({ logLevel: 'silent' });
  events = await openBookEvents({ database, portfolio, clock: systemClock });
  const parts = { database, listen, lake, portfolio, events, clock: systemClock, log, fault: noFaults };
  working = runWorker(parts, stop.signal);
  for (const username of ['engineer', 'underwriter']) {
    const answer = await call('/session', '', { username, password: PASSWORD });
    tokens.set(username, signedInSchema.parse(answer).token);
  }
});
after(async () => {
  stop.abort();
  await working;
  await server?.stop();
});

async function call(path: string, user: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(user)}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
}

/** Sends what the bank booked so many days ago, and waits until the page of the stream says that it has been applied. */
async function booked(...daysAgo: readonly number[]): Promise<void> {
  const before = await taken();
  const added = daysAgo.map((days) => ({
    transaction_id: `fee-${days}`,
    account_id: 'A1',
    amount: 15.5,
    iso_currency_code: 'EUR',
    datetime: new Date(Date.now() - days * DAY_MS).toISOString(),
    personal_finance_category: { primary: 'BANK_FEES', detailed: 'BANK_FEES_OVERDRAFT_FEES' },
  }));
  const answer = await call('/events', 'engineer', { source: 'plaid', borrowerId: 'B1', payload: { added } });
  assert.deepEqual(createdEventsSchema.parse(answer).results, [
    { status: 'accepted', facts: daysAgo.length, skipped: [] },
  ]);
  for (let i = 0; (await taken()) === before; i++) {
    assert.ok(i < 400, 'the worker took nothing');
    await sleep(25);
  }
}

async function taken(): Promise<number> {
  const { consumers } = streamStatusSchema.parse(await call('/stream', 'engineer'));
  return consumers
    .filter(({ consumer }) => consumer === 'online')
    .reduce((records, consumer) => records + consumer.records, 0);
}

async function decide(borrowerId = 'B1') {
  const attributes = { income_minor: 300_000, arrears: 0, purpose: 'car' };
  const decision = decisionSchema.parse(
    await call('/applications', 'underwriter', { borrowerId, amountMinor: 200_000, attributes }),
  );
  return { ...decision, ...(await recordOf(decision.decisionId)) };
}

async function recordOf(decisionId: string) {
  const found = decisionRecordSchema.parse(await call(`/decisions/${decisionId}`, 'underwriter'));
  // a case for a person is opened about a second later, beside the record
  const { review: _, ...record } = found;
  return { fees: record.features['past_arrears'], streamed: record.provenance['streamed'], record };
}

async function replayed(decisionId: string) {
  const { identical, causes } = replaySchema.parse(await call(`/decisions/${decisionId}/replay`, 'underwriter'));
  return { identical, causes };
}

const SAME = { identical: true, causes: [] };

test('what a bank sends moves the next decision of that borrower, and no decision made before', async () => {
  const first = await decide();
  await booked(3, 40, 120);
  const second = await decide();
  // the third fee lies before the window
  assert.deepEqual([first.fees, second.fees], [0, 2]);
  assert.deepEqual([first.streamed, second.streamed], [0, 3]);
  assert.ok(second.pd > first.pd, `${first.pd} and then ${second.pd}`);
  assert.ok(second.reasons.some(({ feature }) => feature === 'past_arrears'));

  // happened before both decisions, but was known after them
  await booked(10, 11);
  const third = await decide();
  assert.equal(third.fees, 4);
  for (const { decisionId, record } of [first, second, third]) {
    assert.deepEqual(await replayed(decisionId), SAME);
    assert.deepEqual((await recordOf(decisionId)).record, record);
  }
});

test('nobody else is touched', async () => {
  const other = await decide('B2');
  assert.deepEqual([other.fees, other.streamed], [0, 0]);
});

/** The records over HTTP, as the parity command reads them from the store. */
async function logged(): Promise<LoggedDecision[]> {
  const { rows } = decisionListSchema.parse(await call('/decisions?pageSize=100', 'underwriter'));
  const records = await Promise.all(rows.map(({ decisionId }) => recordOf(decisionId)));
  return records.map(({ record }) => ({
    decisionId: record.decision.decisionId,
    borrowerId: record.decision.borrowerId,
    asOf: record.decision.asOf,
    catalogHash: record.catalogHash,
    columns: { amount_minor: record.application.amountMinor ?? null, ...record.application.attributes } as FeatureRow,
    features: record.features,
  }));
}

test('batch over the lake gives what every decision was made from, each as of its own instant', async () => {
  for (let i = 0; (await events.backlog(['lake'])) > 0; i++) {
    assert.ok(i < 400, 'the raw zone did not catch up');
    await sleep(50);
  }
  const { lake } = server;
  const dataDirectory = join(server.home, 'files');
  await mkdir(dataDirectory);
  await writeFile(join(dataDirectory, 'book.csv'), 'nothing\n');
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    const landed = await landRaw({ portfolio, dataDirectory, lake });
    await processRaw({ portfolio, lake, warehouse, clock: systemClock, landed });
    const tables = portfolio.sources.flatMap(({ targets }) => targets.map(({ table }) => table));
    const context = { warehouse, lake, catalog: portfolio.features, tables };
    const decisions = await logged();
    const pagesOf = async function* (page: readonly LoggedDecision[]) {
      yield page;
    };
    const report = await decisionParity(context, pagesOf(decisions));
    assert.deepEqual(report.mismatches, []);
    assert.deepEqual([report.decisions, report.cells], [4, 20]);
    // two saw fees, one of them only what was known by then
    assert.deepEqual(decisions.map(({ features }) => features['past_arrears']).sort(), [0, 0, 2, 4]);

    const [one, ...others] = decisions;
    const edited = { ...one!, features: { ...one!.features, past_arrears: 7 } };
    const older = { ...one!, decisionId: 'older', catalogHash: 'other' };
    const found = await decisionParity(context, pagesOf([edited, ...others, older]));
    const { decisionId, borrowerId, asOf } = edited;
    const batch = one!.features['past_arrears']!;
    assert.deepEqual(found.mismatches, [{ decisionId, borrowerId, asOf, feature: 'past_arrears', recorded: 7, batch }]);
    assert.equal(found.otherCatalog, 1);
  } finally {
    await warehouse.close();
  }
});
