import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import { REPOSITORY_ROOT } from '../../platform/index.ts';

type LockedPackage = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
type Lockfile = { readonly packages: Readonly<Record<string, LockedPackage>> };

const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd'];
const PROCESSORS = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 's390x', 'riscv64'];

/**
 * Optional packages of other platforms that the lockfile forgot. npm forgets them when the registry it asked has no copy, and then
 * `npm ci` refuses the lockfile everywhere. An entry needs only version and platform: it is never fetched where it does not fit.
 */
export function forgottenPackages(lockfile: Lockfile): Record<string, LockedPackage> {
  const forgotten: Record<string, LockedPackage> = {};
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lockfile.packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (isLocked(lockfile, path, name)) continue;
      forgotten[`node_modules/${name}`] = entryFor(name, range, dev === true);
    }
  }
  return forgotten;
}

/** Adds the forgotten packages to package-lock.json; gives their names. */
export async function completeLockfile(root = REPOSITORY_ROOT): Promise<string[]> {
  const path = join(root, 'package-lock.json');
  const lockfile = await readLockfile(path);
  const forgotten = forgottenPackages(lockfile);
  const packages = Object.fromEntries(Object.entries({ ...lockfile.packages, ...forgotten }).sort(byPath));
  await writeFile(path, `${JSON.stringify({ ...lockfile, packages }, null, 2)}\n`);
  return Object.keys(forgotten);
}

export async function readLockfile(path: string): Promise<Lockfile> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (isLockfile(value)) return value;
  throw new AssayError('bad_input', { what: 'not a lockfile of npm', given: path, allowed: 'lockfileVersion 3' });
}

function isLockfile(value: unknown): value is Lockfile {
  return typeof value === 'object' && value !== null && 'packages' in value && typeof value.packages === 'object';
}

/** Node's resolution: beside the package, then in each folder above it. */
function isLocked(lockfile: Lockfile, path: string, name: string): boolean {
  const parts = path === '' ? [] : path.split('/node_modules/');
  for (let depth = parts.length; depth >= 0; depth--) {
    const above = parts.slice(0, depth).join('/node_modules/');
    if (lockfile.packages[above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`]) return true;
  }
  return false;
}

function entryFor(name: string, range: string, isDev: boolean): LockedPackage {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu.length > 0 && { cpu }),
    ...(isDev && { dev: true }),
    optional: true,
    ...(os.length > 0 && { os }),
    ...(words.includes('musl') && { libc: ['musl'] }),
  };
}

function byPath([a]: [string, unknown], [b]: [string, unknown]): number {
  return a.localeCompare(b, 'en');
}
