import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreditPolicy, FeatureRow, FraudDefinition, ModelManifest } from '../domain/index.ts';
import { GENESIS_HASH } from '../platform/index.ts';
import { decisionResult } from './decide.ts';
import type { OpenModel } from './model.ts';
import { chainRecord, type DecisionBody, type DecisionRecord } from './record.ts';
import { type ReplayDependencies, replayDecision, replayRecord } from './replay.ts';

const FEATURES: FeatureRow = { arrears: 2, income: 250_000 };

/** pd grows with arrears; `shift` makes another model of it. */
function modelOf(shift = 0): OpenModel {
  const score: OpenModel['scorer']['score'] = (row) => {
    const margin = -2 + 0.5 * Number(row['arrears'] ?? 0) + shift;
    const pd = 1 / (1 + Math.exp(-margin));
    const reason = { code: 'R1', text: 'Payments missed', feature: 'arrears', points: 20 * margin };
    return { margin, pd, score: 600 - 20 * margin, grade: 'C', reasons: [reason] };
  };
  return { manifest: {} as ModelManifest, scorer: { score, attributions: () => ({ reference: 0, byFeature: {} }) } };
}

function policyOf(limit: number): CreditPolicy {
  const when = { fact: 'pd', op: '>', value: limit } as const;
  const reason = { code: 'PD', text: 'The risk is too high' };
  return {
    ...{ format: 'assay-policy/1', version: '1', status: 'live', description: '', limits: [], pricing: [] },
    rules: [{ id: 'pd', kind: 'cut_off', description: 'pd too high', when, outcome: 'declined', reason }],
  };
}

const application = { applicationId: 'A1', borrowerId: 'B1', columns: { amount_minor: 100_000 } };
const result = decisionResult({
  ...{ policy: policyOf(0.5), model: modelOf(), application, features: FEATURES, missing: [], currency: 'EUR' },
});
const record = chainRecord(
  {
    body: {
      ...{ decisionId: 'D1', application, features: FEATURES, missing: [], currency: 'EUR', result },
      ...{
        asOf: '2026-01-01T00:00:00.000Z',
        catalogHash: 'catalog',
        modelVersion: 'm',
        policyHash: 'p',
        responseHash: '',
      },
    } as unknown as DecisionBody,
    response: '',
  },
  { sequence: 0, hash: GENESIS_HASH },
);
// sha256 of the empty answer, so that the record is intact
const intact: DecisionRecord = chainRecord(
  {
    body: { ...record.body, responseHash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    response: '',
  },
  { sequence: 0, hash: GENESIS_HASH },
);

type Changes = {
  readonly model?: OpenModel;
  readonly policy?: CreditPolicy;
  readonly features?: FeatureRow;
  readonly catalogHash?: string;
  readonly record?: DecisionRecord;
};

/** One shared device says half. */
const fraudDefinition = async (): Promise<FraudDefinition> => ({
  links: [
    {
      id: 'device',
      kind: 'device',
      columns: ['device'],
      windowDays: 30,
      ordinary: 0,
      weight: 0.5,
      text: 'Same device',
    },
  ],
});

function replayWith(changes: Changes = {}) {
  const model = changes.model ?? modelOf();
  const dependencies: ReplayDependencies = {
    models: { champion: async () => model, version: async () => model },
    features: {
      catalogHash: changes.catalogHash ?? 'catalog',
      featuresFor: () => Promise.reject(new Error('a replay is as of then')),
      featuresAsOf: async () => changes.features ?? FEATURES,
    },
    store: { get: async () => undefined, policy: async () => changes.policy ?? policyOf(0.5), fraudDefinition },
  };
  return { dependencies, replay: replayRecord(dependencies, changes.record ?? intact) };
}

test('the same inputs and versions give the same bits', async () => {
  const replay = await replayWith().replay;
  assert.deepEqual([replay.identical, replay.features.identical, replay.causes], [true, true, []]);
  assert.ok(replay.compared > 10 && replay.features.compared === 2);
});

test('a model that gives something else is named, also where the outcome follows it', async () => {
  const { identical, causes, differences } = await replayWith({ model: modelOf(1.5) }).replay;
  assert.deepEqual([identical, causes], [false, ['model']]);
  const fields = differences.map(({ field }) => field);
  assert.ok(fields.includes('pd') && fields.includes('reasons.0.points') && fields.includes('outcome'));
});

test('one bit of one number is a difference', async () => {
  const { causes, differences } = await replayWith({ model: modelOf(Number.EPSILON) }).replay;
  assert.deepEqual([causes, differences.some(({ field }) => field === 'margin')], [['model'], true]);
});

test('a policy that says something else is named', async () => {
  const { causes, differences } = await replayWith({ policy: policyOf(0.01) }).replay;
  assert.deepEqual(causes, ['policy']);
  assert.deepEqual(
    differences.find(({ field }) => field === 'outcome'),
    { field: 'outcome', recorded: '"approved"', recomputed: '"declined"' },
  );
});

test('features that come out differently are the data’s doing, or their definitions’', async () => {
  const features = { ...FEATURES, arrears: 3 };
  const changed = await replayWith({ features }).replay;
  assert.deepEqual([changed.identical, changed.causes], [true, ['data']]);
  assert.deepEqual(changed.features.differences, [{ field: 'arrears', recorded: '2', recomputed: '3' }]);
  const redefined = await replayWith({ features: { ...FEATURES, age: 40 }, catalogHash: 'other' }).replay;
  assert.deepEqual(redefined.causes, ['feature']);
  assert.deepEqual(redefined.features.differences, [{ field: 'age', recorded: '(absent)', recomputed: '40' }]);
});

test('an edited record is named', async () => {
  const edited = { ...intact, hash: GENESIS_HASH };
  assert.deepEqual((await replayWith({ record: edited }).replay).causes, ['record']);
});

test('a decision that is not there is not found', async () => {
  await assert.rejects(replayDecision(replayWith().dependencies, 'D2'), /no such decision/);
});

test('signals of fraud are computed again from what was seen; another figure in the record is named', async () => {
  const seen = { links: { device: 2 }, income: null };
  const signal = { id: 'device', kind: 'device', text: 'Same device', value: 2, evidence: 0.75 };
  const recordOf = (score: number): DecisionRecord => ({
    ...intact,
    body: {
      ...intact.body,
      fraud: { definitionHash: 'd', seen, assessment: { score, band: 'high', signals: [signal] } },
    },
  });
  const same = await replayWith({ record: recordOf(0.75) }).replay;
  assert.deepEqual([same.identical, same.causes], [true, []]);
  const other = await replayWith({ record: recordOf(0.7) }).replay;
  assert.deepEqual(other.causes, ['fraud']);
  assert.deepEqual(other.differences, [{ field: 'fraud.score', recorded: '0.7', recomputed: '0.75' }]);
});
