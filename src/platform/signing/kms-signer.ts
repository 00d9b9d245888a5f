import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Config } from '../config.ts';
import type { Signer } from '../contract.ts';
import { type Kms, openKms } from '../kms/index.ts';
import { isSigningKey, keyIdOf, openVerifier, writePublicKey } from './public-keys.ts';
import { openSigner } from './signer.ts';

export type KmsSignerOptions = { readonly home: string; readonly keyId: string; readonly kms: Kms };

/**
 * Signs by a key that never leaves KMS: ECDSA on P-256 over the SHA-256 of the bytes (FIPS 186-5). KMS signs by Ed25519 too, but at most
 * 4 KiB, and a manifest is larger. The public key is put into `<home>/keys` when it opens; verification is offline, by that key and by
 * those of earlier signers there.
 * @throws AssayError unavailable when KMS refuses; bad_input for a key of another kind
 */
export async function openKmsSigner({ home, keyId, kms }: KmsSignerOptions): Promise<Signer> {
  const publicKey = publicKeyOf(await kms.publicKey(keyId), keyId);
  const directory = join(home, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writePublicKey(directory, publicKey);
  const ownId = keyIdOf(publicKey);
  return {
    async sign(bytes) {
      const signature = await kms.sign(keyId, createHash('sha256').update(bytes).digest());
      return { keyId: ownId, signature: Buffer.from(signature).toString('base64') };
    },
    verify: openVerifier(home),
  };
}

/** By the key in KMS where the configuration names one, else by the file of this data directory. */
export async function signerOf(config: Config, kms: Kms = openKms()): Promise<Signer> {
  const { home, signingKmsKey, trustedPublicKeys = [] } = config;
  for (const key of trustedPublicKeys) keepPublicKey(home, key);
  return signingKmsKey === undefined ? openSigner(home) : openKmsSigner({ home, keyId: signingKmsKey, kms });
}

/** @throws AssayError bad_input for what is no public key of a signer */
function keepPublicKey(home: string, text: string): void {
  const directory = join(home, 'keys');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writePublicKey(directory, trustedKey(text));
}

function trustedKey(text: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(text.trim(), 'base64'), format: 'der', type: 'spki' });
    if (isSigningKey(key)) return key;
  } catch {
    // said below, like a key of another kind
  }
  throw new AssayError('bad_input', {
    what: 'a trusted public key is not one',
    given: text.slice(0, 80),
    allowed: 'Ed25519 or P-256 public keys in DER (SPKI), base64, separated by commas',
    fix: 'correct ASSAY_TRUSTED_PUBLIC_KEYS; each is the text between the lines of a keys/signing-<id>.pub.pem',
  });
}

function publicKeyOf(der: Uint8Array, keyId: string): KeyObject {
  const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ec' && isSigningKey(key)) return key;
  throw new AssayError('bad_input', {
    what: 'the key in KMS cannot sign what Assay signs',
    given: `${keyId}: ${key.asymmetricKeyType}`,
    allowed: 'key spec ECC_NIST_P256, usage SIGN_VERIFY',
    fix: 'make such a key and name it in ASSAY_SIGNING_KMS_KEY',
  });
}
