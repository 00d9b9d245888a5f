import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { createFileOnce, replaceFile, syncPath } from '../durable-file.ts';
import { type Kms, openKms } from '../kms/index.ts';
import { isSealedMaster, openSealedMaster, sealingKeyOf, sealMaster, unlockedMaster } from './sealed-master.ts';

/** What wraps the keys of persons: a file on this machine, or a key management service. */
export interface KeyWrapper {
  wrap(key: Buffer, context: string): Promise<string>;
  /** @throws AssayError tampered when the text is not what was wrapped under this context */
  unwrap(wrapped: string, context: string): Promise<Buffer>;
  /** Secret of this installation for keyed hashes of ids. */
  readonly pseudonymKey: Buffer;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce, ciphertext and tag in one, base64url; `context` must be the same to open it. */
export function encrypt(key: Buffer, text: Buffer, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** @throws AssayError tampered */
export function decrypt(key: Buffer, sealed: string, context: string): Buffer {
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new AssayError('tampered', { what: 'what was encrypted is not what was written', given: context }, { cause });
  }
}

/**
 * Wraps with `<home>/keys/master.key` (32 bytes for wrapping, 32 for pseudonyms; owner-only), made when there is none. Keep a copy apart
 * from backups of the database: without it nothing of a person can be read, with both everything can. While the key is being replaced
 * (`rotateMaster`) a second file holds the next one: it wraps, and both open. A wrapped key says which opens it. Either file may hold
 * its key sealed by KMS (`unlockMasterKey`).
 * @throws AssayError forbidden when others may read the file; tampered when it is not one; unavailable when it is sealed and still shut
 */
export function openFileKeyWrapper(home: string, kms: Kms = openKms()): KeyWrapper {
  let ring = readRing(home);
  const current = async (): Promise<KeyRing> => {
    if (ring.stamp === stampOf(home)) return ring;
    await unlockMasterKey(home, kms);
    ring = readRing(home);
    return ring;
  };
  return {
    pseudonymKey: ring.pseudonymKey,
    wrap: async (key, context) => {
      const { wraps } = await current();
      return `${masterIdOf(wraps)}.${encrypt(wraps, key, context)}`;
    },
    unwrap: async (wrapped, context) => {
      const [id, body] = wrapped.includes('.') ? (wrapped.split('.') as [string, string]) : [undefined, wrapped];
      const opens = (among: KeyRing) => among.keys.find((key) => id === undefined || masterIdOf(key) === id);
      const master = opens(ring) ?? opens(await current());
      if (master) return decrypt(master, body, context);
      const fix = 'put the master key of this installation into keys/master.key';
      throw new AssayError('tampered', { what: 'a key was wrapped under another master key', given: context, fix });
    },
  };
}

/** Opens what KMS sealed of the master key, for this process alone: no file and no variable ever holds it in clear. */
export async function unlockMasterKey(home: string, kms: Kms = openKms()): Promise<void> {
  for (const path of pathsOf(home)) {
    const text = readText(path);
    if (text !== undefined && isSealedMaster(text)) await openSealedMaster(text, kms);
  }
}

/**
 * Seals the master key of a data directory by a key in KMS; from then on nothing on the disk opens what is kept of persons.
 * @throws AssayError conflict while the key is being replaced; unavailable when KMS refuses, and then the file is as it was
 */
export async function sealMasterKey(home: string, keyId: string, kms: Kms = openKms()): Promise<void> {
  const [path, nextPath] = pathsOf(home);
  if (readText(nextPath) !== undefined) {
    const fix = 'finish it with "assay persons rotate-master"';
    throw new AssayError('conflict', { what: 'the master key is being replaced', given: nextPath, fix });
  }
  await unlockMasterKey(home, kms);
  const secret = readSecret(path) ?? createSecret(path);
  await replaceFile(path, await sealMaster(secret, keyId, kms));
}

/** Keys that open, the oldest first: what was wrapped before keys had ids is its. */
type KeyRing = {
  readonly keys: readonly Buffer[];
  readonly wraps: Buffer;
  readonly pseudonymKey: Buffer;
  readonly stamp: string;
};

const pathsOf = (home: string): readonly [current: string, next: string] => [
  join(home, 'keys', 'master.key'),
  join(home, 'keys', 'master.next.key'),
];

function readRing(home: string): KeyRing {
  const [path, nextPath] = pathsOf(home);
  const stamp = stampOf(home);
  const secret = readSecret(path) ?? createSecret(path);
  const keys = [secret, ...[readSecret(nextPath) ?? []].flat()].map((one) => one.subarray(0, KEY_BYTES));
  return { keys, wraps: keys.at(-1)!, pseudonymKey: secret.subarray(KEY_BYTES), stamp };
}

/** Changes when a file is put, replaced or taken away. */
function stampOf(home: string): string {
  return pathsOf(home)
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? `${found.ino} ${found.mtimeMs}` : '-';
    })
    .join(' ');
}

const masterIdOf = (key: Buffer): string =>
  createHash('sha256').update('assay master key\n').update(key).digest('hex').slice(0, 16);

/** Puts the next master key beside the one in use (sealed as that is), or finds the one that was put there before. Gives its id. */
export async function beginMasterRotation(home: string, kms: Kms): Promise<string> {
  const [path, nextPath] = pathsOf(home);
  await unlockMasterKey(home, kms);
  const secret = readSecret(path) ?? createSecret(path);
  const next = Buffer.concat([randomBytes(KEY_BYTES), secret.subarray(KEY_BYTES)]);
  const sealedBy = isSealedMaster(readText(path) ?? '') ? sealingKeyOf(readText(path)!) : undefined;
  createFileOnce(nextPath, sealedBy ? await sealMaster(next, sealedBy, kms) : `${next.toString('base64')}\n`);
  await unlockMasterKey(home, kms);
  return masterIdOf(readSecret(nextPath)!.subarray(0, KEY_BYTES));
}

/** Puts the next master key in the place of the old, which is gone then. @throws AssayError conflict when it is another one */
export async function finishMasterRotation(home: string, keyId: string): Promise<void> {
  const [path, nextPath] = pathsOf(home);
  const next = readSecret(nextPath);
  if (!next || masterIdOf(next.subarray(0, KEY_BYTES)) !== keyId) {
    throw new AssayError('conflict', { what: 'another rotation of the master key ran', fix: 'run it again' });
  }
  await rename(nextPath, path);
  await syncPath(dirname(path));
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readSecret(path: string): Buffer | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    const fix = `chmod 600 ${path}`;
    throw new AssayError('forbidden', {
      what: 'other users can read the master key',
      given: path,
      allowed: 'mode 600',
      fix,
    });
  }
  const secret = isSealedMaster(text) ? unlockedMaster(text) : Buffer.from(text.trim(), 'base64');
  if (secret.length === 2 * KEY_BYTES) return secret;
  throw new AssayError('tampered', { what: 'the master key is damaged', given: path, fix: 'restore it from its copy' });
}

function createSecret(path: string): Buffer {
  createFileOnce(path, `${randomBytes(2 * KEY_BYTES).toString('base64')}\n`);
  return readSecret(path)!;
}
