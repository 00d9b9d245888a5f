import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AssayError } from '../../domain/index.ts';
import type { StreamRecord } from './contract.ts';

/**
 * Records of one shard in one piece: for each, length and bytes of key and data (lengths as 32-bit little endian), all
 * packed with zstd. One row of the database for many records is what makes the embedded stream quick.
 */
export function packRecords(records: readonly StreamRecord[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { partitionKey, data } of records) {
    const key = Buffer.from(partitionKey);
    const lengths = Buffer.allocUnsafe(LENGTHS_BYTES);
    lengths.writeUInt32LE(key.length, 0);
    lengths.writeUInt32LE(data.length, 4);
    parts.push(lengths, key, data);
  }
  return zstdCompressSync(Buffer.concat(parts));
}

const LENGTHS_BYTES = 8;

/** @throws AssayError tampered when it is not what packRecords wrote */
export function unpackRecords(packed: Uint8Array): StreamRecord[] {
  const bytes = decompressed(packed);
  const records: StreamRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const dataAt = at + LENGTHS_BYTES + lengthAt(bytes, at);
    const end = dataAt + lengthAt(bytes, at + 4);
    if (end > bytes.length) throw damaged();
    records.push({
      partitionKey: bytes.toString('utf8', at + LENGTHS_BYTES, dataAt),
      data: bytes.subarray(dataAt, end),
    });
    at = end;
  }
  return records;
}

function lengthAt(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw damaged();
  return bytes.readUInt32LE(at);
}

function decompressed(packed: Uint8Array): Buffer {
  try {
    return zstdDecompressSync(packed);
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause?: unknown): AssayError {
  return new AssayError(
    'tampered',
    { what: 'a batch of stream records is damaged', fix: 'restore the database from a backup' },
    { cause },
  );
}
