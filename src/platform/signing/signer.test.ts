import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { testSignerContract } from './signer.contract.ts';
import { openSigner } from './signer.ts';

testSignerContract('file', async (home) => openSigner(home));

const newHome = (): string => mkdtempSync(join(tmpdir(), 'assay-signer-'));
const bytes = Buffer.from('{"pd":0.02}');

test('a changed byte, signature or key id is found', async () => {
  const signer = openSigner(newHome());
  const signed = await signer.sign(bytes);
  assert.equal(signer.verify(bytes, signed), true);
  assert.equal(signer.verify(Buffer.from('{"pd":0.03}'), signed), false);
  assert.equal(
    signer.verify(bytes, {
      ...signed,
      signature:
        `A${signed.signature.slice(1)}` === signed.signature
          ? `B${signed.signature.slice(1)}`
          : `A${signed.signature.slice(1)}`,
    }),
    false,
  );
  assert.equal(signer.verify(bytes, { ...signed, keyId: '0'.repeat(16) }), false);
  assert.equal(signer.verify(bytes, { ...signed, keyId: '../../../x' }), false);
});

test('the same home signs with the same key, owner-only on disk', async () => {
  const home = newHome();
  const first = await openSigner(home).sign(bytes);
  assert.deepEqual(await openSigner(home).sign(bytes), first);
  assert.equal(statSync(join(home, 'keys', `signing-${first.keyId}.pem`)).mode & 0o777, 0o600);
});

test('after rotation the new key signs and the old signatures still verify', async () => {
  const [home, other] = [newHome(), newHome()];
  const before = await openSigner(home).sign(bytes);
  utimesSync(join(home, 'keys', `signing-${before.keyId}.pem`), 1, 1);
  const added = await openSigner(other).sign(bytes);
  cpSync(join(other, 'keys'), join(home, 'keys'), { recursive: true });
  const rotated = openSigner(home);
  assert.equal((await rotated.sign(bytes)).keyId, added.keyId);
  assert.equal(rotated.verify(bytes, before), true);
});

test('a private key that others can read is refused', {
  skip: process.platform === 'win32' && 'no modes on Windows',
}, async () => {
  const home = newHome();
  const { keyId } = await openSigner(home).sign(bytes);
  chmodSync(join(home, 'keys', `signing-${keyId}.pem`), 0o644);
  assert.throws(
    () => openSigner(home),
    (error) => error instanceof AssayError && error.code === 'forbidden',
  );
});

test('a public key swapped under another name is refused', async () => {
  const [home, other] = [newHome(), newHome()];
  const mine = await openSigner(home).sign(bytes);
  utimesSync(join(home, 'keys', `signing-${mine.keyId}.pem`), 1, 1);
  openSigner(other);
  cpSync(join(other, 'keys'), join(home, 'keys'), { recursive: true });
  const foreign = readdirSync(join(other, 'keys')).find((name) => name.endsWith('.pub.pem'));
  writeFileSync(join(home, 'keys', `signing-${mine.keyId}.pub.pem`), readFileSync(join(other, 'keys', foreign!)));
  assert.throws(
    () => openSigner(home).verify(bytes, mine),
    (error) => error instanceof AssayError && error.code === 'tampered',
  );
});
