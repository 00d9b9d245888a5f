import { openBookTerms } from '../../decisions/index.ts';
import { AssayError } from '../../domain/index.ts';
import { openArtifact } from '../../estimators/index.ts';
import { allThere, PIPELINE_ACTOR } from '../../platform/index.ts';
import { buildMarts, MARTS_MANIFEST_KEY } from '../../portfolio/index.ts';
import { createScorer, SCORES_KEY, scoreBook } from '../../scoring/index.ts';
import { compareStored } from '../../training/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import { provenVersion } from '../find-lift.ts';
import type { JsonObject, PipelineStep } from '../step.ts';

/**
 * Compares the candidates and sees to a champion. The first one is the portfolio's choice, or the best out of fold, so that
 * a new installation works; a later champion changes only through approval by a person, unless its code or data are gone.
 */
export function selectChampionStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, warehouse, lake, registry } = dependencies;
  return {
    state: 'SelectChampion',
    title: 'Compare and select',
    inputHash: async (input) =>
      hashOf(
        input['models'] ?? null,
        portfolio.championEstimator ?? null,
        ...(portfolio.alternativeNeedsLift ? ['alternative needs lift'] : []),
      ),
    run: async ({ input, signal, onProgress }) => {
      const comparison = await compareStored({ warehouse, lake });
      const trained = trainedVersions(input);
      const wanted = portfolio.championEstimator;
      // a run may train some estimators only
      const isNamed = wanted !== undefined && trained.has(wanted);
      const estimator = isNamed ? wanted : comparison.best;
      const { modelVersion, note } = await provenVersion(dependencies, versionOf(trained, estimator), {
        actor: PIPELINE_ACTOR,
        signal,
        onProgress: (share, text) => onProgress(share, 1, `without what must be proven: ${text}`),
      });
      const why = isNamed ? 'named by the portfolio' : 'best AUC out of fold';
      await registry.promoteByPipeline(modelVersion, `${estimator}: ${[why, ...(note ? [note] : [])].join(', ')}`);
      const champion = await registry.champion(portfolio.name);
      return { modelVersion: champion?.modelVersion ?? modelVersion, best: comparison.best, chosen: modelVersion };
    },
    stands: async (output) => (await registry.champion(portfolio.name))?.modelVersion === output['modelVersion'],
  };
}

/** Model versions of this run, by estimator. */
function trainedVersions(input: JsonObject): Map<string, string> {
  const models = Array.isArray(input['models']) ? input['models'] : [];
  const versions = new Map<string, string>();
  for (const model of models) {
    if (model !== null && typeof model === 'object' && !Array.isArray(model))
      versions.set(String(model['estimator']), String(model['modelVersion']));
  }
  return versions;
}

function versionOf(trained: ReadonlyMap<string, string>, estimator: string): string {
  const version = trained.get(estimator);
  if (version !== undefined) return version;
  throw new AssayError('internal', { what: 'the chosen estimator was not trained', given: estimator });
}

const SCORING_CODE = ['src/domain', 'src/scoring', 'src/estimators', 'src/decisions', 'src/fraud'];

/** The whole book by the champion, with reasons and the credit policy's outcome. */
export function scoreBookStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, warehouse, lake, registry, signer, codeHash } = dependencies;
  return {
    state: 'ScoreBook',
    title: 'Score the book',
    inputHash: async (input) =>
      hashOf(
        input['raw'] ?? null,
        input['features'] ?? null,
        input['champion'] ?? null,
        JSON.stringify(portfolio.policy),
        JSON.stringify(portfolio.fraud ?? null),
        await codeHash(SCORING_CODE),
      ),
    run: async ({ input, signal, onProgress }) => {
      const champion = input['champion'];
      if (champion === null || typeof champion !== 'object' || Array.isArray(champion))
        throw new AssayError('internal', { what: 'no champion to score with' });
      const modelVersion = String(champion?.['modelVersion']);
      const { manifest, fitted } = openArtifact(await registry.files(modelVersion), (bytes, signed) =>
        signer.verify(bytes, signed),
      );
      const { rows } = await scoreBook({
        warehouse,
        lake,
        scorer: createScorer(manifest, fitted),
        estimator: manifest.estimator,
        termsOf: await openBookTerms({ warehouse, lake, portfolio }),
        signal,
        onProgress,
      });
      return { modelVersion, rows };
    },
    stands: () => allThere(lake, [SCORES_KEY]),
  };
}

/** The tables behind the pages. */
export function buildMartsStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, warehouse, lake, clock, codeHash } = dependencies;
  return {
    state: 'BuildMarts',
    title: 'Build the marts',
    inputHash: async (input) =>
      hashOf(
        input['raw'] ?? null,
        input['snapshot'] ?? null,
        input['scores'] ?? null,
        input['champion'] ?? null,
        await codeHash(['src/domain', 'src/portfolio', 'sql/marts', `portfolios/${portfolio.name}`]),
      ),
    run: async ({ signal, onProgress }) => {
      const { snapshotId, marts } = await buildMarts({ warehouse, lake, portfolio, clock, signal, onProgress });
      return { snapshotId, marts: Object.fromEntries(Object.entries(marts).map(([name, { rows }]) => [name, rows])) };
    },
    stands: () => allThere(lake, [MARTS_MANIFEST_KEY]),
  };
}
