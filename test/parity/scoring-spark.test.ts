/**
 * One score, beyond one machine: each estimator, exported for Spark and run by a local PySpark through the very script that Glue
 * runs, gives on every row of the simulated bank (small) and of Berka what the scorer gives: margins bit for bit, pds to 1e-15, the
 * same grade. Needs a Python with python/spark/requirements.txt (ASSAY_SPARK_PYTHON) and Java. Not tested here: what the models are
 * worth (the labels are made up), whole books (bench/parity.ts), Glue itself.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import type { Calibration, EstimatorName, Frame } from '../../src/domain/index.ts';
import {
  createBoosted,
  createForest,
  type Estimator,
  type FittedEstimator,
  logistic,
  scorecard,
} from '../../src/estimators/index.ts';
import { buildFeatures, FEATURES_KEY, readFeatureFrame, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import {
  findXgboost,
  fixedClock,
  loadConfig,
  openLocalLake,
  openWarehouse,
  openXgboostEngine,
  runSparkScript,
  type Warehouse,
  type XgboostEngine,
} from '../../src/platform/index.ts';
import { ISOTONIC, manifestOf } from '../../src/scoring/fixtures.ts';
import { createScorer, sparkFiles } from '../../src/scoring/index.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const hasSpark = spawnSync(PYTHON, ['-c', 'import pyspark, pandas, pyarrow, xgboost']).status === 0;
const library = await findXgboost(loadConfig(process.env, process.cwd()));
const noSpark = !hasSpark
  ? `${PYTHON} lacks python/spark/requirements.txt; set ASSAY_SPARK_PYTHON`
  : library
    ? false
    : 'libxgboost is not installed';
const SHARED = resolve(process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');
const noBerka = existsSync(join(SHARED, 'berka')) ? false : `no ${SHARED}/berka; set ASSAY_SHARED_DATA`;
const PLATT: Calibration = { kind: 'platt', intercept: 0.02, slope: 0.9 };

let home: string;
let warehouse: Warehouse;
let engine: XgboostEngine;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-spark-score-'));
  warehouse = await openWarehouse({ threads: 1 });
  if (noSpark) return;
  engine = await openXgboostEngine({ libraryPath: library ?? '', nthread: 1, scratchDirectory: join(home, 'tmp') });
});
after(async () => {
  await engine?.close();
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

type Case = { readonly estimator: EstimatorName; readonly calibration: Calibration };
const BOOKS: readonly { readonly name: string; readonly skip: string | false; readonly cases: readonly Case[] }[] = [
  {
    name: 'simulated-bank',
    skip: noSpark,
    cases: [
      { estimator: 'scorecard', calibration: PLATT },
      { estimator: 'logistic', calibration: ISOTONIC },
      { estimator: 'forest', calibration: { kind: 'identity' } },
      { estimator: 'boosted', calibration: PLATT },
    ],
  },
  {
    name: 'berka',
    skip: noSpark || noBerka,
    cases: [
      { estimator: 'logistic', calibration: PLATT },
      { estimator: 'boosted', calibration: ISOTONIC },
    ],
  },
];

for (const { name, skip, cases } of BOOKS) {
  test(`${name}: Spark scores as the scorer does`, { skip }, async (t) => {
    const { frame, applicationIds, features } = await bookFeatures(name);
    for (const { estimator, calibration } of cases) {
      const fitted = await fit(estimator, frame);
      const manifest = manifestOf(fitted, calibration);
      const artifact = join(home, `${name}-${estimator}`);
      await mkdir(artifact);
      for (const [file, text] of Object.entries(sparkFiles(manifest, fitted)))
        await writeFile(join(artifact, file), text);
      const output = join(home, `${name}-${estimator}-scores`);
      const args = ['--artifact', artifact, '--features', features, '--output', output];
      await runSparkScript('score.py', args, { python: PYTHON });

      const ours = createScorer(manifest, fitted).scoreFrame(frame);
      const theirs = await scoresOf(output);
      assert.equal(theirs.size, frame.rowCount);
      applicationIds.forEach((id, i) => {
        const row = theirs.get(id)!;
        const where = `${estimator} ${id}`;
        assert.equal(row.margin, ours.margin[i], where);
        assert.ok(Math.abs(row.pd - ours.pd[i]!) <= 1e-15, `${where}: pd ${row.pd} is not ${ours.pd[i]}`);
        assert.ok(Math.abs(row.score - ours.score[i]!) <= 1e-9, `${where}: score ${row.score} is not ${ours.score[i]}`);
        assert.equal(row.grade, ours.grade[i], where);
      });
      t.diagnostic(`${estimator}: ${theirs.size} rows scored alike`);
    }
  });
}

async function bookFeatures(name: string) {
  const portfolio = await loadPortfolio(name);
  const dataDirectory = portfolio.generate ? join(home, 'sources') : SHARED;
  await portfolio.generate?.({ directory: dataDirectory, seed: 3, borrowers: 200 });
  const lake = openLocalLake(join(home, 'lake', name));
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
  return { ...(await readFeatureFrame({ warehouse, lake })), features: lake.path(FEATURES_KEY) };
}

/** Fitted to labels that are made up: the test is about arithmetic. */
function fit(name: EstimatorName, frame: Frame): Promise<FittedEstimator> {
  const target = Uint8Array.from({ length: frame.rowCount }, (_, i) => ((i * 7919) % 11 < 3 ? 1 : 0));
  const options = { context: { seed: 1, nthread: 1 } };
  const fitted = <P>(estimator: Estimator<P>, parameters: Partial<P>) =>
    estimator.fit({ frame, target }, { ...options, parameters });
  if (name === 'scorecard') return fitted(scorecard, {});
  if (name === 'logistic') return fitted(logistic, {});
  return name === 'forest' ? fitted(createForest(engine), {}) : fitted(createBoosted(engine), { rounds: 30 });
}

type Scored = { readonly margin: number; readonly pd: number; readonly score: number; readonly grade: string };

async function scoresOf(output: string): Promise<Map<string, Scored>> {
  const rows = await warehouse.rows<Scored & { application_id: string }>(
    `SELECT application_id, margin, pd, score, grade FROM read_parquet('${output}/*.parquet')`,
  );
  return new Map(rows.map((row) => [row.application_id, row]));
}
