/**
 * Fraud signals where decisions are made against the batch scan, on a whole book: the store of keys is filled as the pipeline does,
 * then every application is checked in it as of its own moment and compared with the queue's assessment, every value exactly; and
 * what a check costs: one round trip.
 * Run: node bench/fraud-online.ts --home DIR of a trained book [--portfolio simulated-bank] [--json]
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { loadPortfolio } from '../portfolios/index.ts';
import { FraudLinkStore, fillFraudLinks, readFraudBook, scanBook } from '../src/fraud/index.ts';
import {
  createLog,
  loadConfig,
  migrate,
  openDatabase,
  openLocalLake,
  openPersonVault,
  openWarehouse,
  REPOSITORY_ROOT,
  systemClock,
} from '../src/platform/index.ts';

const { values: options } = parseArgs({
  options: {
    home: { type: 'string' },
    portfolio: { type: 'string', default: 'simulated-bank' },
    json: { type: 'boolean', default: false },
  },
});
if (options.home === undefined) throw new Error('--home DIR names the data directory of a trained book');
const portfolio = await loadPortfolio(options.portfolio);
const definition = portfolio.fraud;
if (!definition) throw new Error(`${portfolio.name} has no fraud checks`);

const home = await mkdtemp(join(tmpdir(), 'assay-bench-fraud-'));
const warehouse = await openWarehouse({ threads: 1 });
const log = createLog({ logLevel: 'silent' });
const { database, close } = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log });
try {
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
  const lake = openLocalLake(join(options.home, 'lake', portfolio.name));
  const vault = openPersonVault({ home, database, clock: systemClock, portfolio: portfolio.name });
  const store = new FraudLinkStore({ database, portfolio: portfolio.name, definition, vault });
  const context = { warehouse, lake, portfolio };
  const started = performance.now();
  const { keys } = await fillFraudLinks(context, { store, snapshotId: 'bench' });
  const fillSeconds = (performance.now() - started) / 1000;
  const book = await readFraudBook(context, definition);
  const features = new Map(book.map((one) => [one.application.applicationId, one.features ?? {}]));
  const scanned = scanBook(definition, book).applications;
  const milliseconds: number[] = [];
  let different = 0;
  for (const { application, ...batch } of scanned) {
    const before = performance.now();
    const { assessment } = await store.check(application, features.get(application.applicationId)!);
    milliseconds.push(performance.now() - before);
    if (!isDeepStrictEqual(assessment, batch)) different++;
  }
  milliseconds.sort((a, b) => a - b);
  const at = (share: number): number => Number(milliseconds[Math.floor(share * milliseconds.length)]!.toFixed(2));
  const found = {
    portfolio: portfolio.name,
    applications: scanned.length,
    different,
    signals: scanned.reduce((sum, { signals }) => sum + signals.length, 0),
    look: scanned.filter(({ band }) => band === 'look').length,
    high: scanned.filter(({ band }) => band === 'high').length,
    keys,
    fillSeconds: Number(fillSeconds.toFixed(1)),
    msP50: at(0.5),
    msP99: at(0.99),
  };
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else console.table(found);
} finally {
  await close();
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
}
