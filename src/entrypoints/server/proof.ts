import type { OpenModel } from '../../decisions/index.ts';
import type { LiftEvidence, ModelManifest, Portfolio } from '../../domain/index.ts';
import { refuseWithoutLift } from '../../features/index.ts';
import type { ModelEvidence } from '../../platform/index.ts';

type Check = (manifest: ModelManifest, evidence: readonly LiftEvidence[]) => void;

/** Evidence of versions, and what they must show. */
export type Proof = {
  readonly evidence: Pick<ModelEvidence, 'of'>;
  /** Throws when a version may not become the champion. */
  readonly mayLead: Check;
  /** Throws when the champion may not be used, however it became that: social-network data alone. */
  readonly mayServe: Check;
};

export function proofFor(portfolio: Portfolio, evidence: Pick<ModelEvidence, 'of'>): Proof {
  const socialOnly = { ...portfolio, alternativeNeedsLift: false };
  return {
    evidence,
    mayLead: (manifest, found) => refuseWithoutLift(portfolio, manifest, found),
    mayServe: (manifest, found) => refuseWithoutLift(socialOnly, manifest, found),
  };
}

/** The checks of a proof, or of none; a champion is asked once for as long as it is open. */
export function checksOf(proof: Proof | undefined) {
  const served = new WeakSet<OpenModel>();
  const evidenceOf = async (modelVersion: string): Promise<LiftEvidence[]> =>
    (await proof?.evidence.of(modelVersion)) ?? [];
  const assertServable = async (model: OpenModel): Promise<void> => {
    if (served.has(model)) return;
    proof?.mayServe(model.manifest, await evidenceOf(model.manifest.modelVersion));
    served.add(model);
  };
  return { evidenceOf, assertServable };
}
