import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AssayError } from '../../domain/index.ts';
import type { Lake, ReceivedRecord } from '../../platform/index.ts';

/** Files of the raw zone that the stream wrote: `raw/stream/<stream>/<shard>/<first>-<last>.jsonl.zst`, one event a line. */
export const STREAM_PREFIX = 'raw/stream';
/** Sequence numbers of Kinesis have 56 digits. */
const SEQUENCE_DIGITS = 56;

export function rawFileKey(stream: string, shardId: string, records: readonly ReceivedRecord[]): string {
  const padded = (record: ReceivedRecord): string => record.sequenceNumber.padStart(SEQUENCE_DIGITS, '0');
  return `${STREAM_PREFIX}/${stream}/${shardId}/${padded(records[0]!)}-${padded(records.at(-1)!)}.jsonl.zst`;
}

const NEW_LINE = Buffer.from('\n');

/** The same records give the same bytes. */
export async function writeRawFile(lake: Lake, key: string, records: readonly ReceivedRecord[]): Promise<void> {
  await lake.put(key, zstdCompressSync(Buffer.concat(records.flatMap(({ data }) => [data, NEW_LINE]))));
}

export function rawFileLines(content: Uint8Array, key: string): string[] {
  try {
    return zstdDecompressSync(content).toString('utf8').split('\n').slice(0, -1);
  } catch (cause) {
    throw new AssayError(
      'tampered',
      { what: 'a file of the raw zone is damaged', given: key, fix: 'restore it from a backup' },
      { cause },
    );
  }
}
