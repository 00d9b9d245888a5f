import {
  buildFeatures,
  buildSnapshot,
  catalogHash,
  FEATURES_KEY,
  FEATURES_MANIFEST_KEY,
  fillOnlineStore,
  SNAPSHOT_KEY,
  SNAPSHOT_MANIFEST_KEY,
  tablesOf,
} from '../../features/index.ts';
import { fillFraudLinks } from '../../fraud/index.ts';
import { assertNoDisguisedTraits } from '../../monitoring/index.ts';
import { allThere } from '../../platform/index.ts';
import { hashOf } from '../content-hash.ts';
import type { PipelineDependencies } from '../dependencies.ts';
import type { JsonObject, PipelineStep } from '../step.ts';

const FEATURE_CODE = ['src/domain', 'src/features', 'src/platform/warehouse'];

/** The catalog, for every loan application, as of the moment it was made. */
export function buildFeaturesStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, lake, warehouse, codeHash } = dependencies;
  return {
    state: 'BuildFeatures',
    title: 'Build features',
    inputHash: async (input) =>
      hashOf(
        input['processed'] ?? null,
        input['raw'] ?? null,
        catalogHash(portfolio.features),
        await codeHash(FEATURE_CODE),
      ),
    run: async ({ signal, onProgress }) => {
      const manifest = await buildFeatures({
        warehouse,
        lake,
        catalog: portfolio.features,
        tables: tablesOf(portfolio),
        onProgress: ({ done, total, note }) => onProgress(done, total, note),
        signal,
      });
      return { catalogHash: manifest.catalogHash, rows: manifest.rows, features: manifest.features.length };
    },
    stands: () => allThere(lake, [FEATURES_KEY, FEATURES_MANIFEST_KEY]),
  };
}

/** What decisions read: the processed zone by borrower, in the online store. */
export function fillOnlineStoreStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, lake, warehouse, online, links, codeHash } = dependencies;
  const snapshotIdOf = (input: JsonObject): string => hashOf(input['raw'] ?? null, input['processed'] ?? null);
  return {
    state: 'FillOnlineStore',
    title: 'Fill the online store',
    inputHash: async (input) =>
      hashOf(
        snapshotIdOf(input),
        catalogHash(portfolio.features),
        portfolio.endsWithData ?? false,
        JSON.stringify((links && portfolio.fraud) ?? null),
        await codeHash([...FEATURE_CODE, 'src/platform/online-store', ...(links ? ['src/fraud'] : [])]),
      ),
    run: async ({ input, signal, onProgress }) => {
      const { blocks, facts, bytes, pruned } = await fillOnlineStore({
        warehouse,
        lake,
        catalog: portfolio.features,
        tables: tablesOf(portfolio),
        store: online,
        snapshotId: snapshotIdOf(input),
        endsWithData: portfolio.endsWithData ?? false,
        onProgress,
        signal,
      });
      const snapshotId = snapshotIdOf(input);
      const fraud = links && (await fillFraudLinks({ warehouse, lake, portfolio }, { store: links, snapshotId }));
      return { snapshotId, blocks, facts, bytes, pruned, ...(fraud && { fraudKeys: fraud.keys }) };
    },
    stands: async ({ snapshotId }) =>
      (await online.book()).snapshotId === snapshotId && (!links || (await links.snapshotId()) === snapshotId),
  };
}

/** Labelled applications, frozen with their folds and split. */
export function buildSnapshotStep(dependencies: PipelineDependencies): PipelineStep {
  const { portfolio, lake, warehouse, sealed, codeHash } = dependencies;
  return {
    state: 'BuildSnapshot',
    title: 'Freeze the training set',
    inputHash: async (input) =>
      hashOf(
        input['raw'] ?? null,
        input['processed'] ?? null,
        input['features'] ?? null,
        { ...portfolio.split },
        JSON.stringify(portfolio.protectedAttributes),
        await codeHash([...FEATURE_CODE, 'src/monitoring/fairness']),
      ),
    run: async () => {
      const { snapshotHash, rows, defaults, trainRows, testRows, unlabelledRows } = await buildSnapshot({
        warehouse,
        lake,
        split: portfolio.split,
      });
      if (sealed) await assertNoDisguisedTraits({ portfolio, lake, warehouse, sealed });
      return { snapshotHash, rows, defaults, trainRows, testRows, unlabelledRows };
    },
    stands: () => allThere(lake, [SNAPSHOT_KEY, SNAPSHOT_MANIFEST_KEY]),
  };
}
