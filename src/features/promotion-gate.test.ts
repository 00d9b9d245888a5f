import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AssayError,
  type FeatureDefinition,
  type GroupImpact,
  type Interval,
  type LiftEvidence,
  type Portfolio,
  type TableSchema,
} from '../domain/index.ts';
import { liftRefusals, provenInputs, refuseWithoutLift } from './promotion-gate.ts';

const shown: Interval = { value: 0.01, lower: 0.002, upper: 0.018 };
const at = (value: number): Interval => ({ value, lower: value - 0.1, upper: value + 0.1 });
const group = (airWithout: Interval | null, airWith: Interval | null): GroupImpact => ({
  ...{ trait: 'sex', name: 'female', count: 400, airWith, airWithout },
});
const evidence = (changed: Partial<LiftEvidence> = {}): LiftEvidence => ({
  format: 'assay-lift/1',
  modelVersion: 'book-boosted-1',
  snapshotHash: 's1',
  dataClass: 'alternative',
  features: ['words'],
  challenger: 'book-boosted-2',
  measuredOn: 'out_of_fold',
  rows: 1000,
  defaults: 100,
  aucWith: 0.71,
  aucWithout: 0.7,
  lift: shown,
  approvedShare: 0.8,
  traits: ['sex'],
  groups: [group(at(0.9), at(0.91))],
  measuredAt: '2026-11-25T00:00:00.000Z',
  ...changed,
});

test('a lift carries a version only when it is shown and no group loses', () => {
  assert.deepEqual(liftRefusals(evidence()), []);
  assert.match(liftRefusals(evidence({ lift: { ...shown, lower: -0.001 } })).join(), /holds 0/);
  assert.match(liftRefusals(evidence({ lift: { ...shown, lower: 0 } })).join(), /holds 0/);
  assert.match(liftRefusals(evidence({ groups: [group(at(0.9), at(0.8999))] })).join(), /female \(sex\) falls/);
  assert.match(liftRefusals(evidence({ groups: [group(at(0.9), null)] })).join(), /nobody of female/);
});

test('where no group can be seen, alternative data may lead and social-network data may not', () => {
  const unseen = { traits: [], groups: [] };
  assert.deepEqual(liftRefusals(evidence(unseen)), []);
  assert.match(liftRefusals(evidence({ ...unseen, dataClass: 'social_network' })).join(), /no group is known/);
  const tooFew = [group(null, null)];
  assert.match(liftRefusals(evidence({ groups: tooFew, dataClass: 'social_network' })).join(), /no group is known/);
});

const table: TableSchema = {
  name: 'loan_applications',
  description: '',
  key: ['application_id'],
  eventTime: 'applied_at',
  columns: [
    { name: 'application_id', type: 'text', dataClass: 'financial' },
    { name: 'borrower_id', type: 'text', dataClass: 'financial' },
    { name: 'applied_at', type: 'timestamp', dataClass: 'financial' },
    { name: 'income_minor', type: 'money', dataClass: 'financial' },
    { name: 'words', type: 'integer', dataClass: 'alternative' },
  ],
};
const read = (name: string, column: string): FeatureDefinition => ({
  ...{ name, title: name, unit: 'count', nullMeaning: 'none', type: 'numeric' },
  definition: { kind: 'attribute', column },
  reason: { code: 'R', text: 'Told' },
});
const portfolio: Pick<Portfolio, 'features' | 'sources' | 'alternativeNeedsLift'> = {
  alternativeNeedsLift: true,
  features: { features: [read('income', 'income_minor'), read('words', 'words')] },
  sources: [{ name: 'book', path: 'b.csv', format: 'csv', targets: [{ table, map: () => null }] }],
};
const version = (...names: string[]) => ({
  modelVersion: 'book-boosted-1',
  snapshotHash: 's1',
  inputs: names.map((name) => ({ kind: 'numeric' as const, name })),
});
const isRefused = (error: unknown) => error instanceof AssayError && error.code === 'forbidden';

test('what must be proven is found by lineage, and only where the book asks for it', () => {
  assert.deepEqual(provenInputs(portfolio, version('income', 'words')), [
    { dataClass: 'alternative', features: ['words'] },
  ]);
  assert.deepEqual(provenInputs(portfolio, version('income')), []);
  assert.deepEqual(provenInputs({ ...portfolio, alternativeNeedsLift: false }, version('words')), []);
});

test('evidence counts for its own version, training set and features alone', () => {
  const both = version('income', 'words');
  assert.doesNotThrow(() => refuseWithoutLift(portfolio, both, [evidence()]));
  assert.doesNotThrow(() => refuseWithoutLift(portfolio, version('income'), []));
  for (const foreign of [
    [],
    [evidence({ modelVersion: 'book-boosted-3' })],
    [evidence({ snapshotHash: 's2' })],
    [evidence({ features: ['title'] })],
    [evidence({ dataClass: 'social_network' })],
    [evidence({ lift: { ...shown, lower: -1 } })],
  ])
    assert.throws(() => refuseWithoutLift(portfolio, both, foreign), isRefused);
});
