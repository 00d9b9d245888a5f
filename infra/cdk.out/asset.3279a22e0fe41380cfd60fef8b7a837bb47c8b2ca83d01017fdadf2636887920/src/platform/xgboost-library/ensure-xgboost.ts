import { createHash, randomUUID } from 'node:crypto';
import { access, constants, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Config } from '../config.ts';
import { downloadWheel } from './download-wheel.ts';
import { WHEELS, type Wheel, XGBOOST_VERSION } from './wheels.ts';
import { readZip } from './zip.ts';

export type EnsureXgboostOptions = {
  readonly onProgress?: (text: string) => void;
  /** A wheel already on disk, for sites without a package index. */
  readonly fromFile?: string;
  readonly signal?: AbortSignal;
};

type Places = Pick<Config, 'home' | 'cacheDirectory' | 'xgboostLib'>;

/**
 * Absolute path of libxgboost: XGBOOST_LIB, else the per-user cache (or the data directory when that cannot be written), else
 * the pinned wheel is downloaded by pip, checked against its SHA-256 and the library, its OpenMP runtime and the wheel's
 * metadata (licence) are unpacked. Several processes may do this at once: each unpacks aside, the first rename wins.
 * @throws AssayError unavailable with the ways out when there is no library for this platform or no way to get it; tampered
 * when a wheel is not the pinned one.
 */
export async function ensureXgboost(config: Places, options: EnsureXgboostOptions = {}): Promise<string> {
  if (options.fromFile === undefined) {
    const present = await findXgboost(config);
    if (present !== undefined) return present;
  }
  const wheel = wheelFor(platformKey());
  const root = await writableRoot(config);
  if (options.fromFile !== undefined) return install(wheel, await readWheelFile(options.fromFile), root);
  return downloadAndInstall(wheel, root, options);
}

/** The library `ensureXgboost` would return without fetching anything; undefined when it would have to. */
export async function findXgboost(config: Places): Promise<string | undefined> {
  if (config.xgboostLib !== undefined) return givenLibrary(config.xgboostLib);
  const wheel = WHEELS[platformKey()];
  if (!wheel) return undefined;
  for (const root of [config.cacheDirectory, join(config.home, 'cache')]) {
    const library = join(installFolder(root, wheel), wheel.library);
    if (await isIntact(library)) return library;
  }
  return undefined;
}

async function downloadAndInstall(wheel: Wheel, root: string, options: EnsureXgboostOptions): Promise<string> {
  options.onProgress?.(`libxgboost ${XGBOOST_VERSION}: downloading ${wheel.fileName}`);
  const scratch = await mkdtemp(join(root, 'download-'));
  try {
    const file = await downloadWheel(wheel, scratch, options.signal);
    const library = await install(wheel, await readFile(file), root);
    options.onProgress?.(`libxgboost ${XGBOOST_VERSION}: ready`);
    return library;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function givenLibrary(path: string): Promise<string> {
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return path;
  throw new AssayError('bad_input', {
    what: 'XGBOOST_LIB does not name a file',
    given: path,
    allowed: 'the path of a libxgboost shared library',
    fix: 'correct XGBOOST_LIB, or unset it to let Assay fetch the pinned version',
  });
}

async function readWheelFile(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new AssayError('bad_input', { what: 'the wheel cannot be read', given: path }, { cause });
  });
}

/** Node's platform and processor; musl is told apart because glibc's libraries do not load there. */
function platformKey(): string {
  const key = `${process.platform}-${process.arch}`;
  return process.platform === 'linux' && !isGlibc() ? `${key}-musl` : key;
}

function isGlibc(): boolean {
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) return true;
  const header = report.header;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
}

function wheelFor(key: string): Wheel {
  const wheel = WHEELS[key];
  if (wheel) return wheel;
  throw new AssayError('unavailable', {
    what: 'there is no pinned libxgboost for this platform',
    given: key,
    allowed: Object.keys(WHEELS).join(', '),
    fix: `build libxgboost ${XGBOOST_VERSION} yourself and set XGBOOST_LIB to its path`,
  });
}

async function writableRoot(config: Places): Promise<string> {
  for (const root of [config.cacheDirectory, join(config.home, 'cache')]) {
    try {
      await mkdir(root, { recursive: true });
      await access(root, constants.W_OK);
      return root;
    } catch {
      // Read-only home directories are common in containers: try the next place.
    }
  }
  throw new AssayError('unavailable', {
    what: 'no directory for libxgboost can be written',
    given: `${config.cacheDirectory}, ${join(config.home, 'cache')}`,
    fix: 'set XDG_CACHE_HOME or ASSAY_HOME to a directory that can be written, or set XGBOOST_LIB',
  });
}

function installFolder(root: string, wheel: Wheel): string {
  return join(root, `${wheel.project}-${XGBOOST_VERSION}-${wheel.platformTag}`);
}

/** Unpacks beside the target and renames: a reader sees a whole folder or none. */
async function install(wheel: Wheel, bytes: Uint8Array, root: string): Promise<string> {
  checkHash(wheel, bytes);
  const target = installFolder(root, wheel);
  const library = join(target, wheel.library);
  const staging = `${target}.${randomUUID()}`;
  try {
    await unpack(wheel, bytes, staging);
    await rename(staging, target).catch(async () => {
      // Either another process was quicker, or what is there is damaged.
      if (await isIntact(library)) return;
      await rm(target, { recursive: true, force: true });
      await rename(staging, target);
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return library;
}

function checkHash(wheel: Wheel, bytes: Uint8Array): void {
  const given = sha256(bytes);
  if (given === wheel.sha256) return;
  throw new AssayError('tampered', {
    what: 'the wheel of libxgboost is not the pinned one',
    given: `sha256 ${given}`,
    allowed: `${wheel.fileName}, sha256 ${wheel.sha256}`,
    fix: 'download exactly this file; a mirror that rebuilds wheels cannot be used',
  });
}

async function unpack(wheel: Wheel, bytes: Uint8Array, target: string): Promise<void> {
  const wanted = readZip(bytes).filter((entry) => isWanted(entry.name, wheel));
  for (const entry of wanted) {
    const path = join(target, entry.name);
    const content = entry.read();
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content, { mode: entry.name === wheel.library ? 0o755 : 0o644 });
    if (entry.name === wheel.library) await writeFile(`${path}.sha256`, sha256(content));
  }
}

/** The library, its OpenMP runtime (found by relative path, so the folders stay) and the metadata with the licence. */
function isWanted(name: string, wheel: Wheel): boolean {
  if (name.split('/').includes('..')) return false;
  return (
    name === wheel.library || /^xgboost(_cpu)?\.libs\/[^/]+$/.test(name) || /\.dist-info\/(METADATA|licen)/i.test(name)
  );
}

/** A file cut short by a full disk or a flipped bit must not be loaded into a process. */
async function isIntact(library: string): Promise<boolean> {
  try {
    return (await readFile(`${library}.sha256`, 'utf8')) === sha256(await readFile(library));
  } catch {
    return false;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
