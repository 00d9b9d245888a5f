import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { AssayError } from '../../../domain/index.ts';

/** Where the embedded server of a data directory lies; kept in `<home>/postgres.json`. */
export type EmbeddedState = { readonly dataDirectory: string; readonly port: number };

/** Passwords of the server's owner and of the role Assay works as; kept in `<home>/keys/postgres.json`, owner-only. */
export type Credentials = { readonly adminPassword: string; readonly password: string };

export async function embeddedDatabaseState(home: string): Promise<EmbeddedState | undefined> {
  const value = await readJson(statePath(home));
  if (value === undefined) return undefined;
  const { dataDirectory, port } = value;
  if (typeof dataDirectory === 'string' && typeof port === 'number') {
    return { dataDirectory: resolve(home, dataDirectory), port };
  }
  throw damaged(statePath(home));
}

/** A place inside the data directory is kept relative to it, so that the whole can be moved or restored elsewhere. */
export async function saveState(home: string, { dataDirectory, port }: EmbeddedState): Promise<void> {
  const inside = relative(home, dataDirectory);
  const place = inside.startsWith('..') ? dataDirectory : inside;
  await writeJson(statePath(home), { dataDirectory: place, port }, 0o644);
}

/** The credentials of this data directory, made when neither they nor the cluster exist. Call under the lock. */
export async function ensureCredentials(home: string, hasCluster: boolean): Promise<Credentials> {
  const path = join(home, 'keys', 'postgres.json');
  const value = await readJson(path);
  if (value === undefined) {
    if (hasCluster) throw damaged(path);
    const credentials = { adminPassword: newPassword(), password: newPassword() };
    await writeJson(path, credentials, 0o600);
    return credentials;
  }
  const { adminPassword, password } = value;
  if (typeof adminPassword === 'string' && typeof password === 'string') return { adminPassword, password };
  throw damaged(path);
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

function statePath(home: string): string {
  return join(home, 'postgres.json');
}

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Falls through to the same answer as another shape.
  }
  throw damaged(path);
}

async function writeJson(path: string, value: object, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
  const part = `${path}.${process.pid}.tmp`;
  await writeFile(part, `${JSON.stringify(value, null, 2)}\n`, { mode, flush: true });
  await rename(part, path);
}

function damaged(path: string): AssayError {
  return new AssayError('tampered', {
    what: 'a file of the embedded database is missing or damaged',
    given: path,
    fix: 'restore it from a backup',
  });
}
