/**
 * Keys in KMS keep the contracts of keys in files, on an emulator: signatures that anybody verifies offline, by a key that never left the
 * service, beside those of earlier signers; a master key of persons that no file holds in clear, before and after it is replaced; a
 * refusal that says what is missing. Not tested here: KMS itself, its permissions and limits.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateKeyCommand, type KeySpec, KMSClient } from '@aws-sdk/client-kms';
import { AssayError } from '../../src/domain/index.ts';
import {
  type Kms,
  loadConfig,
  openFileKeyWrapper,
  openKms,
  openKmsSigner,
  openSigner,
  REPOSITORY_ROOT,
  sealMasterKey,
  signerOf,
} from '../../src/platform/index.ts';
import { testKeyWrapperContract } from '../../src/platform/persons/key-wrapper.contract.ts';
import { beginMasterRotation, finishMasterRotation } from '../../src/platform/persons/key-wrapper.ts';
import { testSignerContract } from '../../src/platform/signing/signer.contract.ts';
import { type Emulator, ministack, REGION } from './support/emulator.ts';

const PLATFORM = join(REPOSITORY_ROOT, 'src/platform/index.ts');

describe('keys in KMS', { skip: ministack.skip }, () => {
  let emulator: Emulator;
  let client: KMSClient;
  let folder = '';
  let kms: Kms;
  const keys: string[] = [];
  let wrappingKey: string | undefined;
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

  const sealed = () => join(folder, 'sealed');
  const fileOf = (home: string): Promise<string> => readFile(join(home, 'keys', 'master.key'), 'utf8');
  testKeyWrapperContract('sealed by KMS', async () => {
    wrappingKey ??= await makeKey('SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT');
    await sealMasterKey(sealed(), wrappingKey, kms);
    return openFileKeyWrapper(sealed(), kms);
  });

  test('a master key in a file is sealed without losing what it wrapped, and only KMS opens it after', async () => {
    const home = join(folder, 'clear');
    const key = randomBytes(32);
    const wrapped = await openFileKeyWrapper(home).wrap(key, 'book\nP1');
    const clear = await fileOf(home);
    await sealMasterKey(home, wrappingKey!, kms);
    const text = await fileOf(home);
    assert.match(text, /^aws-kms arn:\S+ \S+\n$/);
    assert.ok(!text.includes(clear.trim().slice(0, 20)));
    assert.deepEqual(await openFileKeyWrapper(home, kms).unwrap(wrapped, 'book\nP1'), key);
    const script = `const { openFileKeyWrapper } = await import(${JSON.stringify(PLATFORM)}); openFileKeyWrapper(${JSON.stringify(home)});`;
    const other = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(other.stderr, /the master key is sealed by KMS and was not opened/);
  });

  test('a sealed master key is replaced by another sealed one, and the process from before follows', async () => {
    const home = join(folder, 'replaced');
    await sealMasterKey(home, wrappingKey!, kms);
    const long = openFileKeyWrapper(home, kms);
    const before = await long.wrap(randomBytes(32), 'x');
    const id = await beginMasterRotation(home, kms);
    const during = await long.wrap(randomBytes(32), 'x');
    assert.ok(during.startsWith(`${id}.`) && !before.startsWith(`${id}.`));
    await openFileKeyWrapper(home, kms).unwrap(before, 'x');
    await finishMasterRotation(home, id);
    assert.match(await fileOf(home), /^aws-kms /);
    await openFileKeyWrapper(home, kms).unwrap(during, 'x');
  });

  test('a signer before this one is trusted where the configuration says so, and nothing else is taken for a key', async () => {
    const bytes = Buffer.from('{}');
    const laptop = join(folder, 'laptop');
    const before = await openSigner(laptop).sign(bytes);
    const pem = await readFile(join(laptop, 'keys', `signing-${before.keyId}.pub.pem`), 'utf8');
    const signerIn = (home: string, trusted?: string) => {
      const environment = { ASSAY_HOME: join(folder, home), ASSAY_SIGNING_KMS_KEY: keys[0] };
      return signerOf(loadConfig({ ...environment, ASSAY_TRUSTED_PUBLIC_KEYS: trusted }, '/'), kms);
    };
    const between = pem.split('\n').slice(1, -2).join('');
    assert.equal((await signerIn('trusts', between)).verify(bytes, before), true);
    assert.equal((await signerIn('trusts-not')).verify(bytes, before), false);
    await assert.rejects(signerIn('wrong', 'MIIB'), /ASSAY_TRUSTED_PUBLIC_KEYS/);
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
