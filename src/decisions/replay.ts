import { AssayError, canonicalJson, type FeatureRow } from '../domain/index.ts';
import { assessSeen } from '../fraud/index.ts';
import { decisionResult, type FeatureSource } from './decide.ts';
import type { ModelSource } from './model.ts';
import { type DecisionBody, type DecisionRecord, isIntact } from './record.ts';
import type { DecisionStore } from './store.ts';

export type ReplayDependencies = {
  readonly models: ModelSource;
  readonly features: FeatureSource;
  readonly store: Pick<DecisionStore, 'get' | 'policy' | 'fraudDefinition'>;
};

/**
 * What a difference comes from: the stored record was edited; the model, the policy or the fraud check gives something else for
 * the recorded inputs; the features as of then come out differently today, because their definitions changed or because the data did.
 */
export type ReplayCause = 'record' | 'model' | 'policy' | 'fraud' | 'feature' | 'data';

export type ReplayDifference = { readonly field: string; readonly recorded: string; readonly recomputed: string };

export type Replay = {
  readonly decisionId: string;
  /** Every value recomputed from the record has the same bits as the recorded one. */
  readonly identical: boolean;
  readonly recordHashValid: boolean;
  readonly compared: number;
  readonly differences: readonly ReplayDifference[];
  /** The features as of then, computed again from the facts known then: with differences under the names of features. */
  readonly features: {
    readonly identical: boolean;
    readonly sameCatalog: boolean;
    readonly compared: number;
    readonly differences: readonly ReplayDifference[];
  };
  /** Empty: the same bits everywhere. */
  readonly causes: readonly ReplayCause[];
};

/** @throws AssayError not_found; tampered when the model or the policy is not what it was */
export async function replayDecision(dependencies: ReplayDependencies, decisionId: string): Promise<Replay> {
  return replayRecord(dependencies, await findDecision(dependencies.store, decisionId));
}

/**
 * Computes a decision again, twice over: its result from the recorded features through the recorded model version and the
 * recorded policy, and its features from the facts that were known then. Every difference is attributed.
 * @throws AssayError tampered when the model or the policy is not what it was
 */
export async function replayRecord(dependencies: ReplayDependencies, record: DecisionRecord): Promise<Replay> {
  const { body } = record;
  const fraud =
    body.fraud && assessSeen(await dependencies.store.fraudDefinition(body.fraud.definitionHash), body.fraud.seen);
  const result = decisionResult({
    policy: await dependencies.store.policy(body.policyHash),
    model: await dependencies.models.version(body.modelVersion),
    application: body.application,
    features: body.features,
    missing: body.missing,
    fraud,
    currency: body.currency,
  });
  const { compared, differences } = compare(
    { ...body.result, ...(body.fraud && { fraud: body.fraud.assessment }) },
    { ...result, ...(fraud && { fraud }) },
  );
  const recordHashValid = isIntact(record);
  const features = await replayFeatures(dependencies.features, body);
  return {
    decisionId: body.decisionId,
    identical: differences.length === 0 && recordHashValid,
    recordHashValid,
    compared,
    differences,
    features,
    causes: causesOf(recordHashValid, differences, features),
  };
}

async function replayFeatures(source: FeatureSource, body: DecisionBody): Promise<Replay['features']> {
  const recomputed: FeatureRow = await source.featuresAsOf(body.application, new Date(body.asOf));
  const { compared, differences } = compare(body.features, recomputed);
  return {
    identical: differences.length === 0,
    sameCatalog: source.catalogHash === body.catalogHash,
    compared,
    differences,
  };
}

/** What the scorer gives; the rest of a result follows from it by the policy. */
const SCORED = /^(margin|pd|score|grade|reasons)(\.|$)/;

function causesOf(
  recordHashValid: boolean,
  differences: readonly ReplayDifference[],
  features: Replay['features'],
): ReplayCause[] {
  const isScored = differences.some(({ field }) => SCORED.test(field));
  const isFraud = differences.some(({ field }) => field.startsWith('fraud.'));
  return [
    ...(recordHashValid ? [] : (['record'] as const)),
    ...(isScored ? (['model'] as const) : []),
    ...(isFraud ? (['fraud'] as const) : []),
    ...(differences.length > 0 && !isScored && !isFraud ? (['policy'] as const) : []),
    ...(features.identical ? [] : [features.sameCatalog ? ('data' as const) : ('feature' as const)]),
  ];
}

function compare(recordedValue: unknown, recomputedValue: unknown) {
  const [recorded, recomputed] = [leaves(recordedValue), leaves(recomputedValue)];
  const differences = [...new Set([...recorded.keys(), ...recomputed.keys()])]
    .filter((field) => recorded.get(field) !== recomputed.get(field))
    .map((field) => ({
      field,
      recorded: recorded.get(field) ?? '(absent)',
      recomputed: recomputed.get(field) ?? '(absent)',
    }));
  return { compared: recorded.size, differences };
}

/** @throws AssayError not_found */
export async function findDecision(store: Pick<DecisionStore, 'get'>, decisionId: string): Promise<DecisionRecord> {
  const record = await store.get(decisionId);
  if (record) return record;
  throw new AssayError('not_found', { what: 'no such decision', given: decisionId, fix: 'check the id' });
}

/** Every leaf of a value as text by path; numbers in the form that reads back to the same bits. */
function leaves(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  const members = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  if (members.length === 0) into.set(path, canonicalJson(value));
  for (const [key, member] of members) leaves(member, path === '' ? key : `${path}.${key}`, into);
  return into;
}
