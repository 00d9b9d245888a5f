/**
 * One definition, whichever way a fact came: a tenth of a simulated bank's facts is left out of the snapshot the online store is
 * filled from and streamed instead, three times over in random order. Every cell, each as of its own application, equals the one
 * batch computes from the whole lake. Not tested here: the stream (src/platform/stream), random catalogs (features-store.test.ts).
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import { buildFeatures, featureParity, fillOnlineStore, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  createLog,
  fixedClock,
  loadConfig,
  migrate,
  OnlineStore,
  openDatabase,
  openLocalLake,
  openWarehouse,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';
import { deliver, divideLake, factsIn, seededRandom } from './streamed-book.ts';

const BORROWERS = 200;

test('snapshot and stream together give the cells of batch, and a fact that did not come is named', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'assay-streamed-'));
  const warehouse = await openWarehouse({ threads: 1 });
  const config = loadConfig({ ASSAY_HOME: home }, '/');
  const { database, close } = await openDatabase(config, { log: createLog({ logLevel: 'silent' }) });
  t.after(async () => {
    await close();
    await warehouse.close();
    await rm(home, { recursive: true, force: true });
  });
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  const portfolio = await loadPortfolio('simulated-bank');
  const tables = tablesOf(portfolio);
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  const [lake, kept, streamed] = ['lake', 'kept', 'streamed'].map((name) => openLocalLake(join(home, name)));
  const dataDirectory = join(home, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 5, borrowers: BORROWERS });
  await ingestPortfolio({ portfolio, dataDirectory, lake: lake!, warehouse, clock });
  const context = { warehouse, lake: lake!, catalog: portfolio.features, tables };
  await buildFeatures(context);

  await divideLake(context, tables, { kept: kept!, streamed: streamed!, every: 10 });
  const store = new OnlineStore({ database, portfolio: portfolio.name, tables, clock });
  const fill = (from: typeof lake) =>
    fillOnlineStore({ ...context, lake: from!, store, snapshotId: 'divided', endsWithData: true });
  await fill(kept);
  const facts = await factsIn({ warehouse, lake: streamed! }, tables);
  const delivered = await deliver(database, store, facts.slice(1), { times: 3, random: seededRandom(7) });
  assert.deepEqual(delivered, { accepted: facts.length - 1, duplicate: 2 * (facts.length - 1), conflict: 0 });

  await deliver(database, store, facts.slice(0, 1), { times: 1, random: seededRandom(7) });
  const report = await featureParity({ ...context, facts: store });
  assert.deepEqual(report.byFeature, {});
  assert.ok(report.applications >= BORROWERS);
  t.diagnostic(`${report.cells} cells compared, 0 differ; ${facts.length} facts streamed 3 times`);

  await database.query(
    "DELETE FROM online_tail USING online_tables t WHERE t.table_id = online_tail.table_id AND t.name = 'transactions'",
  );
  const without = await featureParity({ ...context, facts: store });
  assert.ok(without.mismatchCount > 0);
  const named = without.mismatches.flatMap((mismatch) => mismatch.facts);
  assert.ok(named.every(({ table, batch, online }) => table === 'transactions' && batch !== null && online === null));
  assert.ok(without.mismatches.every((mismatch) => mismatch.facts.length > 0));

  // the next snapshot holds everything: the tail empties, the cells stay
  const { pruned } = await fill(lake);
  assert.ok(pruned > 0);
  assert.equal((await featureParity({ ...context, facts: store })).mismatchCount, 0);
});
