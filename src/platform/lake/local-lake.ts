import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { AssayError } from '../../domain/index.ts';
import type { Lake } from '../contract.ts';
import { putWhole, syncPath, syncTree } from '../durable-file.ts';
import { pathOfKey, REPLACED, TEMPORARY } from './key.ts';

/**
 * A lake in a directory. Writes go to a temporary file, are forced to disk and renamed. `publish` renames whole folders; the
 * moment between moving the old one away and the new one in is mended at the next open if the process dies there.
 */
export function openLocalLake(root: string): Lake {
  const base = resolve(root);
  mkdirSync(base, { recursive: true });
  mendInterruptedPublish(base);
  const inside = (key: string): Promise<string> => insideRoot(base, pathOfKey(base, key));
  return {
    path: (key) => pathOfKey(base, key),
    put: async (key, content) => writeWhole(await inside(key), content),
    get: async (key) => readFile(await inside(key)).catch(notFound(key)),
    exists: async (key) => existsAt(await inside(key)),
    list: async (prefix) => listKeys(base, prefix === '' ? base : await inside(prefix)),
    publish: async (staging, target) => publish(await inside(staging), await inside(target), staging),
    remove: async (prefix) => rm(await inside(prefix), { recursive: true, force: true }),
  };
}

/** A link planted under the root must not lead out of it: the real path of what exists is compared. */
async function insideRoot(base: string, path: string): Promise<string> {
  const realBase = await realpath(base);
  const real = await realpathOfExisting(path);
  if (real === realBase || real.startsWith(realBase + sep)) return path;
  throw new AssayError('forbidden', {
    what: 'a link leads out of the lake',
    given: relative(base, path),
    fix: 'remove the link from the data directory',
  });
}

async function realpathOfExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    try {
      return await realpath(at);
    } catch (error) {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error;
    }
  }
}

async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await putWhole(path, content, { part: `${path}.${randomUUID()}${TEMPORARY}`, flags: 'wx' });
}

async function existsAt(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function listKeys(base: string, folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    if (hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  });
  if (entries === undefined) return [keyOf(base, folder)];
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => keyOf(base, join(entry.parentPath, entry.name)))
    .filter((key) => !key.includes(TEMPORARY) && !key.includes(REPLACED))
    .sort();
}

function keyOf(base: string, path: string): string {
  return relative(base, path).split(sep).join('/');
}

async function publish(from: string, to: string, staging: string): Promise<void> {
  if (!(await existsAt(from))) return notFound(staging)(undefined);
  // a published file must survive a power cut
  await syncTree(from);
  await mkdir(dirname(to), { recursive: true });
  const old = `${to}${REPLACED}`;
  await rm(old, { recursive: true, force: true });
  if ((await existsAt(to)) && (await stat(to)).isDirectory()) await rename(to, old);
  await rename(from, to);
  await syncPath(dirname(to));
  await rm(old, { recursive: true, force: true });
}

/** A process died between the two renames of `publish`: what was there before comes back. Else the leftover goes. */
function mendInterruptedPublish(base: string): void {
  const leftovers = readdirSync(base, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(REPLACED));
  for (const name of leftovers) {
    const old = join(base, name);
    const target = old.slice(0, -REPLACED.length);
    if (!realpathSync(dirname(old)).startsWith(realpathSync(base))) continue;
    if (existsSync(target)) rmSync(old, { recursive: true, force: true });
    else renameSync(old, target);
  }
}

function notFound(key: string): (cause: unknown) => never {
  return (cause) => {
    if (cause !== undefined && !hasCode(cause, 'ENOENT')) throw cause;
    throw new AssayError('not_found', { what: 'the lake has no such key', given: key }, { cause });
  };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
