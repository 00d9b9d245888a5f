/**
 * Growth of the feature build: the same catalog over books of growing size, DuckDB and Spark (local mode) one after the other in one
 * run, and the arithmetic that docs/scale.md draws from it. Usage: node bench/spark-features.ts [--borrowers 1000,10000] [--threads 2]
 * Needs ASSAY_SPARK_PYTHON with pyspark, and Java.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { buildFeatures, sparkJobOf, tablesOf } from '../src/features/index.ts';
import { ingestPortfolio } from '../src/ingestion/index.ts';
import { fixedClock, type Lake, openLocalLake, openWarehouse, REPOSITORY_ROOT } from '../src/platform/index.ts';

const PYTHON = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
const { values } = parseArgs({
  options: { borrowers: { type: 'string', default: '1000,10000' }, threads: { type: 'string', default: '2' } },
});
const threads = Number(values.threads);

async function filesOf(lake: Lake, table: string): Promise<string[]> {
  const keys = await lake.list(`processed/${table}`);
  return keys.filter((key) => key.endsWith('.parquet')).map((key) => lake.path(key));
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function sparkEnvironment(): NodeJS.ProcessEnv {
  const options = [
    `--master local[${threads}]`,
    '--driver-memory 6g',
    '--conf spark.ui.enabled=false',
    '--conf spark.driver.bindAddress=127.0.0.1',
    '--conf spark.driver.host=127.0.0.1',
    `--conf spark.sql.shuffle.partitions=${threads * 4}`,
  ];
  return { ...process.env, PYSPARK_PYTHON: PYTHON, PYSPARK_SUBMIT_ARGS: `${options.join(' ')} pyspark-shell` };
}

async function measure(borrowers: number): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'assay-growth-'));
  const warehouse = await openWarehouse({ threads, memoryLimit: '4GB', tempDirectory: join(home, 'spill') });
  try {
    const portfolio = await loadPortfolio('simulated-bank');
    const dataDirectory = join(home, 'sources');
    await portfolio.generate?.({ directory: dataDirectory, seed: 1, borrowers });
    const lake = openLocalLake(join(home, 'lake'));
    const clock = fixedClock(new Date('2026-01-01T00:00:00Z'));
    await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
    const tables = tablesOf(portfolio);
    const catalog = portfolio.features;
    const paths = (await filesOf(lake, 'transactions')).map((path) => `'${path}'`).join(', ');
    const [counted] = await warehouse.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM read_parquet([${paths}])`);
    const duckdb = await seconds(() => buildFeatures({ warehouse, lake, catalog, tables }));
    const output = join(home, 'spark');
    const job = await sparkJobOf({ catalog, tables, filesOf: (table) => filesOf(lake, table), output });
    await writeFile(join(home, 'job.json'), JSON.stringify(job));
    const script = join(REPOSITORY_ROOT, 'python/spark/glue_features.py');
    const args = [script, '--job_uri', join(home, 'job.json')];
    const spark = await seconds(() =>
      promisify(execFile)(PYTHON, args, { env: sparkEnvironment(), maxBuffer: 1 << 26 }),
    );
    const cells = [counted?.n ?? 0, borrowers, duckdb.toFixed(1), spark.toFixed(1), (spark / duckdb).toFixed(1)];
    console.log(`| ${cells.join(' | ')} |`);
  } finally {
    await warehouse.close();
    await rm(home, { recursive: true, force: true });
  }
}

console.log('| transactions | borrowers | DuckDB, s | Spark local, s | ratio |\n|---:|---:|---:|---:|---:|');
for (const size of values.borrowers.split(',')) await measure(Number(size));
