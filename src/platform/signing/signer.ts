import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Signer } from '../contract.ts';
import { keyIdOf, notWhatItSays, openVerifier, parseKey, writePublicKey, writeWhole } from './public-keys.ts';

const PRIVATE = /^signing-([0-9a-f]{16})\.pem$/;

/**
 * Ed25519 (RFC 8032) with the keys in `<home>/keys`: `signing-<keyId>.pem` (private, owner-only) and `signing-<keyId>.pub.pem`.
 * The newest private key signs; every public key there verifies, so rotation is adding a key. A key pair is made when there is none.
 * @throws AssayError forbidden when others may read a private key; tampered when a key file is not what its name says.
 */
export function openSigner(home: string): Signer {
  const directory = join(home, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const privateKey = newestPrivateKey(directory) ?? createKeys(directory);
  const publicKey = createPublicKey(privateKey);
  const keyId = keyIdOf(publicKey);
  return {
    sign: async (bytes) => ({ keyId, signature: signBytes(null, bytes, privateKey).toString('base64') }),
    verify: openVerifier(home),
  };
}

/** The id of the key pair of a private key in PEM. */
export function keyIdOfPrivateKey(pem: string): string {
  return keyIdOf(createPublicKey(privateKeyOf(pem)));
}

/** The public half of a private key, in PEM. */
export function publicPemOf(pem: string): string {
  return createPublicKey(privateKeyOf(pem)).export({ type: 'spki', format: 'pem' }).toString();
}

function privateKeyOf(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Not shown: it may be a key of another kind.
  }
  throw new AssayError('bad_input', {
    what: 'the signing secret is not a signing key',
    allowed: 'an Ed25519 private key in PEM',
    fix: 'store the content of keys/signing-<id>.pem as the secret',
  });
}

function newestPrivateKey(directory: string): KeyObject | undefined {
  const newest = readdirSync(directory)
    .filter((name) => PRIVATE.test(name))
    .map((name) => ({ name, changedMs: statSync(join(directory, name)).mtimeMs }))
    .sort((a, b) => b.changedMs - a.changedMs || a.name.localeCompare(b.name))[0];
  return newest && readPrivateKey(join(directory, newest.name), PRIVATE.exec(newest.name)?.[1]);
}

function readPrivateKey(path: string, keyId: string | undefined): KeyObject {
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) throw readableByOthers(path);
  const key = parseKey(path, createPrivateKey);
  if (key.asymmetricKeyType !== 'ed25519' || keyIdOf(createPublicKey(key)) !== keyId) throw notWhatItSays(path);
  return key;
}

function createKeys(directory: string): KeyObject {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  // The public half first: a private key that can sign but not be checked must never exist.
  writePublicKey(directory, publicKey);
  writeWhole(join(directory, `signing-${keyIdOf(publicKey)}.pem`), privatePem, 0o600);
  return privateKey;
}

function readableByOthers(path: string): AssayError {
  return new AssayError('forbidden', {
    what: 'other users can read a signing key',
    given: path,
    allowed: 'mode 600',
    fix: `chmod 600 ${path}; if others may have read it, replace it and sign again`,
  });
}
