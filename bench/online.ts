/**
 * Online features against offline ones, and what they cost: a simulated bank is ingested, a tenth of its facts is left out of the
 * snapshot and streamed three times over in random order, and every cell of every application is compared with batch, exactly.
 * Then what filling the store takes, and what features cost at decision time: one round trip and one evaluation.
 * Run: node bench/online.ts [--borrowers 10000] [--lake DIR: a processed lake of the simulated bank, instead of making one] [--json]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { openOnlineFeatures } from '../src/entrypoints/server/index.ts';
import { buildFeatures, featureParity, fillOnlineStore, packProcessed, tablesOf } from '../src/features/index.ts';
import { ingestPortfolio } from '../src/ingestion/index.ts';
import {
  createLog,
  loadConfig,
  migrate,
  OnlineStore,
  openDatabase,
  openLocalLake,
  openWarehouse,
  REPOSITORY_ROOT,
} from '../src/platform/index.ts';
import { deliver, divideLake, factsIn, seededRandom } from '../test/parity/streamed-book.ts';

const { values: options } = parseArgs({
  options: {
    borrowers: { type: 'string', default: '10000' },
    lake: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const DECISIONS = 3_000;
const LARGE_EVENTS = 1_000;

const home = await mkdtemp(join(tmpdir(), 'assay-bench-online-'));
const warehouse = await openWarehouse({ threads: 2, memoryLimit: '4GB' });
const { database, close } = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), {
  log: createLog({ logLevel: 'silent' }),
});
async function bench(): Promise<Record<string, number>> {
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  const portfolio = await loadPortfolio('simulated-bank');
  const tables = tablesOf(portfolio);
  const clock = { now: () => new Date() };
  const [lake, kept, streamed] = [
    openLocalLake(options.lake ?? join(home, 'lake')),
    openLocalLake(join(home, 'kept')),
    openLocalLake(join(home, 'streamed')),
  ];
  const dataDirectory = join(home, 'sources');
  if (options.lake === undefined) {
    await portfolio.generate?.({ directory: dataDirectory, seed: 1, borrowers: Number(options.borrowers) });
    await ingestPortfolio({ portfolio, dataDirectory, lake, warehouse, clock });
  }
  const context = { warehouse, lake, catalog: portfolio.features, tables };
  await buildFeatures(context);
  step('features built');
  await divideLake(context, tables, { kept, streamed, every: 10 });

  const store = new OnlineStore({ database, portfolio: portfolio.name, tables, clock });
  const fill = (from: typeof lake) =>
    fillOnlineStore({ ...context, lake: from, store, snapshotId: 'bench', endsWithData: true });
  await fill(kept);
  const facts = await factsIn({ warehouse, lake: streamed }, tables);
  step('store filled without the streamed facts');
  const streaming = await timed(() => deliver(database, store, facts, { times: 3, random: seededRandom(1) }));
  step('streamed');
  const report = await featureParity({ ...context, facts: store });
  step('compared');
  const decisions = await decide(portfolio, store);
  step('decided');
  const filling = await timed(() => fill(lake));
  const after = await featureParity({ ...context, facts: store });
  return {
    applications: report.applications,
    cells: report.cells,
    streamedFacts: facts.length,
    deliveries: facts.length * 3,
    deliveriesPerSecond: Math.round((facts.length * 3) / (streaming.ms / 1000)),
    mismatches: report.mismatchCount,
    fillSeconds: filling.ms / 1000,
    fillFacts: filling.result.facts,
    fillBlocks: filling.result.blocks,
    fillMegabytes: filling.result.bytes / 1e6,
    pruned: filling.result.pruned,
    mismatchesAfterFill: after.mismatchCount,
    ...decisions,
    ...(await decideLarge(portfolio, lake, clock)),
  };
}

type Portfolio = Awaited<ReturnType<typeof loadPortfolio>>;

const application = (borrowerId: string) => ({
  applicationId: 'bench',
  borrowerId,
  columns: { amount_minor: 500_000, term_months: 24, instalment_minor: 23_000, purpose: 'car', channel: 'web' },
  missing: [],
});

/** Features of borrowers of the book, one decision after another: a tenth of the facts comes from the tail. */
async function decide(portfolio: Portfolio, store: OnlineStore): Promise<Record<string, number>> {
  const rows = await database.query<{ borrower_id: string }>(
    "SELECT DISTINCT borrower_id FROM online_base WHERE borrower_id <> '' ORDER BY borrower_id",
  );
  const source = openOnlineFeatures({ store, portfolio });
  const random = seededRandom(2);
  const times: number[] = [];
  for (let i = 0; i < DECISIONS; i++) {
    const borrower = rows[Math.floor(random() * rows.length)]!.borrower_id;
    times.push((await timed(() => source.featuresFor(application(borrower), new Date()))).ms);
  }
  return { readMsP50: quantile(times, 0.5), readMsP99: quantile(times, 0.99) };
}

/** One borrower with 1,000 transactions, half of them streamed. */
async function decideLarge(
  portfolio: Portfolio,
  lake: ReturnType<typeof openLocalLake>,
  clock: { now: () => Date },
): Promise<Record<string, number>> {
  const tables = tablesOf(portfolio);
  const store = new OnlineStore({ database, portfolio: 'bench-large', tables, clock });
  const transactions = tables.find(({ name }) => name === 'transactions')!;
  const rows: (string | number | boolean | null)[][] = [];
  for await (const blocks of packProcessed({ warehouse, lake, tables: [transactions] }))
    for (const { rowsJson } of blocks) if (rows.length < LARGE_EVENTS) rows.push(...JSON.parse(rowsJson));
  const columns = transactions.columns.map(({ name }) => name);
  const owner = columns.indexOf('borrower_id');
  const own = rows.slice(0, LARGE_EVENTS).map((row) => row.with(owner, 'LARGE'));
  const based = own.slice(0, LARGE_EVENTS / 2);
  const block = {
    table: 'transactions',
    borrowerId: 'LARGE',
    facts: based.length,
    rowsJson: JSON.stringify(based),
    columns,
  };
  await store.replaceBase(
    { snapshotId: 'large', horizonMicroseconds: null, endsWithData: false, leftOut: [] },
    (async function* () {
      yield [block];
    })(),
  );
  const facts = own.slice(LARGE_EVENTS / 2).map((values) => ({
    table: 'transactions',
    key: JSON.stringify([values[columns.indexOf('transaction_id')]]),
    borrowerId: 'LARGE',
    row: Object.fromEntries(columns.map((name, i) => [name, values[i] ?? null])),
  }));
  await deliver(database, store, facts, { times: 1, random: seededRandom(3) });
  const source = openOnlineFeatures({ store, portfolio });
  const times: number[] = [];
  for (let i = 0; i < 500; i++)
    times.push((await timed(() => source.featuresFor(application('LARGE'), new Date()))).ms);
  const warm = times.slice(100);
  return { largeReadMsP50: quantile(warm, 0.5), largeReadMsP99: quantile(warm, 0.99) };
}

function step(text: string): void {
  console.error(`${(performance.now() / 1000).toFixed(1)} s: ${text}`);
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const started = performance.now();
  const result = await work();
  return { ms: performance.now() - started, result };
}

function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)]!;
}

try {
  const result = await bench();
  if (options.json) console.log(JSON.stringify(result));
  else console.table(result);
} finally {
  await close();
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
}
