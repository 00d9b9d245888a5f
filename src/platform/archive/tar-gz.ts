import { buffer } from 'node:stream/consumers';
import { createGunzip, gzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { AssayError } from '../../domain/index.ts';

export type ArchiveFiles = Readonly<Record<string, Uint8Array>>;

/** Unpacked: a model with its predictions is far below it, a bomb is not. */
const MAX_UNPACKED_BYTES = 2 * 1024 ** 3;
const MAX_FILES = 1_000;
/** Zeros: the same files give the same bytes, whenever they are packed. */
const EPOCH = new Date(0);

/** A `.tar.gz` with these files at its root, in the order of their names: equal files, equal bytes. */
export async function packTarGz(files: ArchiveFiles): Promise<Buffer> {
  const archive = pack();
  const bytes = buffer(archive);
  for (const [name, content] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
    archive.entry({ name, mtime: EPOCH, mode: 0o644 }, Buffer.from(content));
  archive.finalize();
  return gzipSync(await bytes);
}

/**
 * The files of a `.tar.gz` by their path within it; folders and links are left out, and nothing is written anywhere.
 * @throws AssayError bad_input when it is not one, or holds more than fits
 */
export async function unpackTarGz(bytes: Uint8Array): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  const unzipped = createGunzip();
  const entries = unzipped.pipe(extract());
  unzipped.once('error', (error) => entries.destroy(error));
  unzipped.end(bytes);
  let total = 0;
  try {
    for await (const entry of entries) {
      total += entry.header.size ?? 0;
      if (total > MAX_UNPACKED_BYTES || Object.keys(files).length >= MAX_FILES) throw tooLarge();
      const content = await buffer(entry);
      if (entry.header.type === 'file') files[entry.header.name.replace(/^\.\//, '')] = content;
    }
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new AssayError('bad_input', { what: 'an archive cannot be read', allowed: 'a whole .tar.gz' }, { cause });
  }
  return files;
}

function tooLarge(): AssayError {
  return new AssayError('bad_input', {
    what: 'an archive holds more than fits',
    allowed: `${MAX_FILES} files, ${MAX_UNPACKED_BYTES / 1024 ** 3} GiB unpacked`,
  });
}
