import { createHmac } from 'node:crypto';

const HASH_CHARS = 32;

/** A keyed hash of texts, a line feed between them: HMAC-SHA-256 under a secret of the installation, 32 hex digits. */
export function keyedHashOf(key: Buffer, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(parts.join('\n')).digest('hex').slice(0, HASH_CHARS);
}

/** A person without the id. */
export function pseudonymOf(key: Buffer, portfolio: string, borrowerId: string): string {
  return keyedHashOf(key, portfolio, borrowerId);
}
