import { AssayError } from '../domain/index.ts';
import { canonicalJson } from './canonical-json.ts';
import { decisionResult } from './decide.ts';
import type { ModelSource } from './model.ts';
import { type DecisionRecord, isIntact } from './record.ts';
import type { DecisionStore } from './store.ts';

export type ReplayDependencies = {
  readonly models: ModelSource;
  readonly store: DecisionStore;
};

export type Replay = {
  readonly decisionId: string;
  /** Every recomputed value has the same bits as the recorded one. */
  readonly identical: boolean;
  readonly recordHashValid: boolean;
  readonly compared: number;
  readonly differences: readonly { readonly field: string; readonly recorded: string; readonly recomputed: string }[];
};

/**
 * Computes a decision again from its record: the recorded features through the recorded model version and the recorded policy.
 * @throws AssayError not_found; tampered when the model or the policy is not what it was
 */
export async function replayDecision(dependencies: ReplayDependencies, decisionId: string): Promise<Replay> {
  const record = await findDecision(dependencies.store, decisionId);
  const { body } = record;
  const result = decisionResult({
    policy: await dependencies.store.policy(body.policyHash),
    model: await dependencies.models.version(body.modelVersion),
    application: body.application,
    features: body.features,
    missing: body.missing,
    currency: body.currency,
  });
  const recorded = leaves(body.result);
  const recomputed = leaves(result);
  const differences = [...new Set([...recorded.keys(), ...recomputed.keys()])]
    .filter((field) => recorded.get(field) !== recomputed.get(field))
    .map((field) => ({
      field,
      recorded: recorded.get(field) ?? '(absent)',
      recomputed: recomputed.get(field) ?? '(absent)',
    }));
  const recordHashValid = isIntact(record);
  return {
    decisionId,
    identical: differences.length === 0 && recordHashValid,
    recordHashValid,
    compared: recorded.size,
    differences,
  };
}

/** @throws AssayError not_found */
export async function findDecision(store: DecisionStore, decisionId: string): Promise<DecisionRecord> {
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
