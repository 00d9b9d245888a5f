import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { createFileOnce, syncPath } from '../durable-file.ts';

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
 * (`rotateMaster`) a second file holds the next one: it wraps, and both open. A wrapped key says which opens it.
 * @throws AssayError forbidden when others may read the file; tampered when it is not one
 */
export function openFileKeyWrapper(home: string): KeyWrapper {
  let ring = readRing(home);
  const current = (): KeyRing => {
    if (ring.stamp !== stampOf(home)) ring = readRing(home);
    return ring;
  };
  return {
    pseudonymKey: ring.pseudonymKey,
    wrap: async (key, context) => {
      const { wraps } = current();
      return `${masterIdOf(wraps)}.${encrypt(wraps, key, context)}`;
    },
    unwrap: async (wrapped, context) => {
      const [id, body] = wrapped.includes('.') ? (wrapped.split('.') as [string, string]) : [undefined, wrapped];
      const opens = (among: KeyRing) => among.keys.find((key) => id === undefined || masterIdOf(key) === id);
      const master = opens(ring) ?? opens(current());
      if (master) return decrypt(master, body, context);
      const fix = 'put the master key of this installation into keys/master.key';
      throw new AssayError('tampered', { what: 'a key was wrapped under another master key', given: context, fix });
    },
  };
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

/** Puts the next master key beside the one in use, or finds the one that was put there before. Gives its id. */
export function beginMasterRotation(home: string): string {
  const [path, nextPath] = pathsOf(home);
  const secret = readSecret(path) ?? createSecret(path);
  const next = Buffer.concat([randomBytes(KEY_BYTES), secret.subarray(KEY_BYTES)]);
  createFileOnce(nextPath, `${next.toString('base64')}\n`);
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

function readSecret(path: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
    const fix = `chmod 600 ${path}`;
    throw new AssayError('forbidden', {
      what: 'other users can read the master key',
      given: path,
      allowed: 'mode 600',
      fix,
    });
  }
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length === 2 * KEY_BYTES) return secret;
  throw new AssayError('tampered', { what: 'the master key is damaged', given: path, fix: 'restore it from its copy' });
}

function createSecret(path: string): Buffer {
  createFileOnce(path, `${randomBytes(2 * KEY_BYTES).toString('base64')}\n`);
  return readSecret(path)!;
}
