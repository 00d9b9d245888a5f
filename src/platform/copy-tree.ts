import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Relative paths of the files under a folder, in order. A folder that is not there has none. */
export async function filesUnder(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(ifGone([]));
  return names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/**
 * Copies a file with its mode and time of change, sharing its blocks where the file system can. False when it is gone by now, as
 * files of a running system may be.
 */
export async function copyWithTimes(from: string, to: string): Promise<boolean> {
  const found = await stat(from).catch(ifGone(undefined));
  if (!found) return false;
  const folder = await stat(dirname(from));
  await mkdir(dirname(to), { recursive: true, mode: folder.mode & 0o777 });
  const isCopied = await copyFile(from, to, constants.COPYFILE_FICLONE).then(() => true, ifGone(false));
  if (!isCopied) return false;
  await chmod(to, found.mode & 0o777);
  await utimes(to, found.atime, found.mtime);
  return true;
}

export type FileStamp = { readonly bytes: number; readonly sha256: string };

export async function stampOf(path: string): Promise<FileStamp> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function ifGone<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return value;
    throw error;
  };
}
