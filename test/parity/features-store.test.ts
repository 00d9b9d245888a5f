/**
 * One definition, through the store: random catalogs over random histories whose rows come in files, by the stream or both, late,
 * doubled, out of order, at the same instant, with other content under the same key. Every cell of batch (ingestion's rule for
 * repeats, DuckDB) equals the online one (base, tail, merge, evaluation), and a change planted in either side is caught. Not tested
 * here: Spark (features-spark.test.ts), a key that comes with another borrower.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { FeatureCatalog } from '../../src/domain/index.ts';
import type { OnlineRow } from '../../src/features/index.ts';
import {
  createLog,
  type Database,
  fixedClock,
  type Lake,
  loadConfig,
  migrate,
  type OnlineFact,
  OnlineStore,
  openDatabase,
  openLocalLake,
  openWarehouse,
  REPOSITORY_ROOT,
  type Warehouse,
} from '../../src/platform/index.ts';
import {
  fillFrom,
  type History,
  loadDelivered,
  randomHistory,
  storedValues,
  streamedFacts,
  takenRows,
} from './features-delivered.ts';
import { aggregateByHand, countedRows } from './features-oracle.ts';
import { BOOK_TABLES, randomCatalog } from './features-random-book.ts';
import { batchValues, type Difference, differences } from './features-warehouse.ts';

const RUNS = Number(process.env['ASSAY_PROPERTY_RUNS'] ?? 25);
/** Runs in which a planted change must show. */
const MUTANT_RUNS = 150;

let home = '';
let warehouse: Warehouse;
let database: Database;
let close: () => Promise<void>;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-features-store-'));
  warehouse = await openWarehouse({ threads: 1 });
  ({ database, close } = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), {
    log: createLog({ logLevel: 'silent' }),
  }));
  await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
});
after(async () => {
  await close();
  await warehouse.close();
  await rm(home, { recursive: true, force: true });
});

let books = 0;
// a lake of its own each time: DuckDB keeps what it read of a file that is replaced within the same second
const emptyLake = (): Lake => openLocalLake(join(home, 'lake'));
const clock = fixedClock(new Date('2030-01-01T00:00:00Z'));
const newStore = (): OnlineStore =>
  new OnlineStore({ database, portfolio: `book-${books++}`, tables: BOOK_TABLES, clock });

/** What a mutant changes; nothing by default. */
type Planted = {
  readonly sql?: (sql: string) => string;
  readonly facts?: (facts: readonly OnlineFact[]) => readonly OnlineFact[];
  readonly asOf?: (application: OnlineRow) => string;
  readonly history?: (history: History) => History;
};

async function differencesOf(catalog: FeatureCatalog, history: History, planted: Planted = {}): Promise<Difference[]> {
  const store = newStore();
  await fillFrom(
    { warehouse, lake: emptyLake(), store },
    catalog,
    (planted.history ?? same)(history),
    (way) => way !== 'stream',
  );
  const facts = (planted.facts ?? same)(streamedFacts(history));
  for (let from = 0; from < facts.length; from += 7) {
    await database.transaction((transaction) => store.apply(transaction, facts.slice(from, from + 7)));
  }
  await loadDelivered(warehouse, history);
  const batch = await batchValues(warehouse, catalog, planted.sql);
  return differences(batch, await storedValues(store, catalog, history.applications, planted.asOf));
}

const same = <T>(value: T): T => value;

test('batch and online through the store give the same bits, whichever way a fact came', async () => {
  await fc.assert(
    fc.asyncProperty(randomCatalog, randomHistory, async (catalog, history) => {
      assert.deepEqual(await differencesOf(catalog, history), []);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('what the store gives is what the definition says of the rows that count, worked by hand', async () => {
  let cells = 0;
  const property = fc.asyncProperty(randomCatalog, randomHistory, async (catalog, history) => {
    const store = newStore();
    await fillFrom({ warehouse, lake: emptyLake(), store }, catalog, history, (way) => way !== 'stream');
    await database.transaction((transaction) => store.apply(transaction, streamedFacts(history)));
    const online = await storedValues(store, catalog, history.applications);
    const counted = new Map(BOOK_TABLES.map((table) => [table.name, countedRows(table, takenRows(history, table))]));
    for (const application of history.applications) {
      for (const { name, definition } of catalog.features) {
        if (definition.kind !== 'aggregate') continue;
        const table = BOOK_TABLES.find((candidate) => candidate.name === definition.source)!;
        const [borrowerId, asOf] = [String(application['borrower_id']), String(application['applied_at'])];
        const byHand = aggregateByHand(definition, table, counted.get(table.name)!, borrowerId, asOf);
        const value = online.get(String(application['application_id']))![name]!;
        assert.ok(value === byHand, `${JSON.stringify(definition)}: ${value} from the store, ${byHand} by hand`);
        cells++;
      }
    }
  });
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
  assert.ok(cells > 100, `${cells} cells`);
});

test('the next snapshot holds everything: the tail is dropped and the cells stay', async () => {
  await fc.assert(
    fc.asyncProperty(randomCatalog, randomHistory, async (catalog, history) => {
      const store = newStore();
      const facts = streamedFacts(history);
      await database.transaction((transaction) => store.apply(transaction, facts));
      clock.advance(1); // what comes in the moment of the fill may be no part of its snapshot, and stays
      await fillFrom({ warehouse, lake: emptyLake(), store }, catalog, history, () => true);
      await loadDelivered(warehouse, history);
      const online = await storedValues(store, catalog, history.applications);
      assert.deepEqual(differences(await batchValues(warehouse, catalog), online), []);
      const { borrowers } = await store.factsOf(['b1', 'b2', '']);
      assert.deepEqual(
        [...borrowers.values()].flatMap((facts) => facts.streamedMicroseconds),
        [],
      );
    }),
    { numRuns: Math.ceil(RUNS / 2), endOnFailure: true },
  );
});

const MUTANTS: Readonly<Record<string, Planted>> = {
  'SQL that sees a fact of the very moment': { sql: (sql) => sql.replaceAll('< spine.as_of', '<= spine.as_of') },
  'SQL that forgets when a fact was known': { sql: (sql) => sql.replaceAll(/ AND t\."known_at" < spine\.as_of/g, '') },
  'an online side that sees one microsecond more': {
    asOf: (application) => `${String(application['applied_at']).slice(0, -1)}1`,
  },
  'a stream that loses a fact': { facts: (facts) => facts.slice(1) },
  'a stream that counts a repeat twice': {
    facts: (facts) => facts.map((fact, i) => (i % 2 === 0 ? fact : { ...fact, key: `${fact.key} ` })),
  },
  'a snapshot that loses a row': { history: (history) => ({ ...history, deliveries: history.deliveries.slice(1) }) },
};

for (const [name, planted] of Object.entries(MUTANTS)) {
  test(`a planted change is caught: ${name}`, async () => {
    const property = fc.asyncProperty(randomCatalog, randomHistory, async (catalog, history) => {
      assert.deepEqual(await differencesOf(catalog, history, planted), []);
    });
    const { failed } = await fc.check(property, { numRuns: MUTANT_RUNS, endOnFailure: true });
    assert.ok(failed);
  });
}
