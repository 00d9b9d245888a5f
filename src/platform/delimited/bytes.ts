import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AssayError } from '../../domain/index.ts';
import {
  DEFAULT_MAX_DECOMPRESSED_BYTES,
  type DelimitedOptions,
  FREE_UNFOLDING_BYTES,
  MAX_UNFOLDING,
} from './options.ts';

const CHUNK_BYTES = 256 * 1024;

/** First bytes of files that people mistake for CSV, and what to do with them. */
const FOREIGN_MAGIC: readonly { readonly hex: string; readonly what: string; readonly fix: string }[] = [
  { hex: '504b0304', what: 'a zip archive or an Excel workbook', fix: 'unzip it, or export the sheet as CSV' },
  { hex: 'd0cf11e0', what: 'an old Excel workbook', fix: 'export the sheet as CSV' },
  { hex: '50415231', what: 'a Parquet file', fix: 'export it as CSV' },
  { hex: '28b52ffd', what: 'a Zstandard archive', fix: 'unpack it with zstd -d' },
  { hex: '425a68', what: 'a bzip2 archive', fix: 'unpack it with bunzip2' },
  { hex: 'fd377a585a00', what: 'an xz archive', fix: 'unpack it with unxz' },
];

/** The bytes of a file, decompressed when it starts as gzip does, whatever its name. */
export async function* readBytes(path: string, options: DelimitedOptions): AsyncGenerator<Buffer> {
  const head = await readHead(path);
  for (const { hex, what, fix } of FOREIGN_MAGIC) {
    if (head.toString('hex').startsWith(hex)) {
      throw new AssayError('bad_input', {
        what: `${path} is ${what}, not delimited text`,
        allowed: 'CSV, plain or gzip',
        fix,
      });
    }
  }
  const gzipped = head[0] === 0x1f && head[1] === 0x8b;
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal: options.signal });
  try {
    if (gzipped) yield* gunzip(counted(file, options), path, options);
    else yield* counted(file, options);
  } catch (error) {
    throw options.signal?.aborted ? new AssayError('cancelled', { what: `reading ${path} was cancelled` }) : error;
  } finally {
    file.destroy();
  }
}

async function readHead(path: string): Promise<Buffer> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) {
    throw new AssayError('not_found', {
      what: found ? 'not a file' : 'there is no such file',
      given: path,
      fix: 'check the path; portfolio files are looked for under --data DIR',
    });
  }
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function* counted(file: AsyncIterable<Buffer>, options: DelimitedOptions): AsyncGenerator<Buffer> {
  let bytesRead = 0;
  for await (const chunk of file) {
    bytesRead += chunk.length;
    options.onBytes?.(bytesRead);
    yield chunk;
  }
}

async function* gunzip(
  compressed: AsyncIterable<Buffer>,
  path: string,
  options: DelimitedOptions,
): AsyncGenerator<Buffer> {
  const limit = options.maxDecompressedBytes ?? DEFAULT_MAX_DECOMPRESSED_BYTES;
  const source = Readable.from(compressed, { objectMode: false });
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (error) => unzip.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of source.pipe(unzip) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limit) throw tooLarge(path, limit);
      if (bytes > FREE_UNFOLDING_BYTES && bytes > MAX_UNFOLDING * unzip.bytesWritten) throw unfoldsToo(path, bytes);
      yield chunk;
    }
  } catch (error) {
    throw isZlibError(error) ? damagedGzip(path, bytes, error) : error;
  } finally {
    source.destroy();
    unzip.destroy();
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}

function tooLarge(path: string, limit: number): AssayError {
  return new AssayError('bad_input', {
    what: `${path} unfolds to more than it may`,
    allowed: `${limit} bytes`,
    fix: 'raise the limit if the file is trusted, or split it',
  });
}

function unfoldsToo(path: string, bytes: number): AssayError {
  return new AssayError('bad_input', {
    what: `${path} unfolds like a decompression bomb`,
    given: `${bytes} bytes so far`,
    allowed: `${MAX_UNFOLDING} times its own size`,
    fix: 'if the file is trusted, unpack it with gunzip and give the plain text',
  });
}

function damagedGzip(path: string, bytes: number, cause: Error): AssayError {
  return new AssayError(
    'bad_input',
    {
      what: `${path} is damaged gzip: ${cause.message} after ${bytes} bytes of text`,
      allowed: 'a whole gzip file',
      fix: 'copy or download it again; gzip -t tells whether it is whole',
    },
    { cause },
  );
}
