import { AssayError, ESTIMATOR_NAMES, type EstimatorName, type ModelManifest } from '../../domain/index.ts';
import {
  type ArtifactFiles,
  createBoosted,
  createForest,
  logistic,
  openArtifact,
  packArtifact,
  scorecard,
} from '../../estimators/index.ts';
import { readSnapshot } from '../../features/index.ts';
import { PIPELINE_ACTOR, type XgboostEngine } from '../../platform/index.ts';
import {
  type AnyEstimator,
  importPredictions,
  modelDocument,
  OUT_OF_FOLD_KEY,
  storePredictions,
  type TrainingResult,
  type TrainingSnapshot,
  trainEstimator,
} from '../../training/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import type { JsonObject, PipelineStep } from '../step.ts';

const TRAINING_CODE = ['src/domain', 'src/estimators', 'src/training', 'src/platform/xgboost'];
/** Of everything random in training; part of the model's identity. */
const TRAINING_SEED = 1;
export const DOCUMENT_FILE = 'document.html';

/** Cross-validates, calibrates, fits, evaluates, documents, signs and registers one estimator. */
export function trainEstimatorStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, registry, codeHash, lake } = dependencies;
  return {
    state: 'TrainEstimator',
    title: 'Train',
    itemOf: (input) => estimatorOf(input),
    inputHash: async (input) =>
      hashOf(
        estimatorOf(input),
        input['snapshot'] ?? null,
        JSON.stringify(portfolio.scale),
        TRAINING_SEED,
        await codeHash(TRAINING_CODE),
      ),
    run: async ({ input, signal, onProgress }) =>
      trainCandidate(dependencies, {
        estimator: estimatorOf(input),
        actor: PIPELINE_ACTOR,
        signal,
        onProgress: (share, note) => onProgress(share, 1, note),
      }),
    stands: async (output) =>
      (await lake.exists(OUT_OF_FOLD_KEY)) &&
      (await registry.files(String(output['modelVersion'])).then(
        () => true,
        () => false,
      )),
  };
}

/**
 * Sees to it that what was trained is in the registry: a version trained here is, one that a job made elsewhere is fetched, checked
 * by its signature and entered, with its predictions beside the snapshot.
 */
export function registerModelStep(dependencies: PipelineDependencies): PipelineStep {
  const { registry } = dependencies;
  return {
    state: 'RegisterModel',
    title: 'Register',
    itemOf: (input) => estimatorOf(input),
    inputHash: async (input) => hashOf(estimatorOf(input), input['trained'] ?? null),
    run: async ({ input }) => {
      const trained = objectOf(input['trained']);
      const candidate = isJob(trained) ? await importTrained(dependencies, estimatorOf(input), trained) : trained;
      return { ...candidate, ...(await dependencies.packVersion?.(String(candidate['modelVersion']))) };
    },
    stands: async ({ modelVersion }) =>
      registry.files(String(modelVersion)).then(
        () => true,
        () => false,
      ),
  };
}

/** What a training job answers, instead of a version: where it left its output. */
const isJob = (trained: JsonObject): boolean => typeof trained['modelUri'] === 'string';

async function importTrained(
  dependencies: PipelineDependencies,
  estimator: EstimatorName,
  job: JsonObject,
): Promise<JsonObject> {
  const { fetchTrained, signer, registry, warehouse, lake } = dependencies;
  if (!fetchTrained)
    throw new AssayError('internal', { what: 'a training job ran elsewhere, and nothing here can fetch its output' });
  const { files, predictions } = await fetchTrained(job);
  const { manifest } = openArtifact(files, (bytes, signed) => signer.verify(bytes, signed));
  if (manifest.estimator !== estimator || manifest.portfolio !== dependencies.portfolio.name) {
    throw new AssayError('conflict', {
      what: 'the training job made another model than it was asked for',
      given: `${manifest.portfolio}, ${manifest.estimator}`,
      allowed: `${dependencies.portfolio.name}, ${estimator}`,
    });
  }
  const seconds = await importPredictions({ warehouse, lake }, estimator, predictions);
  await registry.register(manifest, files, PIPELINE_ACTOR);
  return { estimator, modelVersion: manifest.modelVersion, auc: aucOf(manifest), seconds };
}

function aucOf({ metrics }: ModelManifest): { [split: string]: number } {
  return Object.fromEntries(Object.entries(metrics).map(([split, { auc }]) => [split, auc.value]));
}

function objectOf(value: JsonObject[string] | undefined): JsonObject {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new AssayError('internal', { what: 'nothing was trained', given: JSON.stringify(value ?? null) });
}

export type CandidateTraining = {
  readonly estimator: EstimatorName;
  /** Who makes the version, and so may not approve it. */
  readonly actor: string;
  readonly signal: AbortSignal;
  readonly onProgress: (share: number, note: string) => void;
};

export type TrainedCandidate = {
  readonly estimator: EstimatorName;
  readonly modelVersion: string;
  /** By split. */
  readonly auc: { readonly [split: string]: number };
  readonly seconds: number;
};

/** Trains one estimator on the snapshot that lies in the lake and registers the version as a candidate. */
export async function trainCandidate(
  dependencies: PipelineDependencies,
  { estimator, actor, signal, onProgress }: CandidateTraining,
): Promise<TrainedCandidate> {
  const { manifest, files, seconds } = await trainVersion(dependencies, estimator, { signal, onProgress });
  await dependencies.registry.register(manifest, files, actor);
  return { estimator, modelVersion: manifest.modelVersion, auc: aucOf(manifest), seconds };
}

export type VersionDependencies = Omit<
  PipelineDependencies,
  'dataDirectory' | 'sourcesDirectory' | 'generate' | 'registry' | 'evidence' | 'online'
>;

export type CandidateWork = Pick<CandidateTraining, 'signal' | 'onProgress'>;

/** One signed model version with its document, trained on the snapshot of the lake; its predictions are put beside the snapshot. */
export async function trainVersion(
  dependencies: VersionDependencies,
  name: EstimatorName,
  work: CandidateWork,
): Promise<{ manifest: ModelManifest; files: ArtifactFiles; seconds: number }> {
  const { warehouse, lake } = dependencies;
  const snapshot = await readSnapshot({ warehouse, lake });
  const { manifest, files, result } = await trainBeside(dependencies, name, snapshot, work);
  await storePredictions({ warehouse, lake }, result, snapshot.applicationIds);
  return { manifest, files, seconds: result.seconds };
}

/** As `trainVersion`, on a training set that is passed in, leaving what lies in the lake as it is. */
export async function trainBeside(
  { portfolio, signer, clock, nthread, codeHash, engine }: VersionDependencies,
  name: EstimatorName,
  snapshot: TrainingSnapshot,
  { signal, onProgress }: CandidateWork,
): Promise<{ manifest: ModelManifest; files: ArtifactFiles; result: TrainingResult }> {
  const request = {
    portfolio,
    estimator: await estimatorNamed(name, engine),
    snapshot,
    seed: TRAINING_SEED,
    nthread,
    codeVersion: await codeHash(TRAINING_CODE),
    clock,
    signal,
    onProgress,
  };
  const result = await trainEstimator(request);
  const { manifest, files } = await packArtifact(result.draft, result.fitted, (bytes) => signer.sign(bytes));
  const document = Buffer.from(modelDocument({ request, result, manifest }));
  return { manifest, files: { ...files, [DOCUMENT_FILE]: document }, result };
}

async function estimatorNamed(name: EstimatorName, engine: () => Promise<XgboostEngine>): Promise<AnyEstimator> {
  switch (name) {
    case 'scorecard':
      return scorecard;
    case 'logistic':
      return logistic;
    case 'forest':
      return createForest(await engine());
    case 'boosted':
      return createBoosted(await engine());
  }
}

function estimatorOf(input: JsonObject): EstimatorName {
  const name = ESTIMATOR_NAMES.find((candidate) => candidate === input['estimator']);
  if (name) return name;
  throw new AssayError('bad_input', {
    what: 'no such estimator',
    given: String(input['estimator']),
    allowed: ESTIMATOR_NAMES.join(', '),
  });
}
