import { setTimeout as pause } from 'node:timers/promises';
import { type EventBook, openEventBook } from '../../src/entrypoints/stream-worker/index.ts';
import {
  CONSUMERS,
  type ConsumerName,
  ingestPortfolio,
  rawFileLines,
  STREAM_PREFIX,
} from '../../src/ingestion/index.ts';
import { loadConfig, openWarehouse, systemClock } from '../../src/platform/index.ts';
import type { Sums } from './feed.ts';

export function openBook(home: string): Promise<EventBook> {
  const config = loadConfig({ ...process.env, ASSAY_HOME: home, ASSAY_LOG_LEVEL: 'error' }, process.cwd());
  return openEventBook({ config, portfolio: 'simulated-bank', clock: systemClock });
}

/** Until the consumers have taken everything. */
export async function caughtUp(
  book: EventBook,
  consumers: readonly ConsumerName[] = CONSUMERS,
  patienceMs = 300_000,
): Promise<void> {
  const began = performance.now();
  while ((await book.events.backlog(consumers)) > 0) {
    if (performance.now() - began > patienceMs) throw new Error('the consumers did not catch up');
    await pause(100);
  }
}

/** Borrowers whose count or sum is not the oracle's, and how many facts there are. */
export async function onlineAgainst(book: EventBook, expected: Sums): Promise<{ facts: number; wrong: number }> {
  const rows = await book.database.query<{ borrower_id: string; n: number; cents: number }>(
    `SELECT borrower_id, count(*) AS n, sum((content::jsonb ->> 'amount_minor')::bigint)::bigint AS cents
     FROM online_tail JOIN online_tables t USING (table_id) WHERE t.portfolio = $1 AND t.name = 'transactions' GROUP BY 1`,
    [book.portfolio.name],
  );
  const found = new Map(rows.map((row) => [row.borrower_id, row]));
  let wrong = found.size === expected.size ? 0 : Math.abs(found.size - expected.size);
  for (const [borrower, { count, cents }] of expected) {
    const row = found.get(borrower);
    if (row?.n !== count || row.cents !== cents) wrong++;
  }
  return { facts: rows.reduce((sum, row) => sum + row.n, 0), wrong };
}

/** Lines of the raw zone, and how many of them are there twice. */
export async function rawAgainst(book: EventBook): Promise<{ lines: number; doubled: number }> {
  const seen = new Set<string>();
  let lines = 0;
  for (const key of await book.lake.list(STREAM_PREFIX)) {
    for (const line of rawFileLines(await book.lake.get(key), key)) {
      lines++;
      seen.add(/"booking_no":"([^"]*)"/.exec(line)![1]!);
    }
  }
  return { lines, doubled: lines - seen.size };
}

/** A hash of what the online store holds, whatever the order it came in. */
export async function onlineHash(book: EventBook): Promise<string> {
  const [row] = await book.database.query<{ hash: string }>(
    `SELECT count(*) || ':' || md5(string_agg(md5(t.name || fact_key || coalesce(known_us::text, '') || content), '' ORDER BY t.name, fact_key)) AS hash
     FROM online_tail JOIN online_tables t USING (table_id) WHERE t.portfolio = $1`,
    [book.portfolio.name],
  );
  return row!.hash;
}

/**
 * Lands the book's files beside what the stream left in the raw zone and processes all of it, as a run of the pipeline does. Rows
 * and hash of every table, whatever the order they came in: the number of a row in its source is left out.
 */
export async function processedHashes(book: EventBook, dataDirectory: string): Promise<Record<string, string>> {
  const { portfolio, lake, clock } = book;
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    const { funnel } = await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
    const hashes: Record<string, string> = {};
    for (const { table, rows } of funnel.tables) {
      if (rows === 0) continue;
      const [found] = await warehouse.rows<{ hash: string }>(
        `SELECT count(*) || ':' || md5(string_agg(line, chr(10) ORDER BY line)) AS hash FROM (
           SELECT CAST(t AS VARCHAR) AS line FROM (
             SELECT * EXCLUDE (source_row) FROM read_parquet('${lake.path(`processed/${table}`)}/*/*.parquet', hive_partitioning = false)) t)`,
      );
      hashes[table] = found!.hash;
    }
    return hashes;
  } finally {
    await warehouse.close();
  }
}
