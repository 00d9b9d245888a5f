import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssayError, sha256Hex } from '../../domain/index.ts';
import type { Lake } from '../contract.ts';
import { syncPath, syncTree } from '../durable-file.ts';

/** Files of one model version by name. */
export type ModelFiles = Readonly<Record<string, Uint8Array>>;
export type FileHashes = Readonly<Record<string, string>>;

/** Where the files of model versions lie. */
export type ModelFileStore = {
  /** All or nothing; replaces what was there. */
  write(modelVersion: string, files: ModelFiles): Promise<void>;
  /**
   * @param hashes what the files must have; files without one are not read, and none at all means that hashes were not kept
   * @throws AssayError not_found for a file that is not there, tampered for one that is another
   */
  read(modelVersion: string, hashes: FileHashes): Promise<Record<string, Uint8Array>>;
};

/** In folders of a directory. */
export function localModelFiles(directory: string): ModelFileStore {
  return {
    write: async (modelVersion, files) => writeFiles(versionFolder(directory, modelVersion), files),
    read: async (modelVersion, hashes) => readFiles(versionFolder(directory, modelVersion), hashes),
  };
}

/** In a lake, where every machine that shares it finds them. */
export function lakeModelFiles(lake: Lake): ModelFileStore {
  return {
    write: async (modelVersion, files) => {
      const target = versionFolder('models', modelVersion);
      checkNames(files);
      for (const [name, bytes] of Object.entries(files)) await lake.put(`staging/${target}/${name}`, bytes);
      await lake.publish(`staging/${target}`, target);
    },
    read: async (modelVersion, hashes) => {
      const folder = versionFolder('models', modelVersion);
      const kept = Object.keys(hashes);
      const names = kept.length > 0 ? kept : (await lake.list(folder)).map((key) => key.slice(folder.length + 1));
      if (names.length === 0) return notThere(folder, undefined);
      return checked(folder, names, hashes, (name) => lake.get(`${folder}/${name}`));
    },
  };
}

/** Names of model versions are also names of folders: nothing else is looked up on disk. */
const VERSION_NAME = /^[a-z0-9][a-z0-9-]{0,120}$/;
const FILE_NAME = /^[a-z0-9][a-z0-9._-]{0,100}$/;

/** @throws AssayError not_found for what cannot be the name of a version */
function versionFolder(directory: string, modelVersion: string): string {
  if (VERSION_NAME.test(modelVersion)) return join(directory, modelVersion);
  throw new AssayError('not_found', {
    what: 'not the name of a model version',
    given: modelVersion,
    allowed: 'lower-case letters, digits and hyphens',
  });
}

export function hashFiles(files: ModelFiles): FileHashes {
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256Hex(bytes)]));
}

function checkNames(files: ModelFiles): void {
  for (const name of Object.keys(files)) {
    if (!FILE_NAME.test(name))
      throw new AssayError('bad_input', { what: 'not a file name a model version may have', given: name });
  }
}

/** In one rename, on disk before it returns: a reader finds all files or none. Replaces what was there. */
async function writeFiles(folder: string, files: ModelFiles): Promise<void> {
  checkNames(files);
  const staging = `${folder}.staging-${process.pid}`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(staging, name), bytes);
  await syncTree(staging);
  await rm(folder, { recursive: true, force: true });
  await rename(staging, folder);
  await syncPath(dirname(folder));
}

async function readFiles(folder: string, hashes: FileHashes): Promise<Record<string, Uint8Array>> {
  const kept = Object.keys(hashes);
  const names = kept.length > 0 ? kept : await readdir(folder).catch((cause) => notThere(folder, cause));
  return checked(folder, names, hashes, (name) => readFile(join(folder, name)));
}

async function checked(
  folder: string,
  names: readonly string[],
  hashes: FileHashes,
  readOne: (name: string) => Promise<Uint8Array>,
): Promise<Record<string, Uint8Array>> {
  const read = async (name: string) => {
    const bytes = await readOne(name).catch((cause) => notThere(join(folder, name), cause));
    const expected = hashes[name];
    if (expected !== undefined && sha256Hex(bytes) !== expected) throw changed(join(folder, name));
    return [name, bytes] as const;
  };
  return Object.fromEntries(await Promise.all(names.map(read)));
}

function notThere(path: string, cause: unknown): never {
  throw new AssayError(
    'not_found',
    { what: 'the files of a model version are not there', given: path, fix: 'restore them, or train again' },
    { cause },
  );
}

function changed(path: string): AssayError {
  return new AssayError('tampered', {
    what: 'a file of a model version is not what was registered',
    given: path,
    fix: 'restore it from a backup, or train the version again; do not use this one',
  });
}
