/**
 * One definition, beyond one machine: the catalog of the simulated bank compiled for Spark and run by a local PySpark gives the
 * cells of features.parquet, bit for bit. Needs a Python with pyspark 3.4 or newer (ASSAY_SPARK_PYTHON, default python3) and
 * Java. Not tested here: Glue itself.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { loadPortfolio } from '../../portfolios/index.ts';
import { buildFeatures, compileSpark, FEATURES_KEY, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { fixedClock, type Lake, openLocalLake, openWarehouse } from '../../src/platform/index.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const hasSpark = spawnSync(PYTHON, ['-c', 'import pyspark']).status === 0;
const skip = hasSpark ? false : `${PYTHON} has no pyspark; set ASSAY_SPARK_PYTHON`;

async function filesOf(lake: Lake, table: string): Promise<string[]> {
  const keys = await lake.list(`processed/${table}`);
  return keys.filter((key) => key.endsWith('.parquet')).map((key) => lake.path(key));
}

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
  const tables = tablesOf(portfolio);
  const { features, rows } = await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables });

  const compiled = compileSpark(portfolio.features, tables);
  const files = await Promise.all(compiled.tables.map(async (table) => [table, await filesOf(lake, table)] as const));
  const output = join(home, 'spark');
  const job = { tables: Object.fromEntries(files), groups: compiled.groups, join: compiled.join, output };
  await writeFile(join(home, 'job.json'), JSON.stringify(job));
  const script = join(import.meta.dirname, 'features_spark.py');
  await promisify(execFile)(PYTHON, [script, join(home, 'job.json')], {
    env: { ...process.env, PYSPARK_PYTHON: PYTHON },
  });

  const counts = features.map(
    ({ name }) => `COUNT(CASE WHEN a."${name}" IS DISTINCT FROM b."${name}" THEN 1 END) AS "${name}"`,
  );
  const [row] = await warehouse.rows<Record<string, number>>(
    `SELECT COUNT(*) AS joined, ${counts.join(', ')} FROM read_parquet('${lake.path(FEATURES_KEY)}') a
     JOIN read_parquet('${output}/*.parquet') b ON b.application_id = a.application_id`,
  );
  const { joined, ...differing } = row!;
  assert.equal(joined, rows);
  assert.deepEqual(
    Object.entries(differing).filter(([, count]) => count > 0),
    [],
  );
});
