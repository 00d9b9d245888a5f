import type { KMSClient } from '@aws-sdk/client-kms';
import { AssayError } from '../../domain/index.ts';

/** What a key management service does for us: the keys themselves never leave it. */
export interface Kms {
  /** The public half of a signing key, in DER (SPKI). */
  publicKey(keyId: string): Promise<Uint8Array>;
  /** ECDSA over a SHA-256 digest; DER. */
  sign(keyId: string, digest: Uint8Array): Promise<Uint8Array>;
  /** At most 4 KiB; opened again only under the same context. */
  encrypt(keyId: string, bytes: Uint8Array, context: string): Promise<Uint8Array>;
  decrypt(sealed: Uint8Array, context: string): Promise<Uint8Array>;
}

/** The SDK is loaded with the first call; credentials and region come from the environment. */
export function openKms(open: () => Promise<KMSClient> = openClient): Kms {
  let opened: Promise<KMSClient> | undefined;
  const ask = async <T>(given: string, action: string, work: (client: KMSClient) => Promise<T>): Promise<T> => {
    opened ??= open();
    try {
      return await work(await opened);
    } catch (cause) {
      throw refused(given, action, cause);
    }
  };
  const commands = () => import('@aws-sdk/client-kms');
  return {
    publicKey: (KeyId) =>
      ask(KeyId, 'kms:GetPublicKey', async (client) => {
        const { GetPublicKeyCommand } = await commands();
        return (await client.send(new GetPublicKeyCommand({ KeyId }))).PublicKey ?? new Uint8Array();
      }),
    sign: (KeyId, Message) =>
      ask(KeyId, 'kms:Sign', async (client) => {
        const { SignCommand } = await commands();
        const request = { KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
        return (await client.send(new SignCommand(request))).Signature ?? new Uint8Array();
      }),
    encrypt: (KeyId, Plaintext, purpose) =>
      ask(KeyId, 'kms:Encrypt', async (client) => {
        const { EncryptCommand } = await commands();
        const request = { KeyId, Plaintext, EncryptionContext: { purpose } };
        return (await client.send(new EncryptCommand(request))).CiphertextBlob ?? new Uint8Array();
      }),
    decrypt: (CiphertextBlob, purpose) =>
      ask(purpose, 'kms:Decrypt', async (client) => {
        const { DecryptCommand } = await commands();
        const request = { CiphertextBlob, EncryptionContext: { purpose } };
        return (await client.send(new DecryptCommand(request))).Plaintext ?? new Uint8Array();
      }),
  };
}

async function openClient(): Promise<KMSClient> {
  const { KMSClient } = await import('@aws-sdk/client-kms');
  return new KMSClient();
}

/** What was sealed under another key or context, or changed since. */
const NOT_SEALED_SO = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

function refused(given: string, action: string, cause: unknown): AssayError {
  const name = cause instanceof Error ? cause.name : 'unknown error';
  if (NOT_SEALED_SO.has(name)) {
    const fix = 'restore the file from its copy; a copy of another installation does not open here';
    return new AssayError('tampered', { what: 'what KMS sealed is not what is to be opened', given, fix }, { cause });
  }
  return new AssayError(
    'unavailable',
    {
      what: 'the key management service did not answer as asked',
      given: `${given}: ${name}`,
      allowed: 'signing keys: ECC_NIST_P256, SIGN_VERIFY; wrapping keys: SYMMETRIC_DEFAULT',
      fix: `check the key's id, kind and region, and that the role may ${action} on it`,
    },
    { cause },
  );
}
