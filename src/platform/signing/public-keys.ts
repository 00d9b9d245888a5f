import { createHash, createPublicKey, type KeyObject, verify as verifyBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Signer } from '../contract.ts';

const KEY_ID_CHARS = 16;
const PUBLIC = /^signing-([0-9a-f]{16})\.pub\.pem$/;

/** The id of a public key in PEM, as it stands in signatures. */
export function keyIdOfPublicKey(pem: string): string {
  return keyIdOf(createPublicKey(pem));
}

/** First half of the SHA-256 of the public key in its standard encoding: anyone can recompute it. */
export function keyIdOf(publicKey: KeyObject): string {
  const encoded = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(encoded).digest('hex').slice(0, KEY_ID_CHARS);
}

/** Keys that may stand behind a signature: Ed25519 of a file, ECDSA on P-256 of a key management service. */
export function isSigningKey(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'ed25519') return true;
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
}

/** Offline, by the public key alone: Ed25519 (RFC 8032), or ECDSA over the SHA-256 of the bytes (FIPS 186-5, DER) as the key says. */
export function verifySignature(publicKey: KeyObject, bytes: Uint8Array, signature: string): boolean {
  const digest = publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return isSigningKey(publicKey) && verifyBytes(digest, bytes, publicKey, Buffer.from(signature, 'base64'));
}

/** Verifies by the public keys in `<home>/keys` (`signing-<keyId>.pub.pem`); signs nothing, and makes no key. */
export function openVerifier(home: string): Signer['verify'] {
  const directory = join(home, 'keys');
  const known = new Map<string, KeyObject>();
  return (bytes, signed) => {
    const key = known.get(signed.keyId) ?? readPublicKey(directory, signed.keyId);
    if (key) known.set(signed.keyId, key);
    return key !== undefined && verifySignature(key, bytes, signed.signature);
  };
}

function readPublicKey(directory: string, keyId: string): KeyObject | undefined {
  const name = `signing-${keyId}.pub.pem`;
  if (!PUBLIC.test(name) || !existsSync(join(directory, name))) return undefined;
  const key = parseKey(join(directory, name), createPublicKey);
  if (keyIdOf(key) !== keyId) throw notWhatItSays(join(directory, name));
  return key;
}

export function parseKey(path: string, parse: (pem: Buffer) => KeyObject): KeyObject {
  try {
    const key = parse(readFileSync(path));
    if (isSigningKey(key)) return key;
  } catch {
    // A damaged file and a key of another kind are the same to the caller.
  }
  throw notWhatItSays(path);
}

export function writePublicKey(directory: string, publicKey: KeyObject): void {
  const path = join(directory, `signing-${keyIdOf(publicKey)}.pub.pem`);
  writeWhole(path, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
}

export function writeWhole(path: string, content: string | Buffer, mode: number): void {
  const part = `${path}.${process.pid}.tmp`;
  writeFileSync(part, content, { mode, flush: true });
  renameSync(part, path);
}

export function notWhatItSays(path: string): AssayError {
  return new AssayError('tampered', {
    what: 'a signing key is not the key its file name says',
    given: path,
    allowed: 'a signing key in PEM whose id is in the name',
    fix: 'restore the file from a backup',
  });
}
