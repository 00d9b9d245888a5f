import { openFileKeyWrapper, openLocalLake, openSealedZone, openSigner } from '../../../src/platform/index.ts';

/** Every key that a machine in the cloud gets from a secret, made in a data directory to be copied. */
export async function makeKeys(home: string): Promise<void> {
  openSigner(home);
  openFileKeyWrapper(home);
  await openSealedZone({ lake: openLocalLake(`${home}/scratch`), home }).put('x', Buffer.from('x'));
}
