/**
 * The script that `assay features sql` prints, run by hand: in DuckDB statement by statement, in a stock PySpark session that knows
 * nothing of Assay (needs ASSAY_SPARK_PYTHON). Both give the cells of features.parquet, for the whole catalog and for some features.
 * Not tested here: the cells themselves (features-books.test.ts).
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { loadPortfolio } from '../../portfolios/index.ts';
import type { Portfolio } from '../../src/domain/index.ts';
import { buildFeatures, FEATURES_KEY, featureScript, narrowCatalog, tablesOf } from '../../src/features/index.ts';
import { ingestPortfolio } from '../../src/ingestion/index.ts';
import { fixedClock, type Lake, openLocalLake, openWarehouse, type Warehouse } from '../../src/platform/index.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const hasSpark = spawnSync(PYTHON, ['-c', 'import pyspark']).status === 0;
const noSpark = hasSpark ? false : `${PYTHON} has no pyspark; set ASSAY_SPARK_PYTHON`;

let home: string;
let portfolio: Portfolio;
let warehouse: Warehouse;
let lake: Lake;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-script-'));
  warehouse = await openWarehouse({ threads: 1 });
  portfolio = await loadPortfolio('simulated-bank');
  const dataDirectory = join(home, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 5, borrowers: 80 });
  lake = openLocalLake(join(home, 'lake'));
  const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
  await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
  await buildFeatures({ warehouse, lake, catalog: portfolio.features, tables: tablesOf(portfolio) });
});
after(async () => {
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

const scriptOf = (dialect: 'duckdb' | 'spark', catalog = portfolio.features): Promise<string> =>
  featureScript({ lake, catalog, tables: tablesOf(portfolio), dialect });

/** Cells of a relation that are not those of features.parquet, by feature; rows must be the same. */
async function differing(relation: string, names: readonly string[]): Promise<[string, number][]> {
  const counts = names.map(
    (name) => `COUNT(CASE WHEN a."${name}" IS DISTINCT FROM b."${name}" THEN 1 END) AS "${name}"`,
  );
  const features = `read_parquet('${lake.path(FEATURES_KEY)}')`;
  const [row] = await warehouse.rows<Record<string, number>>(
    `SELECT COUNT(*) - (SELECT COUNT(*) FROM ${features}) AS surplus, ${counts.join(', ')}
     FROM ${features} a JOIN ${relation} b ON b.application_id = a.application_id AND b.source_row = a.source_row`,
  );
  return Object.entries(row!).filter(([, count]) => count !== 0);
}

async function runInDuckdb(script: string, table: string): Promise<void> {
  const statements = script.split(';\n').filter((statement) => statement.trim() !== '');
  for (const statement of statements.slice(0, -1)) await warehouse.run(statement);
  await warehouse.run(`CREATE OR REPLACE TABLE ${table} AS ${statements.at(-1)}`);
}

test('in DuckDB: the cells of features.parquet', async () => {
  const names = portfolio.features.features.map(({ name }) => name);
  await runInDuckdb(await scriptOf('duckdb'), 'whole');
  assert.deepEqual(await differing('whole', names), []);
});

test('some features: only they, what they are derived from, and the tables these read', async () => {
  const derived = portfolio.features.features.find(({ definition }) => definition.kind === 'derived')!;
  const narrow = narrowCatalog(portfolio.features, [derived.name]);
  const names = narrow.features.map(({ name }) => name);
  assert.ok(names.includes(derived.name) && names.length >= 2 && names.length < 20, names.join(', '));
  await runInDuckdb(await scriptOf('duckdb', narrow), 'narrowed');
  assert.deepEqual(await differing('narrowed', names), []);
  const columns = await warehouse.rows<{ column_name: string }>('SELECT column_name FROM (DESCRIBE narrowed)');
  assert.deepEqual(
    columns.slice(4).map(({ column_name: name }) => name),
    names,
  );
  assert.throws(() => narrowCatalog(portfolio.features, ['none']), /no such feature.*none/s);
});

const BY_HAND = `
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1").config("spark.sql.shuffle.partitions", "2").getOrCreate()
statements = [text for text in open(sys.argv[1], encoding="utf-8").read().split(";\\n") if text.strip()]
for statement in statements[:-1]:
    spark.sql(statement)
spark.sql(statements[-1]).coalesce(1).write.parquet(sys.argv[2])
`;

test('in PySpark: the cells of features.parquet', { skip: noSpark }, async () => {
  const [program, script, output] = [join(home, 'by_hand.py'), join(home, 'features.sql'), join(home, 'by-hand')];
  await writeFile(program, BY_HAND);
  await writeFile(script, await scriptOf('spark'));
  await promisify(execFile)(PYTHON, [program, script, output], { env: { ...process.env, PYSPARK_PYTHON: PYTHON } });
  const names = portfolio.features.features.map(({ name }) => name);
  assert.deepEqual(await differing(`read_parquet('${output}/*.parquet')`, names), []);
});
