import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Lake, SealedZone } from '../contract.ts';
import { createFileOnce } from '../durable-file.ts';

const MAGIC = Buffer.from('ASSAYSEAL1');
const CIPHER = 'aes-256-gcm';
const [KEY_BYTES, IV_BYTES, TAG_BYTES] = [32, 12, 16];
const KEY_FILE = 'protected.key';

/**
 * The part of the lake that only the holder of a key can read: AES-256-GCM, a fresh nonce a file, and the file's own name
 * as authenticated data, so that one file cannot stand in for another. The key is 32 bytes in `keys/protected.key`,
 * owner-only, made on first use.
 */
export function openSealedZone({ lake, home }: { readonly lake: Lake; readonly home: string }): SealedZone {
  const at = (key: string): string => `sealed/${key}`;
  return {
    put: async (key, content) => lake.put(at(key), seal(sealingKey(home), key, content)),
    get: async (key) => unseal(sealingKey(home), key, await lake.get(at(key))),
    exists: (key) => lake.exists(at(key)),
    list: () => lake.list('sealed'),
  };
}

function seal(secret: Buffer, name: string, content: Uint8Array): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name));
  return Buffer.concat([MAGIC, iv, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

/** @throws AssayError tampered for another key, another name, or a changed byte */
function unseal(secret: Buffer, name: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const start = MAGIC.length + IV_BYTES;
  const end = bytes.length - TAG_BYTES;
  try {
    if (end < start || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a sealed file');
    const iv = bytes.subarray(MAGIC.length, start);
    const decipher = createDecipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(name));
    decipher.setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(start, end)), decipher.final()]);
  } catch (cause) {
    const fix = 'restore keys/protected.key, or run the pipeline from ProcessRaw to seal the data again';
    throw new AssayError(
      'tampered',
      { what: 'a sealed file does not open with this key', given: name, fix },
      { cause },
    );
  }
}

function sealingKey(home: string): Buffer {
  const path = join(home, 'keys', KEY_FILE);
  if (!existsSync(path)) createFileOnce(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length === KEY_BYTES) return key;
  throw new AssayError('tampered', { what: 'the key of the sealed zone is not whole', given: path, fix: 'restore it' });
}
