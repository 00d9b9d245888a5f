import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';

const HASH_CHARS = 32;

/** A keyed hash of texts, a line feed between them: HMAC-SHA-256 under a secret of the installation, 32 hex digits. */
export function keyedHashOf(key: Buffer, ...parts: readonly string[]): string {
  return createHmac('sha256', keyObjectOf(key)).update(parts.join('\n')).digest('hex').slice(0, HASH_CHARS);
}

const keyObjects = new WeakMap<Buffer, KeyObject>();

/** Made once a key: made anew for each hash it took longer than the hash. */
function keyObjectOf(key: Buffer): KeyObject {
  const known = keyObjects.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
}

/** A person without the id. */
export function pseudonymOf(key: Buffer, portfolio: string, borrowerId: string): string {
  return keyedHashOf(key, portfolio, borrowerId);
}
