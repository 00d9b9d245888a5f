import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { AssayError } from '../../domain/index.ts';
import { REPOSITORY_ROOT, withFileLock } from '../../platform/index.ts';

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 300_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const STAMP = '.assay-build';

/** What the built app is made of: its sources, what it imports from the server's tree, and the versions of its packages. */
const SOURCES = [
  'web/src',
  'web/public',
  'web/index.html',
  'web/vite.config.ts',
  'web/package.json',
  'package-lock.json',
  'src/api/contract.ts',
  'src/domain',
];

type Options = { onProgress?: (text: string) => void; signal?: AbortSignal; root?: string };

/**
 * The folder of the web app, built when its sources changed since the last build (by content, not by date: a fresh clone has
 * only new dates). Built aside and renamed, so a server that serves the old one is never caught half way.
 */
export async function ensureWebApp(options: Options = {}): Promise<string> {
  const root = options.root ?? REPOSITORY_ROOT;
  const dist = join(root, 'web', 'dist');
  if (await isCurrent(root)) return dist;
  return withFileLock(join(root, 'web', '.build.lock'), async () => {
    const hash = await sourceHash(root);
    if ((await builtHash(root)) === hash) return dist;
    options.onProgress?.('web app: building (once, about half a minute)');
    await build(root, hash, options.signal);
    options.onProgress?.('web app: built');
    return dist;
  });
}

/** Whether the web app is there, and made of the present sources. */
export async function findWebApp(root = REPOSITORY_ROOT): Promise<'current' | 'outdated' | 'absent'> {
  if (!existsSync(join(root, 'web', 'dist', 'index.html'))) return 'absent';
  return (await isCurrent(root)) ? 'current' : 'outdated';
}

async function isCurrent(root: string): Promise<boolean> {
  const built = await builtHash(root);
  return built !== undefined && built === (await sourceHash(root));
}

async function builtHash(root: string): Promise<string | undefined> {
  return readFile(join(root, 'web', 'dist', STAMP), 'utf8').catch(() => undefined);
}

async function sourceHash(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesOf(join(root, source))) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(await readFile(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function build(root: string, hash: string, signal: AbortSignal | undefined): Promise<void> {
  const [web, staging] = [join(root, 'web'), `dist.${process.pid}`];
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  try {
    await run(process.execPath, [vite, 'build', '--outDir', staging, '--emptyOutDir', '--logLevel', 'warn'], {
      cwd: web,
      env: plainEnvironment(),
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      ...(signal && { signal }),
    });
    await writeFile(join(web, staging, STAMP), hash);
    await rm(join(web, 'dist'), { recursive: true, force: true });
    await rename(join(web, staging), join(web, 'dist'));
  } catch (cause) {
    signal?.throwIfAborted();
    throw notBuilt(cause);
  } finally {
    await rm(join(web, staging), { recursive: true, force: true });
  }
}

/** Colours would end up in error messages. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1' };
}

function notBuilt(cause: unknown): AssayError {
  const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
  return new AssayError(
    'unavailable',
    {
      what: 'the web app could not be built',
      given:
        stderr
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, 5)
          .join(' | ') || String(cause),
      fix: 'run "npm run build -w web" to see all of it; about 1 GB of free memory is needed',
    },
    { cause },
  );
}
