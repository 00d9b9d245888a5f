/**
 * Keys in KMS keep the contracts of keys in files, on an emulator: signatures that anybody verifies offline, by a key that never left the
 * service, beside those of earlier signers; a refusal that says what is missing. Not tested here: KMS itself, its permissions and limits.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateKeyCommand, type KeySpec, KMSClient } from '@aws-sdk/client-kms';
import { AssayError } from '../../src/domain/index.ts';
import { type Kms, loadConfig, openKms, openKmsSigner, openSigner, signerOf } from '../../src/platform/index.ts';
import { testSignerContract } from '../../src/platform/signing/signer.contract.ts';
import { type Emulator, ministack, REGION } from './support/emulator.ts';

describe('keys in KMS', { skip: ministack.skip }, () => {
  let emulator: Emulator;
  let client: KMSClient;
  let folder = '';
  let kms: Kms;
  const keys: string[] = [];
  const makeKey = async (KeySpec: KeySpec, KeyUsage: 'SIGN_VERIFY' | 'ENCRYPT_DECRYPT'): Promise<string> => {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
    return KeyMetadata?.Arn ?? '';
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-kms-'));
    emulator = await ministack.start();
    const { endpoint, credentials } = emulator;
    client = new KMSClient({ endpoint, credentials, region: REGION });
    kms = openKms(async () => client);
    for (const _ of [1, 2]) keys.push(await makeKey('ECC_NIST_P256', 'SIGN_VERIFY'));
  });
  after(async () => {
    client?.destroy();
    await emulator?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  testSignerContract('KMS', (home, other) => openKmsSigner({ home, keyId: keys[other ? 1 : 0]!, kms }));

  test('the configuration chooses the signer, and what a file signed before still verifies', async () => {
    const home = join(folder, 'home');
    const bytes = Buffer.from('{}');
    const before = await openSigner(home).sign(bytes);
    const config = loadConfig({ ASSAY_HOME: home, ASSAY_SIGNING_KMS_KEY: keys[0] }, '/');
    const signer = await signerOf(config, kms);
    const signed = await signer.sign(bytes);
    assert.notEqual(signed.keyId, before.keyId);
    assert.deepEqual([signer.verify(bytes, before), signer.verify(bytes, signed)], [true, true]);
    assert.equal(openSigner(home).verify(bytes, signed), true);
  });

  test('a key of another kind, and one that is not there, are refused in words', async () => {
    const edwards = await makeKey('ECC_NIST_EDWARDS25519', 'SIGN_VERIFY');
    const refused = (code: string, text: RegExp) => (error: unknown) =>
      error instanceof AssayError && error.code === code && text.test(error.message);
    await assert.rejects(openKmsSigner({ home: folder, keyId: edwards, kms }), refused('bad_input', /ECC_NIST_P256/));
    const nowhere = keys[0]!.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000');
    await assert.rejects(
      openKmsSigner({ home: folder, keyId: nowhere, kms }),
      refused('unavailable', /kms:GetPublicKey/),
    );
  });
});
