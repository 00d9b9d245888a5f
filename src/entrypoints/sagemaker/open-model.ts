import { createPublicKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InvocationModel } from '../../api/index.ts';
import { AssayError, type ModelManifest, sha256Hex } from '../../domain/index.ts';
import {
  DEFAULT_GRADES,
  DEFAULT_SCALE,
  type FittedTrees,
  MANIFEST_FILE,
  openArtifact,
  openXgboostModel,
  type Verify,
} from '../../estimators/index.ts';
import { keyIdOfPublicKey, verifySignature } from '../../platform/index.ts';
import { createScorer } from '../../scoring/index.ts';

/** The file SageMaker's built-in XGBoost leaves in model.tar.gz. */
export const BUILT_IN_MODEL_FILE = 'xgboost-model';
const PUBLIC_KEY = /^signing-[0-9a-f]+\.pub\.pem$/;

export type Trust = {
  /** Ids of the signing keys whose models may be served: an id is the hash of the key, so the key itself may travel with the model. */
  readonly keyIds: readonly string[];
  /** Serve a model that nobody signed (one of SageMaker's built-in algorithm). */
  readonly allowUnsigned: boolean;
};

/**
 * The model of a directory, as SageMaker unpacked it from model.tar.gz: an artifact of Assay with the public key that signed it, or
 * the `xgboost-model` of the built-in algorithm, which has neither calibration nor scale: its pd is the plain logistic of the
 * margin, its points those of the default scale.
 * @throws AssayError tampered for a model nobody trusted signed; forbidden for an unsigned one that was not allowed; not_found
 */
export async function openModelDirectory(directory: string, trust: Trust): Promise<InvocationModel> {
  const names: readonly string[] = await readdir(directory).catch(() => []);
  if (names.includes(MANIFEST_FILE)) return openSigned(directory, names, trust);
  if (!names.includes(BUILT_IN_MODEL_FILE)) throw noModel(directory, names);
  if (!trust.allowUnsigned) throw unsigned(directory);
  return openBuiltIn(await readFile(join(directory, BUILT_IN_MODEL_FILE)));
}

async function openSigned(directory: string, names: readonly string[], trust: Trust): Promise<InvocationModel> {
  const files: Record<string, Uint8Array> = {};
  for (const name of names) if (name.endsWith('.json')) files[name] = await readFile(join(directory, name));
  const { manifest, fitted } = openArtifact(files, await verifierOf(directory, names, trust));
  return { modelVersion: manifest.modelVersion, inputs: manifest.inputs, scorer: createScorer(manifest, fitted) };
}

async function verifierOf(directory: string, names: readonly string[], trust: Trust): Promise<Verify> {
  const keys = new Map<string, string>();
  for (const name of names.filter((candidate) => PUBLIC_KEY.test(candidate))) {
    const pem = await readFile(join(directory, name), 'utf8');
    keys.set(keyIdOfPublicKey(pem), pem);
  }
  return (bytes, { keyId, signature }) => {
    const pem = keys.get(keyId);
    if (pem === undefined || !trust.keyIds.includes(keyId)) throw untrusted(keyId, trust.keyIds, pem !== undefined);
    return verifySignature(createPublicKey(pem), bytes, signature);
  };
}

function openBuiltIn(bytes: Uint8Array): InvocationModel {
  const fitted = openXgboostModel(bytes);
  const manifest = manifestOf(fitted, sha256Hex(Buffer.from(bytes)));
  return { modelVersion: manifest.modelVersion, inputs: fitted.inputs, scorer: createScorer(manifest, fitted) };
}

function manifestOf({ inputs }: FittedTrees, sha256: string): ModelManifest {
  return {
    format: 'assay-model/1',
    modelVersion: `xgboost-${sha256.slice(0, 12)}`,
    portfolio: '',
    estimator: 'boosted',
    createdAt: '',
    snapshotHash: '',
    catalogHash: '',
    codeVersion: '',
    seed: 0,
    inputs,
    parameters: {},
    calibration: { kind: 'identity' },
    scale: DEFAULT_SCALE,
    grades: DEFAULT_GRADES,
    metrics: {},
    importance: [],
    reference: { kind: 'training_mean', note: 'Attributions are against the mean margin of the training rows.' },
    reasons: {},
    payload: { file: BUILT_IN_MODEL_FILE, sha256, format: 'xgboost-json' },
  };
}

function noModel(directory: string, names: readonly string[]): AssayError {
  return new AssayError('not_found', {
    what: 'there is no model in the model directory',
    given: `${directory}: ${names.slice(0, 10).join(', ') || 'empty'}`,
    allowed: `${MANIFEST_FILE} with its files, or ${BUILT_IN_MODEL_FILE}`,
    fix: 'check ModelDataUrl: model.tar.gz must hold the files at its root',
  });
}

function unsigned(directory: string): AssayError {
  return new AssayError('forbidden', {
    what: 'the model is not signed',
    given: join(directory, BUILT_IN_MODEL_FILE),
    allowed: 'a signed artifact of Assay',
    fix: 'set ASSAY_UNSIGNED_MODELS=allow on the container to serve a model of the built-in algorithm',
  });
}

function untrusted(keyId: string, trusted: readonly string[], hasKey: boolean): AssayError {
  return new AssayError('tampered', {
    what: hasKey
      ? 'the model was signed by a key that is not trusted here'
      : 'the public key of the signature is not beside the model',
    given: keyId,
    allowed: trusted.join(', ') || 'none: ASSAY_TRUSTED_KEY_IDS is not set',
    fix: 'set ASSAY_TRUSTED_KEY_IDS to the ids of your signing keys (the names of keys/signing-<id>.pub.pem)',
  });
}
