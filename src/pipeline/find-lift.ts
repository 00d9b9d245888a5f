import { AssayError, type LiftEvidence, type ModelManifest, selectColumns } from '../domain/index.ts';
import { liftRefusals, type ProvenInputs, provenInputs, readSnapshot, refuseWithoutLift } from '../features/index.ts';
import { groupImpacts } from '../monitoring/index.ts';
import { measureLift, readUnseen, storePredictions, type TrainingResult, type UnseenRows } from '../training/index.ts';
import type { PipelineDependencies } from './dependencies.ts';
import { type CandidateWork, trainBeside } from './steps/train.ts';

/** Impact ratios are told with so many approved. */
const APPROVED_SHARE = 0.8;

export type LiftDependencies = Omit<PipelineDependencies, 'dataDirectory' | 'sourcesDirectory' | 'generate' | 'online'>;

/** What was measured, and how the challenger predicts. */
export type FoundLift = { readonly evidence: LiftEvidence; readonly challenger: TrainingResult };

/**
 * The version that the pipeline may make the champion on its own: the one chosen, where it reads nothing that must be proven or is
 * shown to be carried, else the challenger without those features.
 * @throws AssayError forbidden when the challenger reads another class that is not carried either
 */
export async function provenVersion(
  dependencies: LiftDependencies,
  chosen: string,
  work: CandidateWork & { readonly actor: string },
): Promise<{ readonly modelVersion: string; readonly note?: string }> {
  const { portfolio, registry, evidence } = dependencies;
  const { manifest } = await registry.get(chosen);
  if (provenInputs(portfolio, manifest).length === 0) return { modelVersion: chosen };
  const found = await findLift(dependencies, { modelVersion: chosen, ...work });
  const failed = found.find((one) => liftRefusals(one.evidence).length > 0);
  if (!failed) return { modelVersion: chosen };
  const refused = failed.evidence;
  const { manifest: without } = await registry.get(refused.challenger);
  refuseWithoutLift(portfolio, without, await evidence.of(refused.challenger));
  // the pages read the predictions of the estimator that leads
  const { applicationIds } = await readSnapshot(dependencies);
  await storePredictions(dependencies, failed.challenger, applicationIds);
  return {
    modelVersion: refused.challenger,
    note: `without ${refused.dataClass} data: ${liftRefusals(refused).join('; ')}`,
  };
}

/**
 * Measures what a version gains by each class of features that must be proven: the same estimator is trained on the same rows and folds
 * without them and registered as a candidate, the two are compared on rows that neither saw (see `measureLift`), and impact ratios by
 * group are taken with four in five approved. What was found is kept, whatever it says.
 * @throws AssayError not_found; conflict for a version that was not trained on the present training set
 */
export async function findLift(
  dependencies: LiftDependencies,
  { modelVersion, actor, ...work }: CandidateWork & { readonly modelVersion: string; readonly actor: string },
): Promise<FoundLift[]> {
  const { portfolio, registry, evidence, warehouse, lake } = dependencies;
  const { manifest } = await registry.get(modelVersion);
  const found: FoundLift[] = [];
  for (const proven of provenInputs(portfolio, manifest)) {
    const unseen = await readUnseen({ warehouse, lake }, manifest);
    const beside = await challengerOf(dependencies, manifest, proven, work);
    assertSameCode(manifest, beside.manifest);
    await registry.register(beside.manifest, beside.files, actor);
    const challenger = beside.manifest.modelVersion;
    const one = await evidenceOf(dependencies, { manifest, proven, unseen, challenger, result: beside.result });
    await evidence.keep(portfolio.name, one, actor);
    found.push({ evidence: one, challenger: beside.result });
  }
  return found;
}

/** Two versions made by different code differ by more than their features. */
function assertSameCode(version: ModelManifest, challenger: ModelManifest): void {
  if (version.codeVersion === challenger.codeVersion) return;
  throw new AssayError('conflict', {
    what: 'the version was trained by other code than is here now',
    given: version.modelVersion,
    fix: `train it again, then measure: assay train --estimator ${version.estimator}`,
  });
}

async function challengerOf(
  dependencies: LiftDependencies,
  { estimator }: ModelManifest,
  { features }: ProvenInputs,
  work: CandidateWork,
) {
  const snapshot = await readSnapshot(dependencies);
  const names = snapshot.frame.columns.map(({ name }) => name).filter((name) => !features.includes(name));
  return trainBeside(dependencies, estimator, { ...snapshot, frame: selectColumns(snapshot.frame, names) }, work);
}

type Compared = {
  readonly manifest: ModelManifest;
  readonly proven: ProvenInputs;
  readonly unseen: UnseenRows;
  readonly challenger: string;
  readonly result: TrainingResult;
};

async function evidenceOf(dependencies: LiftDependencies, compared: Compared): Promise<LiftEvidence> {
  const { portfolio, clock, warehouse, lake, sealed } = dependencies;
  const { manifest, proven, unseen, challenger, result } = compared;
  const { test, outOfFold } = result;
  const without = unseen.fold ? outOfFold : { pd: test.pd, target: test.target };
  const lift = measureLift(unseen, without);
  const ranked = {
    applicationIds: unseen.applicationIds,
    pdWith: unseen.pd,
    pdWithout: without.pd,
    approvedShare: APPROVED_SHARE,
  };
  return {
    format: 'assay-lift/1',
    modelVersion: manifest.modelVersion,
    snapshotHash: manifest.snapshotHash,
    ...proven,
    challenger,
    measuredOn: unseen.fold ? 'out_of_fold' : 'out_of_time',
    rows: unseen.target.length,
    defaults: Array.from(unseen.target).reduce((sum, value) => sum + value, 0),
    aucWith: lift.aucA,
    aucWithout: lift.aucB,
    lift: lift.difference,
    approvedShare: APPROVED_SHARE,
    traits: sealed ? portfolio.protectedAttributes.map(({ column }) => column) : [],
    groups: sealed ? await groupImpacts({ warehouse, lake, sealed, portfolio }, ranked) : [],
    measuredAt: clock.now().toISOString(),
  };
}
