import type { FeatureCatalog } from '../../../src/domain/index.ts';
import { registryModels } from '../../../src/entrypoints/server/index.ts';
import { packArtifact } from '../../../src/estimators/index.ts';
import { type Clock, type Database, ModelRegistry, openSigner } from '../../../src/platform/index.ts';
import { tinyPortfolio, trainTinyModel } from './tiny-book.ts';

/** Trains, signs and registers a model version and makes it the champion, as the pipeline does. */
export async function tinyModels(options: {
  readonly home: string;
  readonly database: Database;
  readonly directory: string;
  readonly clock: Clock;
  /** Default: the tiny book's. */
  readonly catalog?: FeatureCatalog | undefined;
}) {
  const { draft, fitted } = await trainTinyModel(options.catalog);
  const signer = openSigner(options.home);
  const { manifest, files } = await packArtifact(draft, fitted, (bytes) => signer.sign(bytes));
  const registry = new ModelRegistry(options);
  const document = Buffer.from('<!doctype html><title>Model document</title>');
  await registry.register(manifest, { ...files, 'document.html': document }, 'modeller');
  await registry.promoteByPipeline(manifest.modelVersion, 'the only version');
  const { name } = tinyPortfolio;
  return {
    ...registryModels({ ...options, registry, signer, portfolio: name, catalogHash: manifest.catalogHash }),
    registry,
  };
}

export type TinyModels = Awaited<ReturnType<typeof tinyModels>>;
