import fc from 'fast-check';
import type {
  Aggregate,
  AggregateExpression,
  Arithmetic,
  Condition,
  FeatureCatalog,
  FeatureDefinition,
  FeatureExpression,
  TableSchema,
} from '../../src/domain/index.ts';
import {
  borrowersTable,
  cardsTable,
  districtsTable,
  loanApplicationsTable,
  transactionsTable,
} from '../../src/domain/index.ts';
import type { OnlineRow } from '../../src/features/index.ts';

/** Random books and random catalogs for the parity tests: small, and full of the borders where engines part ways. */
export type Book = Readonly<Record<string, readonly OnlineRow[]>>;

/** The category of a real book is a closed list; here any text must do. */
const { values: _closed, ...openCategory } = transactionsTable.columns.find((column) => column.name === 'category')!;
const openTransactions: TableSchema = {
  ...transactionsTable,
  columns: transactionsTable.columns.map((column) => (column.name === 'category' ? openCategory : column)),
};

export const BOOK_TABLES: readonly TableSchema[] = [
  loanApplicationsTable,
  borrowersTable,
  districtsTable,
  openTransactions,
  cardsTable,
];

const DAY = 86_400_000_000;
/**
 * Instants that calendars are bad at: an ordinary noon; the hours summer time begins and ends in; the last microsecond of a leap
 * day, of February without one, and of a year; the first of a month; where a leap second was put in; before 1970.
 */
const BASES: readonly number[] = [
  '2024-03-10T12:30:00.000000',
  '2024-03-31T01:00:00.000000',
  '2024-10-27T00:59:59.999999',
  '2024-02-29T23:59:59.999999',
  '2023-02-28T23:59:59.999999',
  '2024-12-31T23:59:59.999999',
  '2025-01-01T00:00:00.000000',
  '2016-12-31T23:59:59.999000',
  '1969-07-01T00:00:00.000001',
].map((text) => Date.parse(`${text.slice(0, 23)}Z`) * 1000 + Number(text.slice(23)));
const TEXTS = ['salary', 'rent', "o'brien", 'é', '\u{1F600}', '\uFFFD', '', 'zz', 'a\\b'];
const WINDOWS = [1, 7, 30, 90];
const OFFSETS = [0, 7, 30];

export function isoOf(microseconds: number): string {
  const seconds = Math.floor(microseconds / 1e6);
  const rest = String(microseconds - seconds * 1e6).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${rest}`;
}

const dateOf = (microseconds: number): string => isoOf(microseconds).slice(0, 10);

/** Moments at and around asOf and the window borders, and some between. */
const moment = (asOf: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom(-2, 0, 1, 7, 14, 30, 37, 60, 90, 120), fc.constantFrom(-1, 0, 1))
      .map(([days, nudge]) => asOf - days * DAY + nudge),
    fc.integer({ min: -5 * DAY, max: 200 * DAY }).map((age) => asOf - age),
  );

const amount = fc.oneof(
  fc.integer({ min: -50_000, max: 50_000 }),
  // Squares of these reach 2^64 and beyond, where engines round wide integers to doubles differently.
  fc.integer({ min: -8_000_000_000, max: 8_000_000_000 }),
  fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }),
  fc.constantFrom(0, 1, -1, 999_999_999_989),
);

const transaction = (borrowers: readonly string[], asOf: number): fc.Arbitrary<OnlineRow> =>
  fc.record({
    borrower_id: fc.constantFrom(...borrowers),
    account_id: fc.constant('a1'),
    occurred_at: moment(asOf).map(isoOf),
    known_at: moment(asOf).map(isoOf),
    amount_minor: amount,
    balance_minor: fc.option(amount, { freq: 4 }),
    channel: fc.constantFrom('cash', 'card'),
    category: fc.constantFrom(...TEXTS),
    counterparty: fc.option(fc.constantFrom(...TEXTS), { freq: 4 }),
  });

const card = (borrowers: readonly string[], asOf: number): fc.Arbitrary<OnlineRow> =>
  fc.record({
    borrower_id: fc.constantFrom(...borrowers),
    account_id: fc.constant('a1'),
    card_type: fc.constantFrom('gold', 'junior'),
    issued_on: moment(asOf).map(dateOf),
    known_at: moment(asOf).map(isoOf),
  });

const borrower = (id: string, base: number): fc.Arbitrary<OnlineRow> =>
  fc.record({
    borrower_id: fc.constant(id),
    birth_date: fc.constant('1980-02-29'),
    sex: fc.constant(null),
    ethnic_group: fc.constant(null),
    marital_status: fc.constant(null),
    district_id: fc.option(fc.constantFrom('d1', 'd2', 'd3')),
    dependents: fc.option(fc.nat(5)),
    housing: fc.option(fc.constantFrom(...TEXTS)),
    education: fc.constant(null),
    employment_status: fc.constant(null),
    employed_since: fc.option(moment(base).map(dateOf)),
    resident_since: fc.constant(null),
    income_monthly_minor: fc.option(fc.nat(1_000_000)),
    known_at: moment(base).map(isoOf),
  });

const district = (base: number): fc.Arbitrary<OnlineRow> =>
  fc.record({
    district_id: fc.constantFrom('d1', 'd2'),
    district_name: fc.constantFrom(...TEXTS),
    region: fc.constant(null),
    population: fc.option(fc.nat(1_000_000)),
    urban_share: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    average_salary_minor: fc.constant(null),
    unemployment_rate: fc.double({ min: 0, max: 1, noNaN: true }),
    unemployment_rate_prior: fc.constant(null),
    entrepreneurs_per_1000: fc.constant(null),
    crimes_per_1000: fc.constant(null),
    crimes_per_1000_prior: fc.constant(null),
    known_at: moment(base).map(isoOf),
  });

function application(id: string, borrowerId: string, appliedAt: number, amountMinor: number): OnlineRow {
  return {
    application_id: id,
    borrower_id: borrowerId,
    applied_at: isoOf(appliedAt),
    amount_minor: amountMinor,
    term_months: 12,
    instalment_minor: amountMinor % 3 === 0 ? null : amountMinor,
    purpose: amountMinor % 2 === 0 ? null : 'car',
    channel: 'web',
  };
}

/** All of a book around one instant. */
const bookAt = (base: number): fc.Arbitrary<Book> =>
  fc
    .tuple(
      fc.array(transaction(['b1', 'b2'], base), { maxLength: 25 }),
      fc.array(card(['b1', 'b2'], base), { maxLength: 4 }),
      fc.tuple(borrower('b1', base), borrower('b2', base)),
      fc.array(district(base), { maxLength: 4 }),
      fc.integer({ min: 1, max: 1_000_000 }),
    )
    .map(([transactions, cards, borrowers, districts, amountMinor]) => ({
      loan_applications: [
        application('l1', 'b1', base, amountMinor),
        application('l2', 'b1', base + 30 * DAY, amountMinor + 1),
        application('l3', 'b2', base, amountMinor + 2),
        application('l4', 'b3', base, amountMinor + 3),
      ],
      // Ids that sort differently by UTF-16 unit and by byte, so that ties are decided by the rule alone.
      transactions: transactions.map((row, i) => ({ ...row, transaction_id: `${TEXTS[i % TEXTS.length]}-${i}` })),
      cards: cards.map((row, i) => ({ ...row, card_id: `c${i}` })),
      borrowers,
      districts,
    }));

export const randomBook: fc.Arbitrary<Book> = fc.constantFrom(...BASES).chain(bookAt);

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ column: fc.constant('category'), op: fc.constantFrom('=', '<>'), value: fc.constantFrom(...TEXTS) }),
  fc.record({
    column: fc.constantFrom('category', 'counterparty'),
    op: fc.constantFrom('in', 'not in'),
    value: fc.uniqueArray(fc.constantFrom(...TEXTS), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    column: fc.constantFrom('amount_minor', 'balance_minor'),
    op: fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
    value: fc.constantFrom(0, 1, -1, 10_000),
  }),
  fc.record({
    column: fc.constantFrom('amount_minor', 'balance_minor'),
    op: fc.constantFrom('in', 'not in'),
    value: fc.constant([0, 1, -1]),
  }),
);

const MONEY_FUNCTIONS = [
  'sum',
  'sum_absolute',
  'mean',
  'stddev',
  'min',
  'max',
  'slope_per_day',
  'first',
  'last',
] as const;

const numericAggregate: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.record({ fn: fc.constantFrom('count', 'count_distinct_months', 'days_since_last', 'days_since_first') }),
  fc.record({
    fn: fc.constant('count_distinct'),
    column: fc.constantFrom('counterparty', 'category', 'amount_minor', 'occurred_at'),
  }),
  fc.record({ fn: fc.constantFrom(...MONEY_FUNCTIONS), column: fc.constantFrom('amount_minor', 'balance_minor') }),
);

const textAggregate: fc.Arbitrary<Aggregate> = fc.record({
  fn: fc.constantFrom('first', 'last', 'mode'),
  column: fc.constantFrom('counterparty', 'category'),
});

const overTransactions = (aggregate: fc.Arbitrary<Aggregate>): fc.Arbitrary<AggregateExpression> =>
  fc
    .record({
      kind: fc.constant('aggregate'),
      source: fc.constant('transactions'),
      aggregate,
      where: fc.array(condition, { maxLength: 2 }),
      windowDays: fc.option(fc.constantFrom(...WINDOWS), { nil: undefined }),
      offsetDays: fc.constantFrom(...OFFSETS),
    })
    .map(({ windowDays, ...rest }) => (windowDays === undefined ? rest : { ...rest, windowDays }));

const overCards: fc.Arbitrary<AggregateExpression> = fc.record({
  kind: fc.constant('aggregate'),
  source: fc.constant('cards'),
  aggregate: fc.record({ fn: fc.constantFrom('count', 'days_since_last', 'count_distinct_months') }),
});

const byBorrower = [{ table: 'borrowers', on: 'borrower_id' }];
const byDistrict = [...byBorrower, { table: 'districts', on: 'district_id' }];

const PLAIN: readonly (readonly [FeatureDefinition['type'], FeatureExpression])[] = [
  ['numeric', { kind: 'attribute', column: 'amount_minor' }],
  ['numeric', { kind: 'attribute', column: 'instalment_minor' }],
  ['categorical', { kind: 'attribute', column: 'purpose' }],
  ['numeric', { kind: 'lookup', path: byBorrower, column: 'income_monthly_minor' }],
  ['categorical', { kind: 'lookup', path: byBorrower, column: 'housing' }],
  ['numeric', { kind: 'lookup', path: byDistrict, column: 'unemployment_rate' }],
  ['categorical', { kind: 'lookup', path: byDistrict, column: 'district_name' }],
];

const arithmetic = (names: readonly string[]): fc.Arbitrary<Arithmetic> =>
  fc.letrec<{ node: Arithmetic }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'arithmetic' },
      names.length === 0
        ? fc.record({ op: fc.constant('number'), value: fc.constant(1.5) })
        : fc.record({ op: fc.constant('feature'), name: fc.constantFrom(...names) }),
      fc.record({ op: fc.constant('number'), value: fc.constantFrom(0, 1, -1, 0.1, 1e-7, 12_345.678_9) }),
      fc.record({
        op: fc.constant('days_before_as_of'),
        of: fc.constantFrom(
          { kind: 'attribute' as const, column: 'applied_at' },
          { kind: 'lookup' as const, path: byBorrower, column: 'employed_since' },
          { kind: 'lookup' as const, path: byDistrict, column: 'known_at' },
        ),
      }),
      fc.record({
        op: fc.constantFrom('add', 'subtract', 'multiply', 'divide', 'least', 'greatest'),
        left: tie('node'),
        right: tie('node'),
      }),
      fc.record({ op: fc.constantFrom('absolute', 'negate'), of: tie('node') }),
      fc.record({ op: fc.constant('coalesce'), of: tie('node'), otherwise: tie('node') }),
    ),
  })).node;

export function featureOf(
  name: string,
  type: FeatureDefinition['type'],
  definition: FeatureExpression,
): FeatureDefinition {
  return { name, title: name, unit: 'test', nullMeaning: 'none', type, definition, reason: { code: 'T1', text: name } };
}

export const randomCatalog: fc.Arbitrary<FeatureCatalog> = fc
  .tuple(
    fc.array(overTransactions(numericAggregate), { minLength: 1, maxLength: 12 }),
    fc.array(overTransactions(textAggregate), { maxLength: 3 }),
    fc.array(overCards, { maxLength: 2 }),
    fc.subarray([...PLAIN]),
  )
  .chain(([numeric, text, cards, plain]) => {
    const features = [
      ...numeric.map((definition, i) => featureOf(`n${i}`, 'numeric', definition)),
      ...text.map((definition, i) => featureOf(`t${i}`, 'categorical', definition)),
      ...cards.map((definition, i) => featureOf(`c${i}`, 'numeric', definition)),
      ...plain.map(([type, definition], i) => featureOf(`p${i}`, type, definition)),
    ];
    const names = features.filter((feature) => feature.type === 'numeric').map((feature) => feature.name);
    return fc.tuple(arithmetic(names), arithmetic([...names, 'd0'])).map(([first, second]) => ({
      features: [
        ...features,
        featureOf('d0', 'numeric', { kind: 'derived', expression: first }),
        featureOf('d1', 'numeric', { kind: 'derived', expression: second }),
      ],
    }));
  });
