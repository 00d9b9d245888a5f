/**
 * One definition: random catalogs over random histories (late, duplicate in time, known out of order, exactly on asOf and on
 * window borders) give the same cell in DuckDB, in the online evaluation, and by hand. Facts planted in the future change
 * nothing. Not tested here: reading Parquet and publishing (src/features), Spark (features-spark.test.ts).
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Arithmetic } from '../../src/domain/index.ts';
import { openWarehouse, type Warehouse } from '../../src/platform/index.ts';
import { aggregateByHand } from './features-oracle.ts';
import { BOOK_TABLES, type Book, featureOf, isoOf, randomBook, randomCatalog } from './features-random-book.ts';
import { batchValues, differences, loadBook, onlineValues } from './features-warehouse.ts';

let warehouse: Warehouse;
before(async () => {
  warehouse = await openWarehouse({ threads: 1 });
});
after(() => warehouse.close());

const RUNS = { numRuns: Number(process.env['ASSAY_PROPERTY_RUNS'] ?? 80) };

test('batch and online give the same bits for any catalog and history', async () => {
  await fc.assert(
    fc.asyncProperty(randomCatalog, randomBook, async (catalog, book) => {
      await loadBook(warehouse, book);
      assert.deepEqual(differences(await batchValues(warehouse, catalog), onlineValues(catalog, book)), []);
    }),
    RUNS,
  );
});

test('the online evaluation gives what the definition says, worked by hand', () => {
  fc.assert(
    fc.property(randomCatalog, randomBook, (catalog, book) => {
      const online = onlineValues(catalog, book);
      for (const application of book['loan_applications']!) {
        for (const { name, definition } of catalog.features) {
          if (definition.kind !== 'aggregate') continue;
          const table = BOOK_TABLES.find((candidate) => candidate.name === definition.source)!;
          const byHand = aggregateByHand(
            definition,
            table,
            book[definition.source]!,
            String(application['borrower_id']),
            String(application['applied_at']),
          );
          const value = online.get(String(application['application_id']))![name]!;
          assert.ok(value === byHand, `${JSON.stringify(definition)}: ${value} online, ${byHand} by hand`);
        }
      }
    }),
    { numRuns: RUNS.numRuns * 5 },
  );
});

/** Per application: facts at asOf, after it, and before it but known only at or after it; extreme, so that they would show. */
function plantFuture(book: Book, applicationIds: readonly string[]): Book {
  const planted = book['loan_applications']!.filter((row) =>
    applicationIds.includes(String(row['application_id'])),
  ).flatMap((application) => {
    const text = String(application['applied_at']);
    const asOf = Date.parse(`${text.slice(0, 23)}Z`) * 1000 + Number(text.slice(23));
    const fact = (happened: number, known: number, i: number) => ({
      transaction_id: `future-${application['application_id']}-${i}`,
      borrower_id: application['borrower_id']!,
      account_id: 'a1',
      occurred_at: isoOf(happened),
      known_at: isoOf(known),
      amount_minor: -777_777_777_777,
      balance_minor: 777_777_777_777,
      channel: 'cash',
      category: '!future',
      counterparty: '!future',
    });
    return [
      fact(asOf, asOf, 0),
      fact(asOf + 1, asOf - 5, 1),
      fact(asOf - 5, asOf, 2),
      fact(asOf - 5, asOf + 86_400_000_000, 3),
    ];
  });
  return { ...book, transactions: [...book['transactions']!, ...planted] };
}

test('a fact from the future changes nothing, in either engine', async () => {
  await fc.assert(
    fc.asyncProperty(randomCatalog, randomBook, async (catalog, book) => {
      const last = {
        ...book,
        loan_applications: book['loan_applications']!.filter((row) => row['application_id'] !== 'l1'),
      };
      const future = plantFuture(last, ['l2', 'l3']);
      assert.deepEqual(differences(onlineValues(catalog, last), onlineValues(catalog, future)), []);
      await loadBook(warehouse, future);
      assert.deepEqual(differences(await batchValues(warehouse, catalog), onlineValues(catalog, last)), []);
    }),
    { numRuns: Math.ceil(RUNS.numRuns / 2) },
  );
});

const emptyBook: Book = {
  loan_applications: [bookApplication()],
  transactions: [],
  cards: [],
  borrowers: [],
  districts: [],
};

test('every operation treats missing, zero and negative operands alike', async () => {
  const missing = featureOf('missing', 'numeric', {
    kind: 'aggregate',
    source: 'transactions',
    aggregate: { fn: 'mean', column: 'amount_minor' },
  });
  const operands: Arithmetic[] = [
    { op: 'feature', name: 'missing' },
    ...[0, -3, 7].map((value) => ({ op: 'number', value }) as const),
  ];
  const pairs = operands.flatMap((left) => operands.map((right) => ({ left, right })));
  const binary = ['add', 'subtract', 'multiply', 'divide', 'least', 'greatest'] as const;
  const expressions: Arithmetic[] = [
    ...binary.flatMap((op) => pairs.map((pair) => ({ op, ...pair }))),
    ...pairs.map(({ left, right }) => ({ op: 'coalesce', of: left, otherwise: right }) as const),
    ...operands.flatMap((of) => (['absolute', 'negate'] as const).map((op) => ({ op, of }))),
  ];
  const derived = expressions.map((expression, i) => featureOf(`d${i}`, 'numeric', { kind: 'derived', expression }));
  const catalog = { features: [missing, ...derived] };
  await loadBook(warehouse, emptyBook);
  const online = onlineValues(catalog, emptyBook);
  assert.deepEqual(differences(await batchValues(warehouse, catalog), online), []);
  const nulls = Object.values(online.get('l2')!).filter((value) => value === null).length;
  // The operand itself; 7 of 16 pairs of six operations; division by zero with both known; coalesce and the two signs of nothing.
  assert.equal(nulls, 1 + 6 * 7 + 3 + 1 + 2);
});

test('sums of squares beyond 64 bits are rounded once, in both engines', async () => {
  const catalog = {
    features: (['stddev', 'slope_per_day'] as const).map((fn) =>
      featureOf(fn, 'numeric', {
        kind: 'aggregate',
        source: 'transactions',
        aggregate: { fn, column: 'amount_minor' },
      }),
    ),
  };
  const borrowers = Array.from({ length: 300 }, (_, i) => `b${i}`);
  const fact = (borrower: string, i: number, amount: number) => ({
    transaction_id: `${borrower}-${i}`,
    borrower_id: borrower,
    account_id: 'a1',
    occurred_at: `2024-01-0${i + 1}T00:00:00`,
    known_at: `2024-01-0${i + 1}T00:00:00`,
    amount_minor: amount,
    balance_minor: null,
    channel: 'cash',
    category: 'x',
    counterparty: null,
  });
  const book = {
    ...emptyBook,
    loan_applications: borrowers.map((borrower) => bookApplication(borrower, borrower)),
    transactions: borrowers.flatMap((borrower, i) => [
      fact(borrower, 0, -1_000_000_007 * (i + 1)),
      fact(borrower, 1, 4_294_967_311 + i * i * 7_919),
      fact(borrower, 2, 123_456_789_123 - i * 104_729),
    ]),
  };
  await loadBook(warehouse, book);
  assert.deepEqual(differences(await batchValues(warehouse, catalog), onlineValues(catalog, book)), []);
});

const countAll = {
  features: [featureOf('n', 'numeric', { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'count' } })],
};

test('a query that forgets when facts were known is caught by parity', async () => {
  const book = plantFuture(emptyBook, ['l2']);
  await loadBook(warehouse, book);
  const leaky = (sql: string): string => sql.replace(/AND t\."known_at" < spine\.as_of/, '');
  assert.equal(differences(await batchValues(warehouse, countAll), onlineValues(countAll, book)).length, 0);
  assert.equal(differences(await batchValues(warehouse, countAll, leaky), onlineValues(countAll, book)).length, 1);
});

function bookApplication(applicationId = 'l2', borrowerId = 'b1') {
  return {
    application_id: applicationId,
    borrower_id: borrowerId,
    applied_at: '2024-03-10T12:30:00.000000',
    amount_minor: 1,
    term_months: 12,
    instalment_minor: null,
    purpose: null,
    channel: null,
  };
}
