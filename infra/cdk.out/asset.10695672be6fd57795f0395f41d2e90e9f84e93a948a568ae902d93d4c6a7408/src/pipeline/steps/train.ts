import { AssayError, ESTIMATOR_NAMES, type EstimatorName, type ModelManifest } from '../../domain/index.ts';
import {
  type ArtifactFiles,
  createBoosted,
  createForest,
  logistic,
  packArtifact,
  scorecard,
} from '../../estimators/index.ts';
import { readSnapshot } from '../../features/index.ts';
import type { XgboostEngine } from '../../platform/index.ts';
import {
  type AnyEstimator,
  modelDocument,
  OUT_OF_FOLD_KEY,
  storePredictions,
  trainEstimator,
} from '../../training/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import type { JsonObject, PipelineStep } from '../step.ts';

const TRAINING_CODE = ['src/domain', 'src/estimators', 'src/training', 'src/platform/xgboost'];
/** Of everything random in training; part of the model's identity. */
const TRAINING_SEED = 1;
/** Who registers what the pipeline made. */
export const PIPELINE_ACTOR = 'pipeline';
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
  const auc = Object.fromEntries(
    Object.entries(manifest.metrics).map(([split, metrics]) => [split, metrics.auc.value]),
  );
  return { estimator, modelVersion: manifest.modelVersion, auc, seconds };
}

export type VersionDependencies = Omit<
  PipelineDependencies,
  'dataDirectory' | 'sourcesDirectory' | 'generate' | 'registry' | 'online'
>;

/** One signed model version with its document, trained on the snapshot of the lake; its predictions are put beside the snapshot. */
export async function trainVersion(
  dependencies: VersionDependencies,
  name: EstimatorName,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (share: number, note: string) => void },
): Promise<{ manifest: ModelManifest; files: ArtifactFiles; seconds: number }> {
  const { portfolio, warehouse, lake, signer, clock, nthread, codeHash, engine } = dependencies;
  const snapshot = await readSnapshot({ warehouse, lake });
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
  const { manifest, files } = packArtifact(result.draft, result.fitted, (bytes) => signer.sign(bytes));
  const document = Buffer.from(modelDocument({ request, result, manifest }));
  await storePredictions({ warehouse, lake }, result, snapshot.applicationIds);
  return { manifest, files: { ...files, [DOCUMENT_FILE]: document }, seconds: result.seconds };
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
