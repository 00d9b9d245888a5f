import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Hash over the source text of folders (relative to the repository's root), without tests: "the code that computes it".
 * Paths and contents are hashed in sorted order, so it is the same on every machine.
 */
export async function hashSources(folders: readonly string[], root: string = REPOSITORY_ROOT): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of [...folders].sort()) {
    for (const file of await sourceFiles(join(root, folder))) {
      hash
        .update(`${relative(root, file)}\0`)
        .update(await readFile(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

async function sourceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|json|sql)$/.test(entry.name) && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
