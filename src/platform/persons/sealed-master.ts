import { AssayError } from '../../domain/index.ts';
import type { Kms } from '../kms/index.ts';

/** `aws-kms <key in KMS> <ciphertext, base64>`, in place of the master key in clear. */
const SEALED = /^aws-kms (\S{1,2048}) ([A-Za-z0-9+/]+={0,2})\s*$/;
/** What the ciphertext is bound to: another of the lender's ciphertexts does not pass for a master key. */
const PURPOSE = 'assay master key';

/** Opened in this process, by their ciphertext. */
const opened = new Map<string, Buffer>();

export const isSealedMaster = (text: string): boolean => SEALED.test(text);

/** Id, ARN or alias of the key in KMS that sealed it. */
export const sealingKeyOf = (text: string): string => partsOf(text).keyId;

export async function sealMaster(secret: Buffer, keyId: string, kms: Kms): Promise<string> {
  const sealed = Buffer.from(await kms.encrypt(keyId, secret, PURPOSE));
  // Read back before anything trusts it: a master key that does not open again would be the end of every person's data.
  if (!secret.equals(await kms.decrypt(sealed, PURPOSE))) {
    throw new AssayError('internal', { what: 'KMS does not give back the master key it sealed', given: keyId });
  }
  const text = `aws-kms ${keyId} ${sealed.toString('base64')}\n`;
  opened.set(partsOf(text).ciphertext, secret);
  return text;
}

export async function openSealedMaster(text: string, kms: Kms): Promise<void> {
  const { ciphertext } = partsOf(text);
  if (opened.has(ciphertext)) return;
  opened.set(ciphertext, Buffer.from(await kms.decrypt(Buffer.from(ciphertext, 'base64'), PURPOSE)));
}

/** @throws AssayError unavailable while nobody opened it in this process */
export function unlockedMaster(text: string): Buffer {
  const { keyId, ciphertext } = partsOf(text);
  const secret = opened.get(ciphertext);
  if (secret) return secret;
  throw new AssayError('unavailable', {
    what: 'the master key is sealed by KMS and was not opened',
    given: keyId,
    fix: 'start with credentials that may kms:Decrypt by that key',
  });
}

function partsOf(text: string): { keyId: string; ciphertext: string } {
  const [, keyId = '', ciphertext = ''] = SEALED.exec(text) ?? [];
  return { keyId, ciphertext };
}
