/**
 * One definition, beyond one machine: the catalog of the simulated bank compiled for Spark and run by a local PySpark gives the
 * cells of features.parquet, bit for bit. Needs a Python with pyspark 3.4 or newer (ASSAY_SPARK_PYTHON, default python3) and
 * Java. Not tested here: Glue itself.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import { buildFeatures, FEATURES_KEY, sparkParity, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { fixedClock, openLocalLake, openWarehouse } from '../../src/platform/index.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const hasSpark = spawnSync(PYTHON, ['-c', 'import pyspark']).status === 0;
const skip = hasSpark ? false : `${PYTHON} has no pyspark; set ASSAY_SPARK_PYTHON`;

test('Spark gives the cells of features.parquet, bit for bit', { skip }, async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'assay-spark-'));
  const warehouse = await openWarehouse({ threads: 1 });
  t.after(async () => {
    await warehouse.close();
    await rm(home, { recursive: true, force: true });
  });
  const portfolio = await loadPortfolio('simulated-bank');
  const dataDirectory = join(home, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 11, borrowers: 150 });
  const lake = openLocalLake(join(home, 'lake'));
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
  const context = { warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) };
  const { features, rows } = await buildFeatures(context);

  const report = await sparkParity({ ...context, spark: { python: PYTHON } });
  assert.deepEqual(report.byFeature, {});
  assert.deepEqual([report.applications, report.cells], [rows, rows * features.length]);

  const path = lake.path(FEATURES_KEY);
  await warehouse.run(`CREATE TABLE changed AS SELECT * REPLACE (CASE WHEN source_row = 3 THEN loan_amount + 1 ELSE loan_amount END AS loan_amount)
    FROM read_parquet('${path}') ORDER BY source_row`);
  await warehouse.run(`COPY changed TO '${path}' (FORMAT parquet)`);
  const changed = await sparkParity({ ...context, spark: { python: PYTHON } });
  assert.deepEqual(changed.byFeature, { loan_amount: 1 });
  assert.equal(changed.mismatches[0]?.feature, 'loan_amount');
});
