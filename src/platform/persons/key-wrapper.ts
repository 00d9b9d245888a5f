import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { createFileOnce } from '../durable-file.ts';

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
 * from backups of the database: without it nothing of a person can be read, with both everything can.
 * @throws AssayError forbidden when others may read the file; tampered when it is not one
 */
export function openFileKeyWrapper(home: string): KeyWrapper {
  const path = join(home, 'keys', 'master.key');
  const secret = readSecret(path) ?? createSecret(path);
  const [master, pseudonymKey] = [secret.subarray(0, KEY_BYTES), secret.subarray(KEY_BYTES)];
  return {
    pseudonymKey,
    wrap: async (key, context) => encrypt(master, key, context),
    unwrap: async (wrapped, context) => decrypt(master, wrapped, context),
  };
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
