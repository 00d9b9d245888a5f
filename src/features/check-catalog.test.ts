import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Arithmetic,
  AssayError,
  accountsTable,
  borrowersTable,
  districtsTable,
  type FeatureDefinition,
  type FeatureExpression,
  loanApplicationsTable,
  outcomesTable,
  type TableSchema,
  transactionsTable,
} from '../domain/index.ts';
import { catalogHash, checkCatalog, featureHashes } from './check-catalog.ts';

const groupsTable: TableSchema = {
  name: 'group_statistics',
  description: 'A figure per ethnic group: the protected trait under another name.',
  key: ['clan'],
  knownTime: 'known_at',
  columns: [
    { name: 'clan', type: 'text', dataClass: 'financial' },
    { name: 'mean_income_minor', type: 'money', dataClass: 'financial' },
    { name: 'friends', type: 'integer', dataClass: 'social_network' },
    { name: 'known_at', type: 'timestamp', dataClass: 'financial' },
  ],
};
const clan = { name: 'clan', type: 'text', dataClass: 'protected', nullable: true } as const;
const tables = [
  loanApplicationsTable,
  { ...borrowersTable, columns: [...borrowersTable.columns, clan] },
  districtsTable,
  transactionsTable,
  accountsTable,
  outcomesTable,
  groupsTable,
];

const named = (
  name: string,
  definition: FeatureExpression,
  type: FeatureDefinition['type'] = 'numeric',
): FeatureDefinition => ({
  name,
  title: name,
  unit: 'test',
  nullMeaning: 'none',
  type,
  definition,
  reason: { code: 'T', text: name },
});
const amount = named('amount', { kind: 'attribute', column: 'amount_minor' });
const derived = (name: string, expression: Arithmetic): FeatureDefinition =>
  named(name, { kind: 'derived', expression });
const of = (name: string): Arithmetic => ({ op: 'feature', name });

function refusal(...features: FeatureDefinition[]): AssayError {
  try {
    checkCatalog({ features }, tables);
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  assert.fail('the catalog was accepted');
}

const byBorrower = [{ table: 'borrowers', on: 'borrower_id' }] as const;

test('names, columns, types and windows are checked, all at once', () => {
  const error = refusal(
    named('Amount', { kind: 'attribute', column: 'amount_minor' }),
    amount,
    amount,
    named('fold', { kind: 'attribute', column: 'amount_minor' }),
    named('nothing', { kind: 'attribute', column: 'nothing' }),
    named('purpose', { kind: 'attribute', column: 'purpose' }),
    named('when', { kind: 'attribute', column: 'applied_at' }),
    named('text_sum', { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'sum', column: 'category' } }),
    named('window', { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'count' }, windowDays: 1.5 }),
    named('gone', { kind: 'aggregate', source: 'calls', aggregate: { fn: 'count' } }),
    named('typo', {
      kind: 'aggregate',
      source: 'transactions',
      aggregate: { fn: 'count' },
      where: [{ column: 'category', op: '=', value: 'sallary' }],
    }),
    derived('lost', of('no_such_feature')),
  );
  assert.equal(error.code, 'bad_input');
  const paths = new Set(error.parts.issues?.map((issue) => issue.path));
  const expected = [
    'Amount',
    'amount',
    'fold',
    'nothing',
    'purpose',
    'when',
    'text_sum',
    'window',
    'gone',
    'typo',
    'lost',
  ];
  assert.deepEqual([...paths].sort(), expected.sort());
  assert.match(error.message, /given: .*allowed: .*fix: /);
});

test('a sum of floats is refused: its last bits depend on the order of rows', () => {
  const floats: TableSchema = {
    ...transactionsTable,
    columns: transactionsTable.columns.map((column) =>
      column.name === 'amount_minor' ? { ...column, type: 'double' } : column,
    ),
  };
  const mean = named('mean', {
    kind: 'aggregate',
    source: 'transactions',
    aggregate: { fn: 'mean', column: 'amount_minor' },
  });
  assert.throws(
    () => checkCatalog({ features: [mean] }, [loanApplicationsTable, floats]),
    /mean of "amount_minor" \(double\)/,
  );
});

test('a feature made from itself is refused and the circle is shown', () => {
  const error = refusal(
    derived('a', of('b')),
    derived('b', { op: 'add', left: of('c'), right: { op: 'number', value: 1 } }),
    derived('c', of('a')),
  );
  assert.match(error.parts.issues?.[0]?.message ?? '', /a -> b -> c -> a/);
});

test('the label cannot be reached', () => {
  const path = [{ table: 'outcomes', on: 'application_id' }];
  assert.match(
    refusal(named('cheat', { kind: 'lookup', path, column: 'defaulted' })).message,
    /what is to be predicted/,
  );
});

test('the class of a feature is the strictest of all it is made from', () => {
  const features = [
    amount,
    named('dependents', { kind: 'lookup', path: byBorrower, column: 'dependents' }),
    named('crime', {
      kind: 'lookup',
      path: [...byBorrower, { table: 'districts', on: 'district_id' }],
      column: 'crimes_per_1000',
    }),
    derived('mixed', { op: 'divide', left: of('amount'), right: of('dependents') }),
    derived('twice', { op: 'add', left: of('mixed'), right: of('crime') }),
    derived('age', { op: 'days_before_as_of', of: { kind: 'lookup', path: byBorrower, column: 'birth_date' } }),
  ];
  const checked = checkCatalog({ features }, tables).features;
  assert.deepEqual(
    checked.map((feature) => feature.dataClass),
    ['financial', 'demographic', 'alternative', 'demographic', 'alternative', 'demographic'],
  );
  assert.deepEqual(
    checked.map((feature) => feature.level),
    [0, 0, 0, 1, 2, 1],
  );
  assert.ok(checked[4]?.lineage.includes('borrowers.dependents'));
});

test('protected data is refused under any name: direct, joined by, filtered by, derived from', () => {
  const direct = named('x', { kind: 'lookup', path: byBorrower, column: 'sex' }, 'categorical');
  const joined = named('x', {
    kind: 'lookup',
    path: [...byBorrower, { table: 'group_statistics', on: 'clan' }],
    column: 'mean_income_minor',
  });
  const accounts: TableSchema = {
    ...accountsTable,
    columns: [...accountsTable.columns, { name: 'owner_sex', type: 'text', dataClass: 'protected' }],
  };
  const filtered = named('x', {
    kind: 'aggregate',
    source: 'accounts',
    aggregate: { fn: 'count' },
    where: [{ column: 'owner_sex', op: '=', value: 'F' }],
  });
  for (const feature of [direct, joined]) {
    const error = refusal(feature);
    assert.equal(error.code, 'forbidden');
    assert.match(error.message, /protected/);
  }
  assert.throws(() => checkCatalog({ features: [filtered] }, [loanApplicationsTable, accounts]), /is protected/);
  const issues = refusal(joined, derived('y', { op: 'negate', of: of('x') })).parts.issues;
  assert.deepEqual(
    issues?.map((issue) => issue.path),
    ['x', 'y'],
  );
});

test('a column named after a protected trait cannot pass under a lower class, read or not', () => {
  const mislabelled = (name: string): TableSchema => ({
    ...loanApplicationsTable,
    columns: [...loanApplicationsTable.columns, { name, type: 'text', dataClass: 'financial' }],
  });
  for (const name of ['gender', 'owner_sex', 'marital_status', 'ethnicity', 'nationality_code', 'religion', 'RACE']) {
    assert.throws(
      () => checkCatalog({ features: [amount] }, [mislabelled(name)]),
      (error) => error instanceof AssayError && error.parts.issues?.[0]?.path === `loan_applications.${name}`,
      name,
    );
  }
  for (const name of ['essex_branch', 'trace_id', 'embrace', 'foreign_currency']) {
    assert.doesNotThrow(() => checkCatalog({ features: [amount] }, [mislabelled(name)]), name);
  }
});

test('a class may be raised by hand, never lowered; social-network data is refused', () => {
  const raised = { ...amount, dataClass: 'social_network' as const };
  assert.match(refusal(raised).message, /social-network gate/);
  const path = [...byBorrower, { table: 'districts', on: 'district_id' }];
  const lowered = {
    ...named('x', { kind: 'lookup', path, column: 'crimes_per_1000' }),
    dataClass: 'financial' as const,
  };
  assert.equal(checkCatalog({ features: [lowered] }, tables).features[0]?.dataClass, 'alternative');
});

test('hashes follow content, not order; a change upstream changes what is made from it', () => {
  const double = derived('double', { op: 'add', left: of('amount'), right: of('amount') });
  const term = named('term', { kind: 'attribute', column: 'term_months' });
  assert.equal(catalogHash({ features: [amount, term] }), catalogHash({ features: [term, amount] }));
  const before = featureHashes({ features: [amount, term, double] });
  const after = featureHashes({ features: [{ ...amount, unit: 'cents' }, term, double] });
  assert.notEqual(before.get('double'), after.get('double'));
  assert.equal(before.get('term'), after.get('term'));
});
