import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Signer } from '../contract.ts';

const KEY_ID_CHARS = 16;
const PRIVATE = /^signing-([0-9a-f]{16})\.pem$/;
const PUBLIC = /^signing-([0-9a-f]{16})\.pub\.pem$/;

/**
 * Ed25519 (RFC 8032) with the keys in `<home>/keys`: `signing-<keyId>.pem` (private, owner-only) and `signing-<keyId>.pub.pem`.
 * The newest private key signs; every public key there verifies, so rotation is adding a key. A key pair is made when there is none.
 * @throws AssayError forbidden when others may read a private key; tampered when a key file is not what its name says.
 */
export function openSigner(home: string): Signer {
  const directory = join(home, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const privateKey = newestPrivateKey(directory) ?? createKeys(directory);
  const keyId = keyIdOf(createPublicKey(privateKey));
  const known = new Map([[keyId, createPublicKey(privateKey)]]);
  const publicKey = (id: string): KeyObject | undefined => {
    const key = known.get(id) ?? readPublicKey(directory, id);
    if (key) known.set(id, key);
    return key;
  };
  return {
    sign: (bytes) => ({ keyId, signature: signBytes(null, bytes, privateKey).toString('base64') }),
    verify(bytes, signed) {
      const key = publicKey(signed.keyId);
      return key !== undefined && verifyBytes(null, bytes, key, Buffer.from(signed.signature, 'base64'));
    },
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

/** The id of a public key in PEM, as it stands in signatures. */
export function keyIdOfPublicKey(pem: string): string {
  return keyIdOf(createPublicKey(pem));
}

/** First half of the SHA-256 of the public key in its standard encoding: anyone can recompute it. */
function keyIdOf(publicKey: KeyObject): string {
  const encoded = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(encoded).digest('hex').slice(0, KEY_ID_CHARS);
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
  if (keyIdOf(createPublicKey(key)) !== keyId) throw notWhatItSays(path);
  return key;
}

function readPublicKey(directory: string, keyId: string): KeyObject | undefined {
  const name = `signing-${keyId}.pub.pem`;
  if (!PUBLIC.test(name) || !readdirSync(directory).includes(name)) return undefined;
  const key = parseKey(join(directory, name), createPublicKey);
  if (keyIdOf(key) !== keyId) throw notWhatItSays(join(directory, name));
  return key;
}

function parseKey(path: string, parse: (pem: Buffer) => KeyObject): KeyObject {
  try {
    const key = parse(readFileSync(path));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // A damaged file and a key of another kind are the same to the caller.
  }
  throw notWhatItSays(path);
}

function createKeys(directory: string): KeyObject {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const keyId = keyIdOf(publicKey);
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' });
  const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  // The public half first: a private key that can sign but not be checked must never exist.
  writeWhole(join(directory, `signing-${keyId}.pub.pem`), publicPem, 0o644);
  writeWhole(join(directory, `signing-${keyId}.pem`), privatePem, 0o600);
  return privateKey;
}

function writeWhole(path: string, content: string | Buffer, mode: number): void {
  const part = `${path}.${process.pid}.tmp`;
  writeFileSync(part, content, { mode, flush: true });
  renameSync(part, path);
}

function readableByOthers(path: string): AssayError {
  return new AssayError('forbidden', {
    what: 'other users can read a signing key',
    given: path,
    allowed: 'mode 600',
    fix: `chmod 600 ${path}; if others may have read it, replace it and sign again`,
  });
}

function notWhatItSays(path: string): AssayError {
  return new AssayError('tampered', {
    what: 'a signing key is not the key its file name says',
    given: path,
    allowed: 'an Ed25519 key in PEM whose id is in the name',
    fix: 'restore the file from a backup',
  });
}
