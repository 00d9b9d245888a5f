/**
 * One definition, on whole books: the simulated bank (small) and Berka (real), from source files through ingestion to
 * features.parquet. Every cell equals the online evaluation, and none sees the future. Not tested here: what the features
 * are worth (training), random catalogs (features.test.ts).
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import {
  assertNoFutureFacts,
  buildFeatures,
  buildSnapshot,
  featureParity,
  tablesOf,
} from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { fixedClock, openLocalLake, openWarehouse } from '../../src/platform/index.ts';

const SHARED = resolve(process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');
const BORROWERS = 300;

const books = [
  { name: 'simulated-bank', leastApplications: BORROWERS, skip: false },
  {
    name: 'berka',
    leastApplications: 392,
    skip: existsSync(join(SHARED, 'berka')) ? false : `no ${SHARED}/berka; set ASSAY_SHARED_DATA`,
  },
] as const;

for (const { name, leastApplications, skip } of books) {
  test(`${name}: batch equals online in every cell, and no cell sees the future`, { skip }, async (t) => {
    const home = await mkdtemp(join(tmpdir(), 'assay-parity-'));
    const warehouse = await openWarehouse({ threads: 1 });
    t.after(async () => {
      await warehouse.close();
      await rm(home, { recursive: true, force: true });
    });
    const portfolio = await loadPortfolio(name);
    const dataDirectory = portfolio.generate ? join(home, 'sources') : SHARED;
    await portfolio.generate?.({ directory: dataDirectory, seed: 7, borrowers: BORROWERS });
    const lake = openLocalLake(join(home, 'lake'));
    const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
    await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });

    const context = { warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) };
    const manifest = await buildFeatures(context);
    assert.ok(manifest.rows >= leastApplications, `${manifest.rows} applications`);
    assert.ok(manifest.features.length >= 60, `${manifest.features.length} features`);

    const report = await featureParity(context);
    assert.deepEqual(report.byFeature, {});
    assert.equal(report.cells, manifest.rows * manifest.features.length);
    const proof = await assertNoFutureFacts(context);
    assert.equal(proof.applications, manifest.rows);
    const snapshot = await buildSnapshot({ warehouse, lake, split: portfolio.split });
    t.diagnostic(
      `${report.cells} cells compared, 0 differ; ${snapshot.rows} labelled rows, ${snapshot.defaults} defaults`,
    );
  });
}
