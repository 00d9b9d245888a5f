import type { Database, EmbeddedStream, Stream } from '../../platform/index.ts';
import { listPositions, type PositionRow } from './positions.ts';

/** Records on an embedded stream that its slowest consumer has not taken: its numbers have no gaps. */
export async function backlogOf(database: Database, stream: string, consumers: readonly string[]): Promise<number> {
  const [row] = await database.prepared<{ behind: number }>(
    'stream_backlog',
    `SELECT coalesce(max(behind), 0)::bigint AS behind FROM (
       SELECT c.name, sum(s.next_sequence - 1 - greatest(coalesce(p.checkpoint::bigint, 0), s.trimmed_to)) AS behind
       FROM stream_shards s CROSS JOIN unnest($2::text[]) AS c (name)
       LEFT JOIN stream_positions p ON p.stream = s.stream AND p.shard_id = s.shard_id AND p.consumer = c.name
       WHERE s.stream = $1 GROUP BY c.name) AS consumers`,
    [stream, consumers],
  );
  return row?.behind ?? 0;
}

export type StreamStatus = {
  readonly stream: string;
  readonly shards: readonly {
    readonly shardId: string;
    readonly isClosed: boolean;
    readonly parentIds: readonly string[];
  }[];
  readonly consumers: readonly PositionRow[];
};

export async function streamStatus(database: Database, stream: Stream): Promise<StreamStatus> {
  const [shards, consumers] = await Promise.all([stream.shards(), listPositions(database, stream.name)]);
  return {
    stream: stream.name,
    shards: shards.map(({ shardId, isClosed, parentIds }) => ({ shardId, isClosed, parentIds })),
    consumers,
  };
}

/**
 * Removes what every consumer has taken and is older than the retention.
 * @returns how many records went
 */
export async function trimStream(
  database: Database,
  stream: EmbeddedStream,
  options: { readonly consumers: readonly string[]; readonly olderThan: Date },
): Promise<number> {
  const positions = await listPositions(database, stream.name);
  let removed = 0;
  for (const { shardId } of await stream.shards()) {
    const checkpoints = options.consumers.map(
      (consumer) => positions.find((p) => p.consumer === consumer && p.shardId === shardId)?.checkpoint ?? '0',
    );
    const least = checkpoints.reduce((a, b) => (BigInt(a) < BigInt(b) ? a : b));
    if (least !== '0') removed += await stream.trim(shardId, least, options.olderThan);
  }
  return removed;
}
