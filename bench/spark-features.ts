/**
 * Growth of the feature build: the whole catalog of the simulated bank over 1, 10 and 50 million transactions, DuckDB and Spark
 * (local mode, the script that Glue runs) one after the other in one run, every cell compared, with Spark's own account of bytes
 * read, shuffled and spilled. docs/scale.md draws on it. The books are copies of one simulated bank with identities of their own,
 * written as Parquet by DuckDB: the row-wise way in is not what is measured here.
 * Usage: node bench/spark-features.ts [--copies 1,10,50] [--threads 2] [--memory 6g] [--home DIR] [--json]
 * --home: a home whose simulated bank is copied (only read); else a bank of 10,000 borrowers is made first, which takes a minute or
 * two. Needs ASSAY_SPARK_PYTHON with pyspark, Java, 8 GB of memory, and for 50 copies 10 GB of disk and half an hour.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import type { Portfolio, TableSchema } from '../src/domain/index.ts';
import { buildFeatures, compareSparkOutput, processedFiles, sparkJobOf, tablesOf } from '../src/features/index.ts';
import { ingestPortfolio } from '../src/ingestion/index.ts';
import {
  fixedClock,
  type Lake,
  openLocalLake,
  openWarehouse,
  runSparkJob,
  type Warehouse,
} from '../src/platform/index.ts';

const { values } = parseArgs({
  options: {
    copies: { type: 'string', default: '1,10,50' },
    threads: { type: 'string', default: '2' },
    memory: { type: 'string', default: '6g' },
    home: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const threads = Number(values.threads);
const python = process.env['ASSAY_SPARK_PYTHON'] ?? 'python3';
/** Rows a shuffle partition is to hold at most: it stays in memory. */
const ROWS_A_PARTITION = 1_000_000;
/** What all copies share. */
const SHARED_IDS = ['district_id'];

type Point = {
  readonly transactions: number;
  readonly applications: number;
  readonly transactionMb: number;
  readonly duckdbSeconds: number;
  readonly sparkSeconds: number;
  readonly taskSeconds: number;
  readonly readMb: number;
  readonly shuffleMb: number;
  readonly spillMb: number;
  readonly cells: number;
  readonly different: number;
};

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

async function baseLake(portfolio: Portfolio, scratch: string, warehouse: Warehouse): Promise<Lake> {
  if (values.home !== undefined) return openLocalLake(join(resolve(values.home), 'lake', portfolio.name));
  const dataDirectory = join(scratch, 'sources');
  await portfolio.generate?.({ directory: dataDirectory, seed: 1, borrowers: 10_000 });
  const lake = openLocalLake(join(scratch, 'base'));
  await ingestPortfolio({
    portfolio,
    dataDirectory,
    lake,
    warehouse,
    clock: fixedClock(new Date('2026-01-01T00:00:00Z')),
  });
  return lake;
}

/** Each file of a table again, with every row once for each copy: identities and source rows of its own, all else alike. */
async function copyTable(
  warehouse: Warehouse,
  base: Lake,
  lake: Lake,
  table: TableSchema,
  copies: number,
): Promise<void> {
  const names = table.columns.map(({ name }) => name);
  const isShared = table.key.some((name) => SHARED_IDS.includes(name));
  const own = names.filter((name) => name.endsWith('_id') && !SHARED_IDS.includes(name));
  const replaced = [
    ...own.map((name) => `"${name}" || '-' || copy AS "${name}"`),
    'source_row * ? + copy AS source_row',
  ];
  for (const file of await processedFiles(base, table.name)) {
    const target = lake.path(`processed/${relative(base.path('processed'), file)}`);
    await mkdir(dirname(target), { recursive: true });
    const rows = `read_parquet('${file}', hive_partitioning = false)`;
    const select = isShared
      ? `SELECT * FROM ${rows}`
      : `SELECT * EXCLUDE (copy) REPLACE (${replaced.join(', ').replace('?', String(copies))})
         FROM ${rows}, (SELECT range AS copy FROM range(${copies}))`;
    await warehouse.run(`COPY (${select}) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`);
  }
}

type TaskEvent = {
  readonly Event: string;
  readonly 'Task Metrics'?: {
    readonly 'Executor Run Time': number;
    readonly 'Disk Bytes Spilled': number;
    readonly 'Input Metrics': { readonly 'Bytes Read': number };
    readonly 'Shuffle Write Metrics': { readonly 'Shuffle Bytes Written': number };
  };
};

/** Sums over all tasks of Spark's event log. */
async function sparkAccount(folder: string) {
  const [file] = await readdir(folder);
  const events = (await readFile(join(folder, file!), 'utf8'))
    .split('\n')
    .filter((line) => line.includes('"Task Metrics"'));
  const sums = { taskSeconds: 0, readMb: 0, shuffleMb: 0, spillMb: 0 };
  for (const line of events) {
    const { 'Task Metrics': task }: TaskEvent = JSON.parse(line);
    if (!task) continue;
    sums.taskSeconds += task['Executor Run Time'] / 1000;
    sums.readMb += task['Input Metrics']['Bytes Read'] / 1e6;
    sums.shuffleMb += task['Shuffle Write Metrics']['Shuffle Bytes Written'] / 1e6;
    sums.spillMb += task['Disk Bytes Spilled'] / 1e6;
  }
  return sums;
}

async function measure(copies: number, portfolio: Portfolio, base: Lake, scratch: string): Promise<Point> {
  const home = await mkdtemp(join(scratch, 'growth-'));
  const warehouse = await openWarehouse({ threads, memoryLimit: '6GB', tempDirectory: join(home, 'spill') });
  try {
    const lake = openLocalLake(join(home, 'lake'));
    const tables = tablesOf(portfolio);
    for (const table of tables) await copyTable(warehouse, base, lake, table, copies);
    const files = await processedFiles(lake, 'transactions');
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    const list = files.map((file) => `'${file}'`).join(', ');
    const [counted] = await warehouse.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM read_parquet([${list}])`);
    const catalog = portfolio.features;
    const duckdbSeconds = await seconds(() => buildFeatures({ warehouse, lake, catalog, tables }));
    const [output, eventLogDirectory] = [join(home, 'spark'), join(home, 'events')];
    await mkdir(eventLogDirectory);
    const job = await sparkJobOf({ catalog, tables, filesOf: (table) => processedFiles(lake, table), output });
    const transactions = counted?.n ?? 0;
    const partitions = Math.max(threads * 2, Math.ceil(transactions / ROWS_A_PARTITION));
    const options = { python, threads, memory: values.memory, partitions, eventLogDirectory };
    const sparkSeconds = await seconds(() => runSparkJob(job, options));
    const { applications, cells, mismatchCount } = await compareSparkOutput({ warehouse, lake }, output);
    return {
      ...{ transactions, applications, transactionMb: sizes.reduce((sum, size) => sum + size, 0) / 1e6 },
      ...{ duckdbSeconds, sparkSeconds, ...(await sparkAccount(eventLogDirectory)) },
      ...{ cells, different: mismatchCount },
    };
  } finally {
    await warehouse.close();
    await rm(home, { recursive: true, force: true });
  }
}

const HEADINGS: readonly (readonly [keyof Point, string])[] = [
  ['transactions', 'transactions'],
  ['applications', 'applications'],
  ['transactionMb', 'their Parquet, MB'],
  ['duckdbSeconds', 'DuckDB, s'],
  ['sparkSeconds', 'Spark, s'],
  ['taskSeconds', 'Spark tasks, s'],
  ['readMb', 'read, MB'],
  ['shuffleMb', 'shuffled, MB'],
  ['spillMb', 'spilled, MB'],
  ['cells', 'cells compared'],
  ['different', 'different'],
];

const scratch = await mkdtemp(join(tmpdir(), 'assay-growth-'));
const maker = await openWarehouse({ threads });
try {
  const portfolio = await loadPortfolio('simulated-bank');
  const base = await baseLake(portfolio, scratch, maker);
  const points: Point[] = [];
  if (!values.json)
    console.log(`| ${HEADINGS.map(([, title]) => title).join(' | ')} |\n|${HEADINGS.map(() => '---:').join('|')}|`);
  for (const copies of values.copies.split(',').map(Number)) {
    const point = await measure(copies, portfolio, base, scratch);
    points.push(point);
    if (!values.json) console.log(`| ${HEADINGS.map(([name]) => Number(point[name].toFixed(1))).join(' | ')} |`);
  }
  if (values.json) console.log(JSON.stringify({ threads, memory: values.memory, points }, null, 2));
} finally {
  await maker.close();
  await rm(scratch, { recursive: true, force: true });
}
