import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { modelJsonToUbjson } from '../../estimators/index.ts';
import type { FetchedTraining, JsonObject } from '../../pipeline/index.ts';
import { type ModelRegistry, packTarGz, readS3Object, type S3Lake, unpackTarGz } from '../../platform/index.ts';

/** The layout that SageMaker's built-in XGBoost reads. */
const BUILT_IN_FILE = 'xgboost-model';
const PREDICTIONS = 'predictions/';

/** Packed for the container, and where there are trees for the built-in algorithm too. */
export const exportKey = (modelVersion: string, layout: 'container' | 'xgboost'): string =>
  `exports/${modelVersion}/${layout === 'container' ? 'model' : 'xgboost'}.tar.gz`;

/**
 * What a training job left: `model.tar.gz` has the files of the version and the public keys, `output.tar.gz` the predictions.
 * @throws AssayError not_found, bad_input
 */
export async function fetchTrained({ modelUri, outputUri }: JsonObject): Promise<FetchedTraining> {
  const [model, output] = await Promise.all(
    [modelUri, outputUri].map(async (uri) => unpackTarGz(await readS3Object(String(uri)))),
  );
  const files = Object.entries(model ?? {}).filter(([name]) => !name.endsWith('.pem'));
  const predictions = Object.entries(output ?? {}).flatMap(([name, content]) =>
    name.includes(PREDICTIONS) ? [[name.slice(name.indexOf(PREDICTIONS) + PREDICTIONS.length), content] as const] : [],
  );
  return { files: Object.fromEntries(files), predictions: Object.fromEntries(predictions) };
}

/** A version as `model.tar.gz`: its files at the root, with the public keys that its signature is checked by. */
export async function packVersion(
  { registry, lake, home }: { readonly registry: ModelRegistry; readonly lake: S3Lake; readonly home: string },
  modelVersion: string,
): Promise<JsonObject> {
  const files = await registry.files(modelVersion);
  const key = exportKey(modelVersion, 'container');
  await lake.put(key, await packTarGz({ ...files, ...(await publicKeys(join(home, 'keys'))) }));
  const trees = treesOf(files);
  if (trees) await lake.put(exportKey(modelVersion, 'xgboost'), await packTarGz({ [BUILT_IN_FILE]: trees }));
  return { modelDataUrl: await lake.objectUri(key) };
}

/** The id of the key that signed a version, as the container is told to trust it. */
export function signingKeyOf(files: Readonly<Record<string, Uint8Array>>): string {
  const signature: unknown = JSON.parse(Buffer.from(files['signature.json'] ?? []).toString('utf8') || 'null');
  if (signature !== null && typeof signature === 'object' && 'keyId' in signature) return String(signature.keyId);
  throw new AssayError('tampered', { what: 'a model version has no signature' });
}

async function publicKeys(directory: string): Promise<Record<string, Buffer>> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.pub.pem'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name))] as const)),
  );
}

function treesOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array | undefined {
  const manifest = JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString('utf8') || '{}');
  if (manifest.payload?.format !== 'xgboost-json') return undefined;
  return modelJsonToUbjson(Buffer.from(files[manifest.payload.file] ?? []).toString('utf8'));
}
