import type { ModelSource, OpenModel } from '../../../src/decisions/index.ts';
import { AssayError, type ModelManifest } from '../../../src/domain/index.ts';
import type { ModelCatalog } from '../../../src/portfolio/index.ts';
import { createScorer, type Scorer } from '../../../src/scoring/index.ts';
import { trainTinyModel } from './tiny-book.ts';

export type TinyModels = ModelSource & ModelCatalog & { readonly scorer: Scorer };

/** One model version, trained now, as its own registry. */
export async function tinyModels(): Promise<TinyModels> {
  const { manifest: unsealed, fitted } = await trainTinyModel();
  const manifest: ModelManifest = {
    ...unsealed,
    modelVersion: 'tiny-logistic-000000000001',
    payload: { file: 'model.json', sha256: 'b'.repeat(64), format: 'assay-logistic/1' },
  };
  const scorer = createScorer(manifest, fitted);
  const model: OpenModel = { manifest, scorer };
  const registered = { manifest, status: 'champion', signatureValid: true, hasDocument: true } as const;
  const named = async <T>(modelVersion: string, value: T): Promise<T> => {
    if (modelVersion === manifest.modelVersion) return value;
    throw new AssayError('not_found', { what: 'no such model version', given: modelVersion });
  };
  return {
    scorer,
    champion: async () => model,
    version: (modelVersion) => named(modelVersion, model),
    list: async () => [registered],
    open: (modelVersion) => named(modelVersion, { ...registered, fitted, history: [] }),
    document: (modelVersion) => named(modelVersion, '<!doctype html><title>Model document</title>'),
    approve: async (modelVersion) => named(modelVersion, undefined),
    promote: async (modelVersion) => named(modelVersion, undefined),
  };
}
