import { AssayError } from '../../domain/index.ts';
import { type Database, ownerState } from '../../platform/index.ts';

/** Where a consumer stands in a shard, as the lease gave it. */
export type Position = {
  readonly shardId: string;
  readonly checkpoint: string | null;
  /** A file was being written up to here when the last owner stopped. */
  readonly claimedTo: string | null;
};

export type Progress = {
  readonly records: number;
  readonly rejected: number;
  readonly millisBehind: number;
  readonly recordsPerSecond: number;
};

export type PositionRow = {
  readonly consumer: string;
  readonly shardId: string;
  readonly owner: string;
  readonly isLeased: boolean;
  readonly checkpoint: string | null;
  readonly endedAt: Date | null;
  readonly records: number;
  readonly rejected: number;
  readonly millisBehind: number;
  readonly recordsPerSecond: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly movedAt: Date | null;
};

const LEASE_SECONDS = 10;
const MAX_ERROR_CHARS = 300;

/** Another process reads this shard now: what was about to be committed is undone. */
export class LeaseLostError extends AssayError {
  constructor(shardId: string) {
    super('conflict', { what: 'another worker took the shard over', given: shardId });
    this.name = 'LeaseLostError';
  }
}

export type PositionsOptions = {
  readonly stream: string;
  readonly consumer: string;
  /** `host:pid` of this process. */
  readonly owner: string;
};

type LeaseRow = { checkpoint: string | null; claimed_to: string | null };

/**
 * Leases and checkpoints of one consumer, in PostgreSQL. A lease has one owner; it runs out by the server's clock, or at once
 * when its owner was a process of this machine that is gone. A checkpoint moves only for the owner, within the transaction of
 * the effect: an owner that was taken over cannot commit.
 */
export class Positions {
  readonly #database: Database;
  readonly #options: PositionsOptions;

  constructor(database: Database, options: PositionsOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Null while another owner reads the shard, or when it was read to its end. */
  async lease(shardId: string): Promise<Position | null> {
    const { stream, consumer, owner } = this.#options;
    const [held] = await this.#database.query<{ owner: string }>(
      'SELECT owner FROM stream_positions WHERE stream = $1 AND consumer = $2 AND shard_id = $3',
      [stream, consumer, shardId],
    );
    const isGone = held !== undefined && ownerState(held.owner) === 'gone';
    const [row] = await this.#database.query<LeaseRow>(
      `INSERT INTO stream_positions AS p (stream, consumer, shard_id, owner, leased_until)
       VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
       ON CONFLICT (stream, consumer, shard_id) DO UPDATE SET owner = $4, leased_until = EXCLUDED.leased_until
       WHERE p.ended_at IS NULL AND (p.owner = $4 OR p.leased_until < clock_timestamp() OR ($6 AND p.owner = $7))
       RETURNING checkpoint, claimed_to`,
      [stream, consumer, shardId, owner, LEASE_SECONDS, isGone, held?.owner ?? null],
    );
    return row ? { shardId, checkpoint: row.checkpoint, claimedTo: row.claimed_to } : null;
  }

  /** Holds the shards for longer; gives those still held. */
  async renew(shardIds: readonly string[]): Promise<string[]> {
    const { stream, consumer, owner } = this.#options;
    const rows = await this.#database.query<{ shard_id: string }>(
      `UPDATE stream_positions SET leased_until = clock_timestamp() + make_interval(secs => $5)
       WHERE stream = $1 AND consumer = $2 AND owner = $3 AND shard_id = ANY($4) RETURNING shard_id`,
      [stream, consumer, owner, shardIds, LEASE_SECONDS],
    );
    return rows.map((row) => row.shard_id);
  }

  /** Gives the shards back at once. */
  async release(): Promise<void> {
    const { stream, consumer, owner } = this.#options;
    await this.#database.query(
      "UPDATE stream_positions SET leased_until = '-infinity' WHERE stream = $1 AND consumer = $2 AND owner = $3",
      [stream, consumer, owner],
    );
  }

  /** Moves the checkpoint on. First statement of the effect's transaction: it also keeps everyone else out until that commits. */
  async advance(transaction: Database, position: Position, to: string, progress: Progress): Promise<void> {
    const { stream, consumer, owner } = this.#options;
    const rows = await transaction.prepared(
      'positions_advance',
      `UPDATE stream_positions SET checkpoint = $5, claimed_to = NULL, records = records + $6, rejected = rejected + $7,
         millis_behind = $8, records_per_second = $9, moved_at = clock_timestamp(),
         leased_until = clock_timestamp() + make_interval(secs => $10)
       WHERE stream = $1 AND consumer = $2 AND shard_id = $3 AND owner = $4 AND checkpoint IS NOT DISTINCT FROM $11
       RETURNING shard_id`,
      [
        stream,
        consumer,
        position.shardId,
        owner,
        to,
        progress.records,
        progress.rejected,
        progress.millisBehind,
        progress.recordsPerSecond,
        LEASE_SECONDS,
        position.checkpoint,
      ],
    );
    if (rows.length === 0) throw new LeaseLostError(position.shardId);
  }

  /** Notes up to where a file will be written, so that a re-run after a crash writes the same file. */
  async claim(position: Position, to: string): Promise<void> {
    const { stream, consumer, owner } = this.#options;
    const rows = await this.#database.query(
      `UPDATE stream_positions SET claimed_to = $5 WHERE stream = $1 AND consumer = $2 AND shard_id = $3 AND owner = $4
         AND checkpoint IS NOT DISTINCT FROM $6 AND (claimed_to IS NULL OR claimed_to = $5) RETURNING shard_id`,
      [stream, consumer, position.shardId, owner, to, position.checkpoint],
    );
    if (rows.length === 0) throw new LeaseLostError(position.shardId);
  }

  async end(shardId: string): Promise<void> {
    const { stream, consumer, owner } = this.#options;
    await this.#database.query(
      `UPDATE stream_positions SET ended_at = clock_timestamp(), millis_behind = 0, records_per_second = 0
       WHERE stream = $1 AND consumer = $2 AND shard_id = $3 AND owner = $4`,
      [stream, consumer, shardId, owner],
    );
  }

  /** At the tip nothing moves a checkpoint: what the live page shows is set to rest. */
  async rest(shardId: string): Promise<void> {
    const { stream, consumer, owner } = this.#options;
    await this.#database.query(
      `UPDATE stream_positions SET millis_behind = 0, records_per_second = 0
       WHERE stream = $1 AND consumer = $2 AND shard_id = $3 AND owner = $4`,
      [stream, consumer, shardId, owner],
    );
  }

  async failed(shardId: string, error: unknown): Promise<void> {
    const { stream, consumer, owner } = this.#options;
    const text = error instanceof Error ? error.message : String(error);
    await this.#database.query(
      `UPDATE stream_positions SET last_error = $5, last_error_at = clock_timestamp()
       WHERE stream = $1 AND consumer = $2 AND shard_id = $3 AND owner = $4`,
      [stream, consumer, shardId, owner, text.slice(0, MAX_ERROR_CHARS)],
    );
  }
}

type StoredRow = {
  consumer: string;
  shard_id: string;
  owner: string;
  is_leased: boolean;
  checkpoint: string | null;
  ended_at: Date | null;
  records: number;
  rejected: number;
  millis_behind: number;
  records_per_second: number;
  last_error: string | null;
  last_error_at: Date | null;
  moved_at: Date | null;
};

/** Every consumer's place in every shard of a stream. */
export async function listPositions(database: Database, stream: string): Promise<PositionRow[]> {
  const rows = await database.query<StoredRow>(
    `SELECT *, leased_until > clock_timestamp() AS is_leased FROM stream_positions WHERE stream = $1 ORDER BY consumer, shard_id`,
    [stream],
  );
  return rows.map((row) => ({
    consumer: row.consumer,
    shardId: row.shard_id,
    owner: row.owner,
    isLeased: row.is_leased,
    checkpoint: row.checkpoint,
    endedAt: row.ended_at,
    records: row.records,
    rejected: row.rejected,
    millisBehind: row.millis_behind,
    recordsPerSecond: row.records_per_second,
    lastError: row.last_error,
    lastErrorAt: row.last_error_at,
    movedAt: row.moved_at,
  }));
}
