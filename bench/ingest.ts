/**
 * How fast files come in, side by side and alternating in one run.
 *
 *   node bench/ingest.ts [--borrowers 10000] [--rounds 3]
 *
 * Reading: the delimited reader against csv-parse (stream, ragged rows allowed) on the transactions of a simulated bank, unpacked.
 * Ingesting: the whole bank through the validated path, against DuckDB's own CSV import of the transactions file alone to Parquet,
 * which types columns but keeps no rejects, checks no key and accounts for nothing.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { loadPortfolio } from '../portfolios/index.ts';
import { ingestPortfolio } from '../src/ingestion/index.ts';
import { openLocalLake, openWarehouse, readDelimited, systemClock } from '../src/platform/index.ts';
import { BANK_FILES, generateBank } from '../src/simulation/index.ts';

const { values } = parseArgs({
  options: {
    borrowers: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds);
const home = await mkdtemp(join(tmpdir(), 'assay-bench-ingest-'));
const packed = join(home, 'bank', BANK_FILES.transactions.file);
const plain = join(home, 'transactions.csv');

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[times.length >> 1]!;

async function readOurs(): Promise<number> {
  let rows = 0;
  for await (const batch of readDelimited(plain)) rows += batch.rows.length;
  return rows;
}

async function readCsvParse(): Promise<number> {
  let rows = -1;
  for await (const _ of createReadStream(plain).pipe(parse({ relax_column_count: true }))) rows++;
  return rows;
}

async function ingest(round: number): Promise<void> {
  const warehouse = await openWarehouse({ threads: 1 });
  const lake = openLocalLake(join(home, `lake-${round}`));
  await ingestPortfolio({
    portfolio: await loadPortfolio('simulated-bank'),
    dataDirectory: join(home, 'bank'),
    lake,
    warehouse,
    clock: systemClock,
  });
  await warehouse.close();
}

async function importWithDuckdb(): Promise<void> {
  const warehouse = await openWarehouse({ threads: 1 });
  await warehouse.run(
    `COPY (SELECT * FROM read_csv('${packed}', null_padding = true, ignore_errors = true)) TO '${join(home, 'duckdb.parquet')}' (FORMAT PARQUET, COMPRESSION ZSTD)`,
  );
  await warehouse.close();
}

try {
  const generate = await seconds(() =>
    generateBank({ directory: join(home, 'bank'), seed: 1, borrowers: Number(values.borrowers) }),
  );
  await pipeline(createReadStream(packed), createGunzip(), createWriteStream(plain));
  const megabytes = (await stat(plain)).size / 1e6;
  const rows = await readOurs();
  const times = { ours: [] as number[], csvParse: [] as number[], ingest: [] as number[], duckdb: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.ours.push(await seconds(readOurs));
    times.csvParse.push(await seconds(readCsvParse));
    times.ingest.push(await seconds(() => ingest(round)));
    times.duckdb.push(await seconds(importWithDuckdb));
  }
  const figures = {
    transactions: rows,
    megabytes: Math.round(megabytes),
    generateSeconds: generate,
    readMegabytesPerSecond: megabytes / median(times.ours),
    csvParseMegabytesPerSecond: megabytes / median(times.csvParse),
    ingestSeconds: median(times.ingest),
    duckdbImportSeconds: median(times.duckdb),
  };
  if (values.json) console.log(JSON.stringify(figures));
  else
    console.table(
      Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value * 10) / 10])),
    );
} finally {
  await rm(home, { recursive: true, force: true });
}
