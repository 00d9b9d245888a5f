import { inflateRawSync } from 'node:zlib';
import { AssayError } from '../../domain/index.ts';

/** A file inside an archive, still compressed. */
export type ZipEntry = { readonly name: string; readonly sizeBytes: number; read(): Uint8Array };

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
/** Larger than any library we unpack; a declared size above it is an attack or a mistake. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024;

/**
 * Reads the central directory of a ZIP archive (PKWARE APPNOTE 6.3, without ZIP64 and encryption: wheels use neither).
 * @throws AssayError bad_input when the bytes are not such an archive.
 */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return directoryEntries(archive);
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw broken('it ends too early', cause);
  }
}

function directoryEntries(archive: Buffer): ZipEntry[] {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) throw broken('its directory is damaged');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    entries.push(entryAt(archive, at, nameBytes!));
    at += ENTRY_BYTES + nameBytes! + extraBytes! + commentBytes!;
  }
  return entries;
}

function findEnd(archive: Buffer): number {
  const lowest = Math.max(0, archive.length - END_BYTES - 0xffff);
  for (let at = archive.length - END_BYTES; at >= lowest; at--) {
    if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw broken('no directory was found at its end');
}

function entryAt(archive: Buffer, at: number, nameBytes: number): ZipEntry {
  const method = archive.readUInt16LE(at + 10);
  const compressedBytes = archive.readUInt32LE(at + 20);
  const sizeBytes = archive.readUInt32LE(at + 24);
  const localAt = archive.readUInt32LE(at + 42);
  const name = archive.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
  const read = (): Uint8Array => {
    const start =
      localAt + LOCAL_HEADER_BYTES + archive.readUInt16LE(localAt + 26) + archive.readUInt16LE(localAt + 28);
    return inflate(archive.subarray(start, start + compressedBytes), method, sizeBytes, name);
  };
  return { name, sizeBytes, read };
}

function inflate(compressed: Buffer, method: number, sizeBytes: number, name: string): Uint8Array {
  if (sizeBytes > MAX_ENTRY_BYTES) throw broken(`${name} is larger than ${MAX_ENTRY_BYTES} bytes`);
  if (method === STORED) return compressed;
  if (method !== DEFLATED) throw broken(`${name} is packed by method ${method}`);
  const content = inflateRawSync(compressed, { maxOutputLength: Math.max(sizeBytes, 1) });
  if (content.length !== sizeBytes) throw broken(`${name} is cut short`);
  return content;
}

function broken(given: string, cause?: unknown): AssayError {
  return new AssayError('bad_input', { what: 'the archive cannot be read', given }, { cause });
}
