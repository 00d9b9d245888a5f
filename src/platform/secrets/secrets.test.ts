import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AssayError } from '../../domain/index.ts';
import { loadConfig } from '../config.ts';
import { openLocalLake } from '../lake/index.ts';
import { openFileKeyWrapper } from '../persons/index.ts';
import { openSealedZone } from '../sealed-zone/index.ts';
import { openSigner } from '../signing/index.ts';
import { configFromSecrets } from './secrets.ts';

const privatePem = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test('a signing key from a secret signs, and only its owner can read it', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'assay-secrets-'));
  t.after(() => rm(home, { recursive: true }));
  const config = loadConfig({ ASSAY_HOME: home, ASSAY_SIGNING_SECRET: 'signing' }, '/');
  const pem = privatePem();
  await configFromSecrets(config, async (id) => (id === 'signing' ? pem : ''));
  const signer = openSigner(home);
  const { keyId } = await signer.sign(Buffer.from('x'));
  assert.equal((await stat(join(home, 'keys', `signing-${keyId}.pem`))).mode & 0o777, 0o600);
  await configFromSecrets(config, async () => pem);
  assert.equal((await openSigner(home).sign(Buffer.from('y'))).keyId, keyId);
});

test('processes that start from one master secret name a person alike; without it they would not', async (t) => {
  const homes = await Promise.all([0, 1, 2].map(() => mkdtemp(join(tmpdir(), 'assay-secrets-'))));
  t.after(() => Promise.all(homes.map((home) => rm(home, { recursive: true }))));
  // openssl breaks its lines
  const text = `${randomBytes(64).toString('base64').replace(/.{64}/, '$&\n')}\n`;
  for (const home of homes.slice(0, 2)) {
    const config = loadConfig({ ASSAY_HOME: home, ASSAY_MASTER_SECRET: 'master' }, '/');
    await configFromSecrets(config, async () => text);
    await configFromSecrets(config, async () => text);
    assert.equal((await stat(join(home, 'keys', 'master.key'))).mode & 0o777, 0o600);
  }
  const [one, other, without] = homes.map((home) => openFileKeyWrapper(home).pseudonymKey.toString('hex'));
  assert.equal(one, other);
  assert.notEqual(one, without);
  const config = loadConfig({ ASSAY_HOME: homes[0]!, ASSAY_MASTER_SECRET: 'master' }, '/');
  await assert.rejects(
    configFromSecrets(config, async () => 'hunter2'),
    (error) => error instanceof AssayError && error.code === 'bad_input' && !error.message.includes('hunter2'),
  );
});

test('what was sealed under the secret of protected traits opens on another machine; another kind of secret is refused', async (t) => {
  const homes = await Promise.all([0, 1].map(() => mkdtemp(join(tmpdir(), 'assay-secrets-'))));
  t.after(() => Promise.all(homes.map((home) => rm(home, { recursive: true }))));
  const lake = openLocalLake(join(homes[0]!, 'lake'));
  const text = `${randomBytes(32).toString('hex')}\n`;
  const zones = [];
  for (const home of homes) {
    await configFromSecrets(loadConfig({ ASSAY_HOME: home, ASSAY_SEALED_SECRET: 'sealed' }, '/'), async () => text);
    assert.equal((await stat(join(home, 'keys', 'protected.key'))).mode & 0o777, 0o600);
    zones.push(openSealedZone({ lake, home }));
  }
  await zones[0]!.put('a.parquet', Buffer.from('trait'));
  assert.equal(Buffer.from(await zones[1]!.get('a.parquet')).toString(), 'trait');
  const config = loadConfig({ ASSAY_HOME: homes[0]!, ASSAY_SEALED_SECRET: 'sealed' }, '/');
  await assert.rejects(
    configFromSecrets(config, async () => 'hunter2'),
    (error) => error instanceof AssayError && error.code === 'bad_input' && !error.message.includes('hunter2'),
  );
});

test('the login that RDS keeps becomes a URL over TLS; one that is set stays', async () => {
  const login = JSON.stringify({
    username: 'assay',
    password: 'p@ss/word',
    host: 'db.example',
    port: 5433,
    dbname: 'books',
  });
  const config = loadConfig({ ASSAY_DATABASE_SECRET: 'db' }, '/');
  const { databaseUrl } = await configFromSecrets(config, async () => login);
  assert.equal(databaseUrl, 'postgresql://assay:p%40ss%2Fword@db.example:5433/books?sslmode=verify-full');
  const set = loadConfig({ ASSAY_DATABASE_SECRET: 'db', DATABASE_URL: 'postgresql://x/y' }, '/');
  assert.equal((await configFromSecrets(set, async () => login)).databaseUrl, 'postgresql://x/y');
});

test('a secret of another kind is refused without being shown', async () => {
  const isRefused = (error: unknown): boolean =>
    error instanceof AssayError && error.code === 'bad_input' && !error.message.includes('hunter2');
  const database = loadConfig({ ASSAY_DATABASE_SECRET: 'db' }, '/');
  for (const text of ['hunter2', '{"username":"hunter2"}', '[]'])
    await assert.rejects(
      configFromSecrets(database, async () => text),
      isRefused,
    );
  const signing = loadConfig({ ASSAY_HOME: tmpdir(), ASSAY_SIGNING_SECRET: 's' }, '/');
  await assert.rejects(
    configFromSecrets(signing, async () => 'hunter2'),
    isRefused,
  );
});
