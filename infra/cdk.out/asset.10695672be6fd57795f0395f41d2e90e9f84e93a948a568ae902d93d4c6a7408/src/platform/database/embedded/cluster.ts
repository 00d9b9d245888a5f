import { execFile } from 'node:child_process';
import { chown, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AssayError } from '../../../domain/index.ts';
import type { Binaries } from './binaries.ts';
import type { OsUser } from './os-user.ts';
import { ownFolder } from './places.ts';
import { ids, serverEnvironment } from './postmaster.ts';
import type { Credentials } from './state.ts';

const run = promisify(execFile);
export const ADMIN = 'assay_admin';
export const ROLE = 'assay';
export const DATABASE = 'assay';

/**
 * Creates the cluster when the folder has none. It is made aside and renamed, so a killed initialisation leaves nothing half done.
 * UTF-8, byte order of text the same on every machine, checksums on every page (PostgreSQL's default since 18).
 */
export async function ensureCluster(options: {
  dataDirectory: string;
  binaries: Binaries;
  user: OsUser;
  adminPassword: string;
}): Promise<void> {
  const { dataDirectory, binaries, user, adminPassword } = options;
  if (await hasCluster(dataDirectory)) return;
  const staging = `${dataDirectory}.new`;
  await rm(staging, { recursive: true, force: true });
  await ownFolder(staging, user);
  const passwordFile = `${dataDirectory}.password`;
  await writeFile(passwordFile, adminPassword, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(passwordFile, user.uid, user.gid);
  try {
    await run(binaries.initdb, initArguments(staging, passwordFile), {
      cwd: '/',
      env: serverEnvironment(),
      ...ids(user),
    });
  } catch (cause) {
    throw notInitialised(staging, cause);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(staging, dataDirectory);
}

export async function hasCluster(dataDirectory: string): Promise<boolean> {
  return (await readdir(dataDirectory).catch((): string[] => [])).includes('PG_VERSION');
}

function initArguments(dataDirectory: string, passwordFile: string): string[] {
  return [
    `--pgdata=${dataDirectory}`,
    `--username=${ADMIN}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
  ];
}

/** The role Assay works as is not a superuser: it cannot read the server's files or run programs. */
export async function ensureDatabase(port: number, credentials: Credentials): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: ADMIN,
    password: credentials.adminPassword,
    database: 'postgres',
  });
  await client.connect();
  try {
    const roles = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [ROLE]);
    if (roles.rowCount === 0) {
      await client.query(`CREATE ROLE ${ROLE} LOGIN PASSWORD ${client.escapeLiteral(credentials.password)}`);
    }
    const databases = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (databases.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
  } finally {
    await client.end();
  }
}

function notInitialised(dataDirectory: string, cause: unknown): AssayError {
  const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  return new AssayError(
    'unavailable',
    {
      what: 'the embedded PostgreSQL could not create its data directory',
      given: `${dataDirectory}: ${stderr || String(cause)}`,
      fix: 'check free space and permissions; on a system without the usual libraries set DATABASE_URL to a PostgreSQL server',
    },
    { cause },
  );
}
