import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AssayError } from '../domain/index.ts';
import type { Lake } from '../platform/index.ts';
import type { LandedSource } from './land-raw.ts';

export async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/**
 * A file of the raw zone must be the one that was landed: a delimited file that ends early reads like a shorter one.
 * @throws AssayError tampered
 */
export async function refuseDamaged(lake: Pick<Lake, 'path'>, landed: LandedSource): Promise<void> {
  const { sha256, bytes } = await hashFile(lake.path(landed.key));
  if (sha256 === landed.sha256) return;
  throw new AssayError('tampered', {
    what: 'a file of the raw zone is not what was landed',
    given: `${lake.path(landed.key)}, ${bytes} bytes`,
    allowed: `${landed.bytes} bytes with SHA-256 ${landed.sha256}`,
    fix: 'run the pipeline from its first step, which lands the source file again: assay pipeline run --from PrepareSources',
  });
}
