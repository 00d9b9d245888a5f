import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Config } from '../config.ts';
import { openFileKeyWrapper, unlockMasterKey } from '../persons/index.ts';
import { keyIdOfPrivateKey, publicPemOf } from '../signing/index.ts';

/** Reads one secret's text by its name or ARN. */
export type ReadSecret = (secretId: string) => Promise<string>;

const PRIVATE_MODE = 0o600;
/** 32 for wrapping, 32 for pseudonyms. */
const MASTER_KEY_BYTES = 64;
/** As in `keys/protected.key`. */
const SEALED_KEY = /^[0-9a-f]{64}$/;

/**
 * A configuration whose secrets were fetched: signing key, master key and the key of protected traits are written into `home/keys`, which is
 * the container's own and goes with it; the database's login becomes its URL. Without secrets in the configuration it is given back as it is.
 * The signing secret is an Ed25519 private key in PEM; the other two are the text of `keys/master.key` and `keys/protected.key`
 * (a master key that KMS sealed is opened for this process);
 * the database's is what RDS keeps: username, password, host, port, dbname.
 * @throws AssayError unavailable when a secret cannot be read, bad_input when it is not what it should be
 */
export async function configFromSecrets(config: Config, read: ReadSecret = readFromAws): Promise<Config> {
  if (config.signingSecret !== undefined) await installKey(config.home, await read(config.signingSecret));
  if (config.masterSecret !== undefined) await installMasterKey(config.home, await read(config.masterSecret));
  await unlockMasterKey(config.home);
  if (config.sealedSecret !== undefined) await installSealedKey(config.home, await read(config.sealedSecret));
  if (config.databaseSecret === undefined || config.databaseUrl !== undefined) return config;
  return { ...config, databaseUrl: databaseUrlOf(await read(config.databaseSecret)) };
}

async function installKey(home: string, pem: string): Promise<void> {
  const directory = join(home, 'keys');
  const keyId = keyIdOfPrivateKey(pem);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, `signing-${keyId}.pub.pem`), publicPemOf(pem));
  await writeFile(join(directory, `signing-${keyId}.pem`), pem, { mode: PRIVATE_MODE });
}

/** A container that made a master key of its own could read nobody, and would recognise no erased person. */
async function installMasterKey(home: string, text: string): Promise<void> {
  const isSealed = text.startsWith('aws-kms ');
  if (!isSealed && Buffer.from(text.trim(), 'base64').length !== MASTER_KEY_BYTES) {
    throw new AssayError('bad_input', {
      what: 'the master secret is not usable',
      allowed: `${MASTER_KEY_BYTES} bytes in base64, or as KMS sealed them, as in keys/master.key of an installation`,
      fix: 'put that file into the secret, or for a new installation: openssl rand -base64 64',
    });
  }
  const directory = join(home, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'master.key'), text, { mode: PRIVATE_MODE });
  if (!isSealed) openFileKeyWrapper(home);
}

async function installSealedKey(home: string, text: string): Promise<void> {
  if (!SEALED_KEY.test(text.trim())) {
    throw new AssayError('bad_input', {
      what: 'the secret of protected traits is not usable',
      allowed: '32 bytes in hex, as in keys/protected.key of an installation',
      fix: 'put that file into the secret, or for a new installation: openssl rand -hex 32',
    });
  }
  const directory = join(home, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'protected.key'), text, { mode: PRIVATE_MODE });
}

function databaseUrlOf(text: string): string {
  const login = parse(text);
  const [user, password, host] = ['username', 'password', 'host'].map((name) => textAt(login, name));
  const port = Number(login['port'] ?? 5432);
  const database = typeof login['dbname'] === 'string' ? login['dbname'] : 'assay';
  return `postgresql://${encodeURIComponent(user!)}:${encodeURIComponent(password!)}@${host}:${port}/${database}?sslmode=verify-full`;
}

function textAt(login: Record<string, unknown>, name: string): string {
  const value = login[name];
  if (typeof value === 'string' && value !== '') return value;
  throw unusable(`no "${name}"`);
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // the text may hold a password, so it is not shown
  }
  throw unusable('not a JSON object');
}

function unusable(given: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the database secret is not usable',
    given,
    allowed: 'JSON with username, password, host, port and dbname, as RDS keeps it',
    fix: 'name the secret of the database in ASSAY_DATABASE_SECRET',
  });
}

/** Credentials and region come from the environment, as everywhere in the SDK. */
async function readFromAws(secretId: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient();
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return SecretString ?? '';
  } catch (cause) {
    throw new AssayError(
      'unavailable',
      {
        what: 'a secret could not be read',
        given: `${secretId}: ${cause instanceof Error ? cause.name : 'unknown error'}`,
        fix: 'check its name, and that the role may secretsmanager:GetSecretValue and kms:Decrypt on it',
      },
      { cause },
    );
  } finally {
    client.destroy();
  }
}
