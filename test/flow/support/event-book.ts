import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadPortfolio } from '../../../portfolios/index.ts';
import {
  ConsumerRun,
  createEventMapper,
  DeadLetters,
  EventIntake,
  type FaultSwitch,
  lakeConsumer,
  noFaults,
  onlineConsumer,
  rawFileLines,
  STREAM_PREFIX,
} from '../../../src/ingestion/index.ts';
import {
  createLog,
  type Database,
  EmbeddedStream,
  fixedClock,
  type Lake,
  loadConfig,
  migrate,
  OnlineStore,
  type OpenDatabase,
  openDatabase,
  openLocalLake,
  REPOSITORY_ROOT,
  type Stream,
} from '../../../src/platform/index.ts';

export type EventBook = Awaited<ReturnType<typeof eventBook>>;

/** A migrated database of its own, shared by the books of a test file. */
export async function eventDatabase(): Promise<
  OpenDatabase & { readonly home: string; readonly stop: () => Promise<void> }
> {
  const home = await mkdtemp(join(tmpdir(), 'assay-events-'));
  const opened = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  const stop = async (): Promise<void> => {
    await opened.close();
    await rm(home, { recursive: true, force: true });
  };
  return { ...opened, home, stop };
}

let books = 0;

/** The simulated bank's door, stream and consumers, under a name of its own. `faulty` wraps the stream. */
export async function eventBook(
  database: Database,
  home: string,
  faulty: (stream: Stream) => Stream = (stream) => stream,
  /** Unset: the embedded one. */
  engine?: Stream,
) {
  const portfolio = { ...(await loadPortfolio('simulated-bank')), name: `book-${++books}` };
  const clock = fixedClock(new Date('2025-03-01T12:00:00Z'));
  const lake = openLocalLake(join(home, portfolio.name));
  const embedded = await EmbeddedStream.open({ database, clock, name: portfolio.name });
  const mapper = createEventMapper(portfolio);
  const store = new OnlineStore({ database, portfolio: portfolio.name, tables: mapper.tables, clock });
  const letters = new DeadLetters({ portfolio: portfolio.name, clock });
  const intake = new EventIntake({
    database,
    streamWithin: (transaction) => faulty(engine ?? embedded.within(transaction)),
    mapper,
    portfolio: portfolio.name,
    clock,
    backlog: async () => 0,
  });
  const runOf = (name: 'online' | 'lake', owner: string, fault: FaultSwitch = noFaults): ConsumerRun => {
    const consumer =
      name === 'online'
        ? onlineConsumer({ database, mapper, sink: store, letters, fault })
        : lakeConsumer({ database, lake, stream: portfolio.name, fault });
    const log = createLog({ logLevel: 'silent' });
    return new ConsumerRun({
      database,
      stream: faulty(engine ?? embedded),
      consumer,
      owner,
      clock,
      log,
      sleep: (ms) => pause(Math.min(ms, 5)),
    });
  };
  return { portfolio, clock, lake, stream: embedded, mapper, store, letters, intake, runOf };
}

/** A line of the bank's transactions file, as a feed sends it. */
export function payment(id: string, extra: Readonly<Record<string, string>> = {}) {
  return {
    source: 'transactions',
    payload: {
      booking_no: id,
      account_no: 'A1',
      customer_no: `C${id.length}${id.at(-1)}`,
      booked_at: '2024-03-02 10:20:30',
      known_at: '2024-03-02 23:59:59',
      amount: '-12.50',
      balance: '100.00',
      channel: 'card',
      category: 'groceries',
      counterparty: 'shop',
      ...extra,
    },
  };
}

/** Every event in the raw zone, as lines. */
export async function rawLines(lake: Lake): Promise<string[]> {
  const keys = await lake.list(STREAM_PREFIX);
  const files = await Promise.all(keys.map(async (key) => rawFileLines(await lake.get(key), key)));
  return files.flat();
}

/** What the online store holds of a book: key and content by table. */
export async function onlineFacts(database: Database, portfolio: string): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    `SELECT t.name || ' ' || fact_key || ' ' || coalesce(known_us::text, '') || ' ' || content AS line
     FROM online_tail JOIN online_tables t USING (table_id) WHERE t.portfolio = $1 ORDER BY 1`,
    [portfolio],
  );
  return rows.map((row) => row.line);
}
