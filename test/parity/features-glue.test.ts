/**
 * One definition, beyond one machine: the catalogs of the simulated bank and of Berka, compiled for Spark and run by a local PySpark
 * through the very script that Glue runs, give the cells of features.parquet bit for bit, and are published as the same table;
 * the online path is compared with that table elsewhere (features-books.test.ts). Needs a Python with pyspark 3.4 or newer
 * (ASSAY_SPARK_PYTHON, default python3) and Java. Not tested here: Glue itself.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { loadPortfolio } from '../../portfolios/index.ts';
import {
  buildFeatures,
  FEATURES_KEY,
  processedFiles,
  publishSparkFeatures,
  sparkJobOf,
  tablesOf,
} from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { fixedClock, openLocalLake, openWarehouse, runSparkJob } from '../../src/platform/index.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const hasSpark = spawnSync(PYTHON, ['-c', 'import pyspark']).status === 0;
const noSpark = hasSpark ? false : `${PYTHON} has no pyspark; set ASSAY_SPARK_PYTHON`;
const SHARED = resolve(process.env['ASSAY_SHARED_DATA'] ?? '../shared/data');
const noBerka = existsSync(join(SHARED, 'berka')) ? false : `no ${SHARED}/berka; set ASSAY_SHARED_DATA`;

const BOOKS = [
  { name: 'simulated-bank', skip: noSpark },
  { name: 'berka', skip: noSpark || noBerka },
];

for (const { name, skip } of BOOKS) {
  test(`${name}: Spark gives the cells of features.parquet, bit for bit`, { skip }, async (t) => {
    const home = await mkdtemp(join(tmpdir(), 'assay-spark-'));
    const warehouse = await openWarehouse({ threads: 1 });
    t.after(async () => {
      await warehouse.close();
      await rm(home, { recursive: true, force: true });
    });
    const portfolio = await loadPortfolio(name);
    const dataDirectory = portfolio.generate ? join(home, 'sources') : SHARED;
    await portfolio.generate?.({ directory: dataDirectory, seed: 11, borrowers: 150 });
    const lake = openLocalLake(join(home, 'lake'));
    const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
    await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
    const tables = tablesOf(portfolio);
    const catalog = portfolio.features;
    const { features, rows } = await buildFeatures({ warehouse, lake, catalog, tables });

    const output = join(home, 'spark');
    const job = await sparkJobOf({ catalog, tables, filesOf: (table) => processedFiles(lake, table), output });
    await runSparkJob(job, { python: PYTHON });

    const other = openLocalLake(join(home, 'lake-of-spark'));
    const written = (await readdir(output))
      .filter((file) => file.endsWith('.parquet'))
      .map((file) => join(output, file));
    const published = await publishSparkFeatures({ warehouse, lake: other, catalog, tables, files: written });
    assert.equal(published.rows, rows);
    assert.deepEqual(published.features, features);

    const counts = features.map(
      (feature) =>
        `COUNT(CASE WHEN a."${feature.name}" IS DISTINCT FROM b."${feature.name}" THEN 1 END) AS "${feature.name}"`,
    );
    const [row] = await warehouse.rows<Record<string, number>>(
      `SELECT COUNT(*) AS joined, ${counts.join(', ')} FROM read_parquet('${lake.path(FEATURES_KEY)}') a
       JOIN read_parquet('${other.path(FEATURES_KEY)}') b ON b.application_id = a.application_id AND b.as_of = a.as_of AND b.source_row = a.source_row`,
    );
    const { joined, ...differing } = row!;
    assert.equal(joined, rows);
    assert.deepEqual(
      Object.entries(differing).filter(([, count]) => count > 0),
      [],
    );
    t.diagnostic(`${rows * features.length} cells of DuckDB and Spark compared, 0 differ`);
  });
}
