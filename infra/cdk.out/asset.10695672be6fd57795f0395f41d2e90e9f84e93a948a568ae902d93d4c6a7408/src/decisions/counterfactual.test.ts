import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  AssayError,
  type ColumnSchema,
  type CreditPolicy,
  column,
  type FeatureRow,
  type Lever,
  type ModelManifest,
  type Portfolio,
  type TableSchema,
} from '../domain/index.ts';
import { compileRevision, define } from '../features/index.ts';
import { annuity, monthlyRateOf } from './annuity.ts';
import { type Decided, findCounterfactuals } from './counterfactual.ts';
import { leversOf } from './levers.ts';

/** The search over any model: here a random one in four numbers, so that what is found can be checked by asking it again. */
const { aggregate, attribute, derived, divide, feature, numeric, ratio } = define;
const about = { title: 'x', unit: 'count', nullMeaning: '', reason: { code: 'A1', text: 'something said' } };
const applications: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    column.text('application_id'),
    column.text('borrower_id'),
    column.timestamp('applied_at'),
    column.money('amount_minor', { min: 1 }),
    column.integer('term_months'),
    column.money('instalment_minor', { nullable: true }),
    column.integer('age', { dataClass: 'demographic' }),
    column.text('sex', { dataClass: 'protected' }),
  ],
};
const bookings: TableSchema = {
  name: 'bookings',
  description: '',
  key: ['id'],
  eventTime: 'at',
  columns: [column.text('id'), column.text('borrower_id'), column.timestamp('at'), column.money('amount_minor')],
};
const features = [
  numeric('amount', attribute('amount_minor'), about),
  numeric('instalment', attribute('instalment_minor'), about),
  numeric('age', attribute('age'), about),
  numeric('income', aggregate('bookings', { fn: 'sum', column: 'amount_minor' }, { windowDays: 90 }), about),
  numeric('late', aggregate('bookings', { fn: 'count' }, { windowDays: 90 }), { ...about, monotone: 'increasing' }),
  numeric('late_ever', aggregate('bookings', { fn: 'count' }), about),
  numeric('burden', ratio('instalment', 'income'), about),
  numeric('amount_to_income', derived(divide(feature('amount'), feature('income'))), about),
];
const tables = [applications, bookings];
const levers: Lever[] = [
  {
    id: 'amount',
    kind: 'request',
    on: { column: 'amount_minor' },
    direction: 'lower',
    limit: 50_000,
    step: 1_000,
    advice: '',
  },
  { id: 'term', kind: 'request', on: { column: 'term_months' }, direction: 'higher', limit: 84, step: 12, advice: '' },
  {
    id: 'late',
    kind: 'conduct',
    on: { feature: 'late' },
    direction: 'lower',
    limit: 0,
    step: 1,
    overDays: 90,
    advice: '',
  },
];
const portfolioWith = (given: readonly Lever[] | undefined, extra: readonly ColumnSchema[] = []): Portfolio =>
  ({
    features: { features },
    sources: [
      {
        targets: tables.map((table) => ({
          table: table.name === 'loan_applications' ? { ...table, columns: [...table.columns, ...extra] } : table,
        })),
      },
    ],
    ...(given && { levers: given }),
  }) as unknown as Portfolio;
const revise = compileRevision({ features }, tables);

const policy: CreditPolicy = {
  format: 'assay-policy/1',
  version: '1',
  status: 'live',
  description: '',
  limits: [{ grade: 'A', maxAmountMinor: 4_000_000 }],
  pricing: [],
  rules: [
    {
      id: 'pd',
      kind: 'cut_off',
      description: '',
      when: { fact: 'pd', op: '>', value: 0.2 },
      outcome: 'declined',
      reason: { code: 'P', text: 'p' },
    },
    {
      id: 'burden',
      kind: 'knock_out',
      description: '',
      when: { fact: 'feature.burden', op: '>', value: 0.5 },
      outcome: 'declined',
      reason: { code: 'B', text: 'b' },
    },
  ],
};

function decidedOf(weights: readonly number[], columns: Record<string, number>, row: FeatureRow): Decided {
  const pdOf = (one: FeatureRow): number => {
    const names = ['amount_to_income', 'burden', 'late', 'age'];
    const margin = names.reduce((sum, name, i) => sum + weights[i]! * Number(one[name] ?? 0), weights[4]!);
    return 1 / (1 + Math.exp(-margin));
  };
  const score = (one: FeatureRow) => ({ margin: 0, pd: pdOf(one), score: 0, grade: 'A', reasons: [] });
  const scorer = { score, attributions: () => ({ reference: 0, byFeature: {} }) };
  const model = { manifest: {} as ModelManifest, scorer };
  return { policy, model, columns, features: revise(row, { columns }), missing: [], currency: 'EUR' };
}

const CASES = fc.record({
  weights: fc
    .tuple(
      ...[0.3, 2, 1].map((max) => fc.double({ min: 0, max, noNaN: true })),
      fc.double({ min: -5, max: -1, noNaN: true }),
    )
    .map(([amountWeight = 0, burden = 0, late = 0, intercept = 0]) => [amountWeight, burden, late, 0, intercept]),
  amount: fc.integer({ min: 60_000, max: 5_000_000 }),
  term: fc.constantFrom(12, 24, 36, 60),
  income: fc.integer({ min: 100_000, max: 1_500_000 }),
  late: fc.integer({ min: 0, max: 6 }),
});

test('every counterfactual flips when asked again, is the least of its kind, and stays on the levers', () => {
  let shown = 0;
  fc.assert(
    fc.property(CASES, ({ weights, amount, term, income, late }) => {
      const columns = {
        amount_minor: amount,
        term_months: term,
        instalment_minor: Math.ceil(annuity(amount, term, 0.01)),
      };
      const decided = decidedOf(weights, columns, { income, late, age: 30, late_ever: 9 });
      const outcomeWith = (changes: readonly { lever: Lever; to: number }[]) => {
        const allowed = changes.map((change) => ({ ...change.lever, limit: change.to }));
        return findCounterfactuals(decided, allowed, revise).length > 0;
      };
      for (const found of findCounterfactuals(decided, levers, revise)) {
        shown++;
        assert.equal(found.outcome, 'approved');
        assert.ok(found.pd <= 0.2);
        const ids = found.changes.map(({ lever }) => lever.id);
        assert.equal(new Set(ids).size, ids.length);
        for (const { lever, from, to } of found.changes) {
          assert.ok(
            lever.direction === 'lower' ? to < from && to >= lever.limit : to > from && to <= lever.limit,
            lever.id,
          );
          assert.equal(to % lever.step, 0);
          const others = found.changes.filter((change) => change.lever !== lever);
          if (others.length > 0) assert.ok(!outcomeWith(others), `${lever.id} can be left out`);
        }
      }
    }),
    { numRuns: 400 },
  );
  assert.ok(shown > 60, `only ${shown} were shown`);
});

test('the least change of one lever, and the instalment that follows it', () => {
  const columns = { amount_minor: 1_000_000, term_months: 12, instalment_minor: 90_000 };
  const decided = decidedOf([0, 0, 0, 0, -3], columns, { income: 150_000, late: 0, age: 30, late_ever: 0 });
  const [smaller, longer] = findCounterfactuals(decided, levers, revise);
  // burden 0.6 must be 0.5 at most: an instalment of 75,000
  const byId = new Map([smaller, longer].map((one) => [one!.changes[0]!.lever.id, one!]));
  assert.equal(byId.get('amount')!.changes[0]!.to, 833_000);
  assert.equal(byId.get('amount')!.columns['instalment_minor'], 74_970);
  assert.equal(byId.get('term')!.changes[0]!.to, 24);
});

test('nothing is asked when data is missing, or when nothing would help', () => {
  const columns = { amount_minor: 1_000_000, term_months: 12, instalment_minor: 90_000 };
  const hopeless = decidedOf([0, 0, 0, 0, 9], columns, { income: 150_000, late: 0, age: 30, late_ever: 0 });
  assert.deepEqual(findCounterfactuals(hopeless, levers, revise), []);
  const declined = decidedOf([0, 0, 0, 0, -3], columns, { income: 150_000, late: 0, age: 30, late_ever: 0 });
  assert.deepEqual(findCounterfactuals({ ...declined, missing: ['income'] }, levers, revise), []);
});

test('the rate that an instalment implies gives it back', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.05, noNaN: true }), fc.integer({ min: 2, max: 240 }), (rate, months) => {
      assert.ok(Math.abs(monthlyRateOf(1e6, months, annuity(1e6, months, rate)) - rate) < 1e-9);
    }),
  );
});

test('a lever on what cannot or may not change is refused, with the reason', () => {
  const lever = (on: Lever['on'], more: Partial<Lever> = {}): Lever => ({ ...levers[2]!, on, ...more });
  const refused: [Lever, RegExp][] = [
    [lever({ column: 'age' }), /age is demographic/],
    [lever({ feature: 'age' }), /age is demographic/],
    [lever({ column: 'sex' }), /sex is protected/],
    [lever({ feature: 'burden' }), /derived/],
    [lever({ feature: 'late_ever' }, { overDays: undefined as never }), /past/],
    [lever({ feature: 'late' }, { direction: 'higher' }), /raises the pd/],
    [lever({ feature: 'gone' }), /no feature gone/],
    [lever({ feature: 'late' }, { kind: 'request' }), /a request is a column/],
  ];
  for (const [one, message] of refused) {
    const isIt = (error: unknown) => error instanceof AssayError && message.test(error.message);
    assert.throws(() => leversOf(portfolioWith([one])), isIt, String(message));
  }
  assert.equal(leversOf(portfolioWith(levers)).length, 3);
  assert.deepEqual(leversOf(portfolioWith(undefined))[0]?.on, { column: 'amount_minor' });
});
