import { AssayError, canonicalJson, type InputColumn, type ModelManifest, sha256Hex } from '../domain/index.ts';
import { compileEstimator } from './compile-estimator.ts';
import type { FittedEstimator } from './contract.ts';

/** A manifest before it is packed: without the version and payload that follow from its content. */
export type ManifestDraft = Omit<ModelManifest, 'format' | 'modelVersion' | 'payload'>;

/** The files of one model version, by name; open formats only. */
export type ArtifactFiles = Readonly<Record<string, Uint8Array>>;

export type Signed = { readonly keyId: string; readonly signature: string };
export type Sign = (bytes: Uint8Array) => Signed;
export type Verify = (bytes: Uint8Array, signed: Signed) => boolean;

export const MANIFEST_FILE = 'manifest.json';
export const MODEL_FILE = 'model.json';
export const SIGNATURE_FILE = 'signature.json';

/** Larger files are refused unread: no model of ours comes near. */
const MAX_MANIFEST_BYTES = 16 * 1024 ** 2;
const MAX_MODEL_BYTES = 1024 ** 3;
const VERSION_CHARS = 12;

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
export function packArtifact(
  draft: ManifestDraft,
  fitted: FittedEstimator,
  sign: Sign,
): { manifest: ModelManifest; files: ArtifactFiles } {
  const model = Buffer.from(fitted.kind === 'trees' ? fitted.modelJson : canonicalJson(fitted));
  const payload = { file: MODEL_FILE, sha256: sha256Hex(model), format: PAYLOAD_FORMATS[fitted.kind] };
  const { createdAt: _, ...content } = draft;
  const contentHash = sha256Hex(canonicalJson({ ...content, payload }));
  const modelVersion = `${draft.portfolio}-${draft.estimator}-${contentHash.slice(0, VERSION_CHARS)}`;
  const manifest: ModelManifest = { format: 'assay-model/1', modelVersion, ...draft, payload };
  const bytes = Buffer.from(canonicalJson(manifest));
  const files = {
    [MANIFEST_FILE]: bytes,
    [MODEL_FILE]: model,
    [SIGNATURE_FILE]: Buffer.from(JSON.stringify(sign(bytes))),
  };
  return { manifest, files };
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
  const manifest = parseJson<ModelManifest>(manifestBytes, MANIFEST_FILE);
  if (manifest.format !== 'assay-model/1') {
    throw new AssayError('bad_input', {
      what: 'not a model manifest of this version',
      given: String(manifest.format),
      allowed: 'assay-model/1',
    });
  }
  const model = fileOf(files, MODEL_FILE, MAX_MODEL_BYTES);
  if (sha256Hex(model) !== manifest.payload.sha256)
    throw tampered('the model file does not have the hash in its manifest', manifest.modelVersion);
  const fitted = readPayload(manifest, model);
  assertInputs(manifest, compileEstimator(fitted).inputs);
  return { manifest, fitted };
}

function readPayload(manifest: ModelManifest, model: Uint8Array): FittedEstimator {
  const { format } = manifest.payload;
  switch (format) {
    case 'xgboost-json': {
      const { estimator, inputs, parameters } = manifest;
      if (estimator !== 'boosted' && estimator !== 'forest') throw wrongFormat(manifest);
      const rounds = Number(parameters['rounds'] ?? 0);
      return {
        kind: 'trees',
        estimator,
        inputs,
        modelJson: Buffer.from(model).toString('utf8'),
        rounds: Number.isFinite(rounds) ? rounds : 0,
      };
    }
    case 'assay-scorecard/1':
    case 'assay-logistic/1': {
      const fitted = parseJson<FittedEstimator>(model, MODEL_FILE);
      if (PAYLOAD_FORMATS[fitted.kind] !== format) throw wrongFormat(manifest);
      return fitted;
    }
    default:
      throw wrongFormat(manifest);
  }
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

function parseSignature(bytes: Uint8Array): Signed {
  const signed = parseJson<Partial<Signed>>(bytes, SIGNATURE_FILE);
  if (typeof signed?.keyId === 'string' && typeof signed.signature === 'string')
    return { keyId: signed.keyId, signature: signed.signature };
  throw tampered('the signature file holds no signature', SIGNATURE_FILE);
}

/** JSON that holds only finite numbers: `1e400` reads as Infinity and is refused. */
function parseJson<T>(bytes: Uint8Array, name: string): T {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (key, value: unknown) => {
      if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${key} is not finite`);
      return value;
    });
  } catch (cause) {
    throw new AssayError(
      'bad_input',
      {
        what: `${name} cannot be read`,
        given: cause instanceof Error ? cause.message : String(cause),
        fix: 'restore it, or train again',
      },
      { cause },
    );
  }
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
