import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { AssayError } from '../../domain/index.ts';
import { type ErasedPersons, type Lake, NOBODY_ERASED, type ReceivedRecord } from '../../platform/index.ts';
import { isIssue } from '../events/event.ts';
import type { EventMapper } from '../events/event-mapper.ts';
import { streamedEventOf } from '../events/prepare.ts';

/** Files of the raw zone that the stream wrote: `raw/stream/<stream>/<shard>/<first>-<last>.jsonl.zst`, one event a line. */
export const STREAM_PREFIX = 'raw/stream';
/** Sequence numbers of Kinesis have 56 digits. */
const SEQUENCE_DIGITS = 56;

export function rawFileKey(stream: string, shardId: string, records: readonly ReceivedRecord[]): string {
  const padded = (record: ReceivedRecord): string => record.sequenceNumber.padStart(SEQUENCE_DIGITS, '0');
  return `${STREAM_PREFIX}/${stream}/${shardId}/${padded(records[0]!)}-${padded(records.at(-1)!)}.jsonl.zst`;
}

const NEW_LINE = Buffer.from('\n');

/** With a checksum over the content: a damaged file must not read like another one. */
const CHECKED = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

/** The same records give the same bytes. */
export async function writeRawFile(
  lake: Lake,
  key: string,
  records: readonly Pick<ReceivedRecord, 'data'>[],
): Promise<void> {
  await lake.put(key, zstdCompressSync(Buffer.concat(records.flatMap(({ data }) => [data, NEW_LINE])), CHECKED));
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

/** True when an event, as a line of the stream, says something of an erased person. */
export function isOfErased(line: string, mapper: EventMapper, erased: ErasedPersons): boolean {
  const event = streamedEventOf(line);
  if (erased.has(event.borrowerId)) return true;
  const mapped = mapper.map(event);
  return isIssue(mapped) ? erased.namedIn(line) : mapped.facts.some(({ borrowerId }) => erased.has(borrowerId));
}

export function linesWithoutErased<One extends Pick<ReceivedRecord, 'data'>>(
  records: readonly One[],
  mapper: EventMapper,
  erased: ErasedPersons = NOBODY_ERASED,
): readonly One[] {
  if (erased.size === 0) return records;
  return records.filter(({ data }) => !isOfErased(Buffer.from(data).toString('utf8'), mapper, erased));
}

/**
 * Takes the events of erased persons out of the files that the stream left in the raw zone; how many. The one change that is made to
 * a file of the raw zone: it is Assay's own, not a delivery of a source. A file keeps its name, so that no record is in two.
 */
export async function rewriteStreamFiles(lake: Lake, mapper: EventMapper, erased: ErasedPersons): Promise<number> {
  if (erased.size === 0) return 0;
  let removed = 0;
  for (const key of await lake.list(STREAM_PREFIX)) {
    const lines = rawFileLines(await lake.get(key), key);
    const kept = lines.filter((line) => !isOfErased(line, mapper, erased));
    if (kept.length === lines.length) continue;
    await writeRawFile(
      lake,
      key,
      kept.map((line) => ({ data: Buffer.from(line) })),
    );
    removed += lines.length - kept.length;
  }
  return removed;
}
