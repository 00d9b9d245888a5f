import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files of other users' keys and passwords, too. */
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Forces a file, or the names in a directory, to disk. Windows cannot open directories and does not need it. */
export async function syncPath(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** All files and names under a folder. Engines that write files (DuckDB) do not force them to disk themselves. */
export async function syncTree(path: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) return syncPath(path);
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) await syncPath(join(entry.parentPath, entry.name));
  }
  await syncPath(path);
}

/** Puts a whole file in the place of the one before: whoever reads, also after a power cut, finds one or the other. */
export async function replaceFile(path: string, content: Uint8Array | string, mode = OWNER_ONLY): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  await putWhole(path, content, { part: `${path}.${process.pid}.tmp`, flags: 'w', mode });
}

/** Writes beside the place, forces it to disk and renames; of a failure nothing is left. The folder must be there. */
export async function putWhole(
  path: string,
  content: Uint8Array | string,
  { part, flags, mode }: { readonly part: string; readonly flags: 'w' | 'wx'; readonly mode?: number },
): Promise<void> {
  try {
    const file = await open(part, flags, mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await syncPath(dirname(path));
}

/**
 * Makes a file that is there once and never half: of two processes that start at once one makes it, and both read the winner's.
 * A whole file is linked to its name, so that nobody reads an empty one.
 */
export function createFileOnce(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
  const part = `${path}.${process.pid}.tmp`;
  writeFileSync(part, content, { mode: OWNER_ONLY, flush: true });
  try {
    linkSync(part, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(part, { force: true });
  }
}
