import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lake, Warehouse } from '../platform/index.ts';
import { quotedPath } from './processed-views.ts';

/**
 * Writes a SELECT as zstd Parquet under a key. By way of a scratch file, since only `put` writes to every lake;
 * `use` may read that file before it is put.
 */
export async function copyToLake<T = undefined>(
  { warehouse, lake }: { readonly warehouse: Warehouse; readonly lake: Lake },
  select: string,
  key: string,
  use?: (path: string) => Promise<T>,
): Promise<T | undefined> {
  const scratch = await mkdtemp(join(tmpdir(), 'assay-features-'));
  try {
    const file = join(scratch, 'part.parquet');
    await warehouse.run(`COPY (${select}) TO ${quotedPath(file)} (FORMAT parquet, COMPRESSION zstd)`);
    const used = await use?.(file);
    await lake.put(key, await readFile(file));
    return used;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
