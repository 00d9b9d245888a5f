/**
 * The example for Python people keeps its word: a small bank is ingested and a boosted model trained on it; the example reads the lake
 * with pandas, scores with stock XGBoost, and its margins are ours bit for bit, its pds to 1e-12.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { loadPortfolio } from '../../portfolios/index.ts';
import { createBoosted, packArtifact } from '../../src/estimators/index.ts';
import { buildFeatures, FEATURES_KEY, readFeatureFrame, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  findXgboost,
  fixedClock,
  loadConfig,
  openLocalLake,
  openSigner,
  openWarehouse,
  openXgboostEngine,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';
import { manifestOf } from '../../src/scoring/fixtures.ts';
import { createScorer } from '../../src/scoring/index.ts';

const PYTHON = process.env['ASSAY_PYTHON'] ?? 'python3';
const library = await findXgboost(loadConfig(process.env, process.cwd()));
const hasPeers = spawnSync(PYTHON, ['-c', 'import pandas, pyarrow, xgboost']).status === 0;
const skip = !hasPeers
  ? `${PYTHON} has no pandas, pyarrow and xgboost; set ASSAY_PYTHON`
  : library
    ? false
    : 'libxgboost is not installed';

test('pandas and stock XGBoost give the scores of Assay', { skip }, async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'assay-python-'));
  const warehouse = await openWarehouse({ threads: 1 });
  t.after(async () => {
    await warehouse.close();
    await rm(home, { recursive: true, force: true });
  });
  const portfolio = await loadPortfolio('simulated-bank');
  const dataDirectory = join(home, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 3, borrowers: 300 });
  const lake = openLocalLake(join(home, 'lake'));
  await ingestPortfolio({
    portfolio,
    dataDirectory,
    lake,
    warehouse,
    clock: fixedClock(new Date('2026-01-01T00:00:00Z')),
  });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  const { frame, applicationIds } = await readFeatureFrame({ warehouse, lake });
  const target = Uint8Array.from({ length: frame.rowCount }, (_, i) => ((i * 7919) % 11 < 3 ? 1 : 0));
  const engine = await openXgboostEngine({
    libraryPath: library ?? '',
    nthread: 1,
    scratchDirectory: join(home, 'tmp'),
  });
  const fitted = await createBoosted(engine).fit(
    { frame, target },
    { parameters: { rounds: 20 }, context: { seed: 1, nthread: 1 } },
  );
  await engine.close();
  const draft = manifestOf(fitted, { kind: 'platt', intercept: 0.02, slope: 0.9 });
  const signer = openSigner(home);
  const { manifest, files } = await packArtifact(draft, fitted, (bytes) => signer.sign(bytes));
  const model = join(home, 'model');
  await mkdir(model);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(model, name), bytes);

  const out = join(home, 'scores.parquet');
  const script = join(REPOSITORY_ROOT, 'examples/python/score_with_stock_xgboost.py');
  await promisify(execFile)(PYTHON, [script, join(home, 'lake'), model, out]);
  const rows = await warehouse.rows<{ application_id: string; margin: number; pd: number }>(
    `SELECT * FROM read_parquet('${out}')`,
  );
  const theirs = new Map(rows.map((row) => [row.application_id, row]));
  const ours = createScorer(manifest, fitted).scoreFrame(frame);
  assert.equal(theirs.size, frame.rowCount);
  applicationIds.forEach((id, i) => {
    const row = theirs.get(id);
    assert.equal(row?.margin, ours.margin[i]);
    assert.ok(Math.abs((row?.pd ?? 0) - ours.pd[i]!) < 1e-12, id);
  });
  assert.ok(await lake.exists(FEATURES_KEY));
});
