import { AssayError, canonicalJson, sha256Hex } from '../../domain/index.ts';
import type { Signer } from '../contract.ts';

/** One register at the moment of a checkpoint. */
export type CheckpointTree = {
  readonly register: string;
  /** Records covered: 1 to `size`. */
  readonly size: number;
  /** Merkle root over the bodies of the records, hex. */
  readonly root: string;
  /** Chain hash of record `size`. */
  readonly head: string;
  /** Roots of the complete subtrees, largest first: from here the next checkpoint goes on. */
  readonly peaks: readonly string[];
};

export type CheckpointBody = {
  readonly format: 'assay-checkpoint/1';
  readonly portfolio: string;
  /** Of the file: made once, when its first checkpoint is. */
  readonly logId: string;
  /** 1, 2, 3 … */
  readonly number: number;
  readonly at: string;
  /** Hash of the checkpoint before; zeros before the first. */
  readonly previous: string;
  readonly trees: readonly CheckpointTree[];
};

/** A signed statement of what the registers held at one time: one line of a file outside the database. */
export type Checkpoint = {
  readonly body: CheckpointBody;
  readonly keyId: string;
  readonly signature: string;
  /** SHA-256 of the line. */
  readonly hash: string;
  readonly line: string;
};

export async function signCheckpoint(body: CheckpointBody, signer: Signer): Promise<Checkpoint> {
  const signed = await signer.sign(Buffer.from(canonicalJson(body)));
  const line = canonicalJson({ body, ...signed });
  return { body, ...signed, hash: sha256Hex(line), line };
}

/**
 * A checkpoint from its line.
 * @throws AssayError tampered when the text is not one, byte for byte, or its signature does not hold
 */
export function readCheckpoint(line: string, verify: Signer['verify']): Checkpoint {
  const { body, keyId, signature } = parseLine(line);
  if (!verify(Buffer.from(canonicalJson(body)), { keyId, signature })) {
    throw notACheckpoint(`its signature by key ${keyId} does not hold, or that key is not known`);
  }
  return { body, keyId, signature, hash: sha256Hex(line), line };
}

function parseLine(line: string): Pick<Checkpoint, 'body' | 'keyId' | 'signature'> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw notACheckpoint('it is not JSON');
  }
  if (canonicalJson(parsed) !== line || !isSigned(parsed))
    throw notACheckpoint('it is not of format assay-checkpoint/1');
  return parsed;
}

function isSigned(value: unknown): value is Pick<Checkpoint, 'body' | 'keyId' | 'signature'> {
  if (value === null || typeof value !== 'object' || !('body' in value)) return false;
  const body: unknown = value.body;
  if (body === null || typeof body !== 'object' || !('format' in body)) return false;
  return 'keyId' in value && 'signature' in value && body.format === 'assay-checkpoint/1';
}

const notACheckpoint = (why: string): AssayError =>
  new AssayError('tampered', { what: 'a line is not a checkpoint as it was signed', given: why });
