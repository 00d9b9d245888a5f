import type { Database, Lake } from '../../platform/index.ts';
import { STREAM_PREFIX } from './raw-file.ts';

type WrittenRow = { stream: string; shard_id: string; checkpoint: string | null; embedded: boolean };

const WRITTEN_SQL = `
SELECT stream, shard_id, p.checkpoint, true AS embedded FROM stream_shards s
LEFT JOIN (SELECT * FROM stream_positions WHERE consumer = 'lake') p USING (stream, shard_id)
UNION ALL
SELECT stream, shard_id, checkpoint, false FROM stream_positions p
WHERE consumer = 'lake' AND NOT EXISTS (SELECT FROM stream_shards s WHERE s.stream = p.stream)`;

/**
 * Removes the stream's files of a raw zone that lie beyond what the database knows as written, as a lake has them that was copied
 * after its database. What they hold comes again, into files that may end elsewhere, so that it would be there twice; or, where the
 * embedded stream lost it with the database, it was never acknowledged by the installation that goes on.
 * @returns how many files went
 */
export async function dropFilesBeyond(database: Database, lake: Lake): Promise<number> {
  const rows = await database.query<WrittenRow>(WRITTEN_SQL);
  const written = new Map(rows.map((row) => [`${row.stream}/${row.shard_id}`, BigInt(row.checkpoint ?? 0)]));
  const embedded = new Set(rows.filter((row) => row.embedded).map((row) => row.stream));
  const beyond = (await lake.list(STREAM_PREFIX)).filter((key) => {
    const [stream = '', shardId = '', file = ''] = key.slice(STREAM_PREFIX.length + 1).split('/');
    // of a service that keeps the place itself nothing is known here; a shard of ours that is not known began later
    const checkpoint = written.get(`${stream}/${shardId}`) ?? (embedded.has(stream) ? 0n : undefined);
    return checkpoint !== undefined && BigInt(file.split('-')[0] ?? 0) > checkpoint;
  });
  for (const key of beyond) await lake.remove(key);
  return beyond.length;
}
