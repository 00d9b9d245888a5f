import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../domain/index.ts';
import type { Config } from '../platform/index.ts';

/** What a container must have been given before it starts to work, and the variable that names its secret. */
const KEYS = {
  signing: { file: /^signing-[0-9a-f]+\.pem$/, secret: 'ASSAY_SIGNING_SECRET', for: 'sign model versions' },
  master: { file: /^master\.key$/, secret: 'ASSAY_MASTER_SECRET', for: 'recognise persons, the erased among them' },
  sealed: { file: /^protected\.key$/, secret: 'ASSAY_SEALED_SECRET', for: 'seal protected traits' },
} as const;
export type KeyName = keyof typeof KEYS;
export const KEY_NAMES: readonly KeyName[] = ['signing', 'master', 'sealed'];

/**
 * A key that a container made for itself would be gone with it: nobody would trust what it signed, or could read what it sealed.
 * @throws AssayError unavailable naming the secret that is missing
 */
export async function requireKeys({ home, signingKmsKey }: Config, names: readonly KeyName[]): Promise<void> {
  const directory = join(home, 'keys');
  const files: readonly string[] = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (name === 'signing' && signingKmsKey !== undefined) continue;
    const key = KEYS[name];
    if (files.some((file) => key.file.test(file))) continue;
    throw new AssayError('unavailable', {
      what: `there is no key to ${key.for}`,
      given: directory,
      fix: `set ${key.secret} to the id of the secret that holds it`,
    });
  }
}
