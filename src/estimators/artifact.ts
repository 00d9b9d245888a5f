import { AssayError, canonicalJson, type InputColumn, type ModelManifest, sha256Hex } from '../domain/index.ts';
import { parseLogistic, parseManifest, parseScorecard } from './artifact-schema.ts';
import { compileEstimator } from './compile-estimator.ts';
import type { FittedEstimator } from './contract.ts';

/** A manifest before it is packed: without the version and payload that follow from its content. */
export type ManifestDraft = Omit<ModelManifest, 'format' | 'modelVersion' | 'payload'>;

/** The files of one model version, by name; open formats only. */
export type ArtifactFiles = Readonly<Record<string, Uint8Array>>;

export type Signed = { readonly keyId: string; readonly signature: string };
export type Sign = (bytes: Uint8Array) => Promise<Signed>;
export type Verify = (bytes: Uint8Array, signed: Signed) => boolean;

export const MANIFEST_FILE = 'manifest.json';
export const MODEL_FILE = 'model.json';
export const SIGNATURE_FILE = 'signature.json';

/** Larger files are refused unread: no model of ours comes near. */
const MAX_MANIFEST_BYTES = 16 * 1024 ** 2;
const MAX_MODEL_BYTES = 512 * 1024 ** 2;
const VERSION_CHARS = 12;
const SIGNATURE_TEXT = /^\{"keyId":"([0-9A-Za-z_-]{1,200})","signature":"([0-9A-Za-z+/=]{1,1000})"\}$/;

const PAYLOAD_FORMATS = {
  trees: 'xgboost-json',
  scorecard: 'assay-scorecard/1',
  logistic: 'assay-logistic/1',
} as const satisfies Record<FittedEstimator['kind'], ModelManifest['payload']['format']>;

/**
 * Packs a model version: the estimator in an open format (trees: XGBoost's own JSON, byte for byte), and the manifest that
 * holds its hash. The version is named by the content without the time of making, so the same training gives the same name.
 * @throws AssayError internal for a value JSON cannot hold (NaN, Infinity)
 */
export async function packArtifact(
  draft: ManifestDraft,
  fitted: FittedEstimator,
  sign: Sign,
): Promise<{ manifest: ModelManifest; files: ArtifactFiles }> {
  const model = Buffer.from(payloadText(fitted));
  const payload = { file: MODEL_FILE, sha256: sha256Hex(model), format: PAYLOAD_FORMATS[fitted.kind] };
  const manifest: ModelManifest = {
    format: 'assay-model/1',
    modelVersion: versionOf({ ...draft, payload }),
    ...draft,
    payload,
  };
  const bytes = Buffer.from(canonicalJson(manifest));
  const files = {
    [MANIFEST_FILE]: bytes,
    [MODEL_FILE]: model,
    [SIGNATURE_FILE]: Buffer.from(canonicalJson(await sign(bytes))),
  };
  return { manifest, files };
}

/** What a fit settled is in the manifest's parameters; the payload is what scores. */
function payloadText(fitted: FittedEstimator): string {
  if (fitted.kind === 'trees') return fitted.modelJson;
  const { settled: _, ...scoring } = { settled: undefined, ...fitted };
  return canonicalJson(scoring);
}

/** The name of a version: its book, its estimator, and the hash of all that it holds but the time of making. */
function versionOf(content: Omit<ModelManifest, 'format' | 'modelVersion'>): string {
  const { createdAt: _, ...hashed } = content;
  return `${content.portfolio}-${content.estimator}-${sha256Hex(canonicalJson(hashed)).slice(0, VERSION_CHARS)}`;
}

/**
 * Opens a packed version, trusting nothing: signature over the manifest, hash of the model file, format, finiteness and shape
 * are checked before the estimator is given out. No code of the artifact is ever run.
 * @throws AssayError tampered for a changed byte or an unknown key, bad_input for what is not a model of this format
 */
export function openArtifact(
  files: ArtifactFiles,
  verify: Verify,
): { manifest: ModelManifest; fitted: FittedEstimator } {
  const manifestBytes = fileOf(files, MANIFEST_FILE, MAX_MANIFEST_BYTES);
  const signed = parseSignature(fileOf(files, SIGNATURE_FILE, MAX_MANIFEST_BYTES));
  if (!verify(manifestBytes, signed)) throw tampered('the signature does not match the manifest', signed.keyId);
  const manifest = parseManifest(parseJson(manifestBytes, MANIFEST_FILE), MANIFEST_FILE);
  assertVersion(manifest);
  const model = fileOf(files, MODEL_FILE, MAX_MODEL_BYTES);
  if (sha256Hex(model) !== manifest.payload.sha256)
    throw tampered('the model file does not have the hash in its manifest', manifest.modelVersion);
  const fitted = readPayload(manifest, model);
  assertInputs(manifest, compileEstimator(fitted).inputs);
  return { manifest, fitted };
}

/** A key that signs anything must not make one version pass under the name of another. */
function assertVersion(manifest: ModelManifest): void {
  const { format: _, modelVersion, ...content } = manifest;
  if (modelVersion === versionOf(content)) return;
  throw tampered('the model version is not the hash of what its manifest holds', modelVersion);
}

function readPayload(manifest: ModelManifest, model: Uint8Array): FittedEstimator {
  const { format } = manifest.payload;
  const { estimator, inputs, parameters } = manifest;
  if (format === 'xgboost-json' && (estimator === 'boosted' || estimator === 'forest')) {
    const modelJson = decode(model, MODEL_FILE);
    const rounds = estimator === 'forest' ? 1 : Number(parameters['rounds'] ?? 0);
    return { kind: 'trees', estimator, inputs, modelJson, rounds };
  }
  if (format === 'assay-scorecard/1' && estimator === 'scorecard')
    return parseScorecard(parseJson(model, MODEL_FILE), MODEL_FILE);
  if (format === 'assay-logistic/1' && estimator === 'logistic')
    return parseLogistic(parseJson(model, MODEL_FILE), MODEL_FILE);
  throw wrongFormat(manifest);
}

function assertInputs(manifest: ModelManifest, inputs: readonly InputColumn[]): void {
  if (canonicalJson(inputs) === canonicalJson(manifest.inputs)) return;
  throw new AssayError('bad_input', {
    what: 'the model reads other inputs than its manifest says',
    given: inputs.map((input) => input.name).join(', '),
    allowed: manifest.inputs.map((input) => input.name).join(', '),
  });
}

function fileOf(files: ArtifactFiles, name: string, maxBytes: number): Uint8Array {
  const bytes = files[name];
  if (!bytes)
    throw new AssayError('bad_input', {
      what: 'a model version lacks a file',
      given: name,
      fix: 'restore it, or train again',
    });
  if (bytes.byteLength <= maxBytes) return bytes;
  throw new AssayError('bad_input', {
    what: `${name} is too large`,
    given: `${bytes.byteLength} bytes`,
    allowed: `${maxBytes} bytes`,
  });
}

/** Only the very text that `packArtifact` writes: base64 and JSON have other spellings of the same signature. */
function parseSignature(bytes: Uint8Array): Signed {
  const text = Buffer.from(bytes).toString('utf8');
  const [, keyId, signature] = SIGNATURE_TEXT.exec(text) ?? [];
  const isCanonical = signature !== undefined && Buffer.from(signature, 'base64').toString('base64') === signature;
  if (keyId !== undefined && isCanonical) return { keyId, signature };
  throw tampered('the signature file holds no signature', SIGNATURE_FILE);
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  const text = decode(bytes, name);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: string, cause: unknown): AssayError {
  const given = cause instanceof Error ? cause.message : String(cause);
  return new AssayError(
    'bad_input',
    { what: `${name} cannot be read`, given, fix: 'restore it, or train again' },
    { cause },
  );
}

function wrongFormat(manifest: ModelManifest): AssayError {
  return new AssayError('bad_input', {
    what: 'the payload is not of a format this estimator has',
    given: `${manifest.payload.format} for ${manifest.estimator}`,
    allowed: Object.values(PAYLOAD_FORMATS).join(', '),
  });
}

function tampered(what: string, given: string): AssayError {
  return new AssayError('tampered', {
    what,
    given,
    fix: 'restore the version from a backup, or train it again; do not use this one',
  });
}
