// The online store on a real PostgreSQL: facts applied in any order, any number of times and by several writers leave the same rows
// behind, and say what became of each. Not tested here: what features make of them (test/parity), where they come from (ingestion).
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { AssayError, districtsTable, type TableSchema, transactionsTable } from '../../src/domain/index.ts';
import {
  type ApplyOutcome,
  createLog,
  type FactRow,
  factKeyOf,
  fixedClock,
  loadConfig,
  MAX_FACTS,
  migrate,
  type OnlineFact,
  OnlineStore,
  type OpenDatabase,
  openDatabase,
  REPOSITORY_ROOT,
  recentFacts,
} from '../../src/platform/index.ts';

const tables = [transactionsTable, districtsTable];
const clock = fixedClock(new Date('2024-06-01T12:00:00Z'));
let home: string;
let opened: OpenDatabase;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'assay-online-'));
  opened = await openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
});
after(async () => {
  await opened.close();
  await rm(home, { recursive: true, force: true });
});

let books = 0;
function newStore(): { store: OnlineStore; portfolio: string } {
  const portfolio = `book-${books++}`;
  return { portfolio, store: new OnlineStore({ database: opened.database, portfolio, tables, clock }) };
}

const DAY = 86_400_000_000;
const NOW = Date.UTC(2024, 4, 1) * 1000;

function fact(table: TableSchema, row: FactRow): OnlineFact {
  const borrower = row['borrower_id'];
  return {
    table: table.name,
    key: factKeyOf(table, row),
    borrowerId: typeof borrower === 'string' ? borrower : null,
    row,
  };
}

function payment(id: string, extra: FactRow = {}): OnlineFact {
  return fact(transactionsTable, {
    transaction_id: id,
    account_id: 'A1',
    borrower_id: 'B1',
    occurred_at: NOW,
    known_at: NOW + DAY,
    amount_minor: -100,
    balance_minor: null,
    channel: 'card',
    category: 'dining',
    counterparty: 'o\'"\\\u{1F600}',
    ...extra,
  });
}

const apply = (store: OnlineStore, facts: readonly OnlineFact[]): Promise<ApplyOutcome[]> =>
  opened.database.transaction((transaction) => store.apply(transaction, facts));

const rowsOf = (portfolio: string): Promise<unknown[]> =>
  opened.database.query(
    `SELECT name, fact_key, borrower_id, known_us, content FROM online_tail JOIN online_tables USING (table_id)
     WHERE portfolio = $1 ORDER BY name, fact_key`,
    [portfolio],
  );

test('a fact is accepted once; the same again is a duplicate; other content is a conflict that says what was lost', async () => {
  const { store, portfolio } = newStore();
  const first = payment('t1');
  const later = payment('t1', { known_at: NOW + 2 * DAY, amount_minor: -900 });
  const earlier = payment('t1', { known_at: NOW, amount_minor: -500 });
  assert.deepEqual(await apply(store, [first, payment('t2'), first]), [
    { kind: 'accepted' },
    { kind: 'accepted' },
    { kind: 'duplicate' },
  ]);
  assert.deepEqual(await apply(store, [first, later]), [
    { kind: 'duplicate' },
    { kind: 'conflict', kept: 'stored', lost: later.row },
  ]);
  assert.deepEqual(await apply(store, [earlier]), [{ kind: 'conflict', kept: 'this', lost: first.row }]);
  assert.equal((await rowsOf(portfolio)).length, 2);
});

test('a redelivery that was known earlier moves the known time back, never forward', async () => {
  const { store, portfolio } = newStore();
  await apply(store, [payment('t1', { known_at: NOW + 5 })]);
  await apply(store, [payment('t1', { known_at: NOW + 9 })]);
  await apply(store, [payment('t1', { known_at: NOW + 2 })]);
  const [row] = await opened.database.query<{ known_us: number }>(
    'SELECT known_us FROM online_tail JOIN online_tables USING (table_id) WHERE portfolio = $1',
    [portfolio],
  );
  assert.equal(row?.known_us, NOW + 2);
});

test('what is left behind does not depend on order, repetition or batching', async () => {
  const version = fc.record({
    transaction_id: fc.constantFrom('t1', 't2', '\u{1F600}'.repeat(300)),
    known_at: fc.constantFrom(NOW, NOW + 1),
    amount_minor: fc.constantFrom(-1, 0, 7),
    counterparty: fc.constantFrom(null, '\uFFFD', '\u{1F600}', ''),
    borrower_id: fc.constantFrom('B1', 'B2'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(version, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat()),
      async (versions, random) => {
        const once = versions.map(({ transaction_id, ...rest }) => payment(transaction_id, rest));
        const shuffled = [...once, ...once, ...once]
          .map((entry) => ({ entry, at: random.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ entry }) => entry);
        const [plain, other] = [newStore(), newStore()];
        await apply(plain.store, once);
        while (shuffled.length > 0) await apply(other.store, shuffled.splice(0, 5));
        assert.deepEqual(await rowsOf(other.portfolio), await rowsOf(plain.portfolio));
      },
    ),
    { numRuns: 40 },
  );
});

test('writers that meet on the same keys in different order do not wait for each other for ever', async () => {
  const { store, portfolio } = newStore();
  const facts = Array.from({ length: 400 }, (_, i) => payment(`t${i}`, { amount_minor: i % 7 }));
  const writers = [facts, [...facts].reverse(), facts.toSorted((a, b) => a.key.length - b.key.length)];
  const outcomes = await Promise.all(writers.map((some) => apply(store, some)));
  const accepted = outcomes.flat().filter(({ kind }) => kind === 'accepted').length;
  assert.equal(accepted, facts.length);
  assert.equal((await rowsOf(portfolio)).length, facts.length);
});

test('a transaction that fails leaves nothing behind', async () => {
  const { store, portfolio } = newStore();
  const failing = opened.database.transaction(async (transaction) => {
    await store.apply(transaction, [payment('t1')]);
    throw new Error('crash between effect and checkpoint');
  });
  await assert.rejects(failing, /crash between/);
  assert.deepEqual(await rowsOf(portfolio), []);
});

test('too many facts, and facts of a strange table, are refused by name', async () => {
  const { store } = newStore();
  const many = Array.from({ length: MAX_FACTS + 1 }, (_, i) => payment(`t${i}`));
  await assert.rejects(apply(store, many), (error) => error instanceof AssayError && error.code === 'bad_input');
  const strange = { ...payment('t1'), table: 'horoscopes' };
  await assert.rejects(apply(store, [strange]), /horoscopes/);
});

test('the facts applied last come first, of this book alone, of one borrower where asked for, and no more than asked for', async () => {
  const { store, portfolio } = newStore();
  const other = newStore();
  await apply(store, [payment('T1'), payment('T2', { borrower_id: 'B2' }), payment('T3')]);
  await apply(other.store, [payment('T9')]);
  const recent = await recentFacts(opened.database, portfolio, { limit: 10 });
  assert.deepEqual(recent.map(({ key }) => key).sort(), ['["T1"]', '["T2"]', '["T3"]']);
  const [first] = await recentFacts(opened.database, portfolio, { limit: 10, borrowerId: 'B2' });
  assert.equal(first?.borrowerId, 'B2');
  assert.equal(first?.table, 'transactions');
  assert.equal(first?.knownAt?.getTime(), (NOW + DAY) / 1000);
  assert.equal(JSON.parse(first?.content ?? '{}').category, 'dining');
  assert.equal((await recentFacts(opened.database, portfolio, { limit: 2 })).length, 2);
});
