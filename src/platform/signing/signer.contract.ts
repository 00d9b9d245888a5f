import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Signer } from '../contract.ts';
import { keyIdOfPublicKey, openVerifier } from './public-keys.ts';

/** Larger than what a key management service signs in one piece. */
const LARGE_BYTES = 40_000;

/** What every signer keeps, wherever its key lies. `open` gives one for a data directory; by default always with the same key. */
export function testSignerContract(engine: string, open: (home: string, key?: 'other') => Promise<Signer>): void {
  const newHome = (): string => mkdtempSync(join(tmpdir(), 'assay-signer-'));
  const bytes = Buffer.alloc(LARGE_BYTES, '{"pd":0.02}');

  test(`${engine}: what it signed verifies offline by the public key alone, and no changed byte does`, async () => {
    const home = newHome();
    const signed = await (await open(home)).sign(bytes);
    const auditor = newHome();
    const publicKeys = readdirSync(join(home, 'keys')).filter((name) => name.endsWith('.pub.pem'));
    for (const name of publicKeys) cpSync(join(home, 'keys', name), join(auditor, 'keys', name));
    const verify = openVerifier(auditor);
    assert.equal(verify(bytes, signed), true);
    assert.equal(verify(Buffer.concat([bytes, Buffer.from(' ')]), signed), false);
    const other = Buffer.from(signed.signature, 'base64');
    other[12]! ^= 1;
    assert.equal(verify(bytes, { ...signed, signature: other.toString('base64') }), false);
    assert.equal(verify(bytes, { ...signed, keyId: '0'.repeat(16) }), false);
  });

  test(`${engine}: the id of a key is the hash of its public half`, async () => {
    const home = newHome();
    const { keyId } = await (await open(home)).sign(bytes);
    const pem = readFileSync(join(home, 'keys', `signing-${keyId}.pub.pem`), 'utf8');
    assert.equal(keyIdOfPublicKey(pem), keyId);
  });

  test(`${engine}: a signature of another key does not pass under this one's id`, async () => {
    const [home, elsewhere] = [newHome(), newHome()];
    const signer = await open(home);
    const mine = await signer.sign(bytes);
    const theirs = await (await open(elsewhere, 'other')).sign(bytes);
    assert.notEqual(mine.keyId, theirs.keyId);
    assert.equal(signer.verify(bytes, { ...theirs, keyId: mine.keyId }), false);
    assert.equal(signer.verify(bytes, theirs), false);
  });
}
