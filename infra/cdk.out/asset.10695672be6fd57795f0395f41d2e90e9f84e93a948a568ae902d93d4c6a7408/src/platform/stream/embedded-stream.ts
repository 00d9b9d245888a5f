import { AssayError } from '../../domain/index.ts';
import type { Clock, Database } from '../contract.ts';
import type { IteratorStart, PutResult, ReceivedRecord, RecordPage, Shard, Stream, StreamRecord } from './contract.ts';
import { noSuchShard } from './errors.ts';
import { evenRanges, hashKeyOf, isWithin, middleOf } from './hash-key.ts';
import { openIterator, sealIterator } from './iterator.ts';
import { checkPut, EMBEDDED_LIMITS } from './limits.ts';
import { packRecords, unpackRecords } from './record-batch.ts';

export type EmbeddedStreamOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly name: string;
  /** Shards of a new stream; an existing one keeps what it has. */
  readonly shardCount?: number;
};

const DEFAULT_SHARDS = 4;
const MAX_SHARDS = 256;
/** Puts that met a shard just being closed. */
const MAX_TRIES = 5;

type ShardRow = {
  shard_id: string;
  parent_ids: string[];
  start_hash_key: string;
  end_hash_key: string;
  next_sequence: number;
  trimmed_to: number;
  closed_at: Date | null;
};

/** A stream in PostgreSQL. A put commits before it returns; within a transaction of the caller's it commits with that. */
export class EmbeddedStream implements Stream {
  readonly name: string;
  readonly limits = EMBEDDED_LIMITS;
  readonly #database: Database;
  readonly #clock: Clock;
  #open: Shard[] = [];

  private constructor(options: Pick<EmbeddedStreamOptions, 'database' | 'clock' | 'name'>, open: Shard[] = []) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.name = options.name;
    this.#open = open;
  }

  /** Opens a stream, and makes it when it is not there. */
  static async open(options: EmbeddedStreamOptions): Promise<EmbeddedStream> {
    const { database, name, clock } = options;
    const ranges = evenRanges(options.shardCount ?? DEFAULT_SHARDS);
    await database.transaction(async (transaction) => {
      await lockShards(transaction, name);
      const [known] = await transaction.query('SELECT 1 FROM stream_shards WHERE stream = $1 LIMIT 1', [name]);
      if (known) return;
      for (const [i, range] of ranges.entries()) {
        await insertShard(transaction, { stream: name, number: i, parents: [], ...range, at: clock.now() });
      }
    });
    return new EmbeddedStream(options);
  }

  /** The same stream in a transaction of the caller's: what is put is durable when that commits, and gone when it does not. */
  within(transaction: Database): EmbeddedStream {
    return new EmbeddedStream({ database: transaction, clock: this.#clock, name: this.name }, this.#open);
  }

  async putRecords(records: readonly StreamRecord[]): Promise<PutResult[]> {
    checkPut(this.limits, records);
    if (records.length === 0) return [];
    if (this.#open.length === 0) await this.#reload();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const groups = groupByShard(this.#open, records);
      const results = await this.#database.transaction((transaction) => this.#append(transaction, records, groups));
      if (results) return results;
      await this.#reload();
    }
    return records.map(() => ({ kind: 'failed', code: 'internal', message: 'the shards of the stream keep changing' }));
  }

  /** Undefined when a shard was closed meanwhile: nothing was put. */
  async #append(
    transaction: Database,
    records: readonly StreamRecord[],
    groups: ReadonlyMap<string, readonly number[]>,
  ): Promise<PutResult[] | undefined> {
    const ids = [...groups.keys()].sort();
    const rows = await transaction.prepared<{ shard_id: string; next_sequence: number }>(
      'stream_lock_shards',
      `SELECT shard_id, next_sequence FROM stream_shards
       WHERE stream = $1 AND shard_id = ANY($2) AND closed_at IS NULL ORDER BY shard_id FOR UPDATE`,
      [this.name, ids],
    );
    if (rows.length < ids.length) return undefined;
    const results: PutResult[] = new Array(records.length);
    const [firsts, counts, payloads]: [number[], number[], Buffer[]] = [[], [], []];
    for (const { shard_id: shardId, next_sequence: first } of rows) {
      const indexes = groups.get(shardId)!;
      firsts.push(first);
      counts.push(indexes.length);
      payloads.push(packRecords(indexes.map((index) => records[index]!)));
      for (const [i, index] of indexes.entries()) {
        results[index] = { kind: 'put', shardId, sequenceNumber: String(first + i) };
      }
    }
    await transaction.prepared(
      'stream_append',
      `WITH added AS (SELECT * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bytea[]) AS a (shard_id, first, n, payload)),
       moved AS (UPDATE stream_shards s SET next_sequence = a.first + a.n FROM added a WHERE s.stream = $1 AND s.shard_id = a.shard_id)
       INSERT INTO stream_batches (stream, shard_id, first_sequence, last_sequence, arrived_at, payload)
       SELECT $1, shard_id, first, first + n - 1, $6, payload FROM added`,
      [this.name, ids, firsts, counts, payloads, this.#clock.now()],
    );
    return results;
  }

  async #reload(): Promise<void> {
    this.#open = (await this.shards()).filter((shard) => !shard.isClosed);
    if (this.#open.length === 0) throw new AssayError('not_found', { what: 'no such stream', given: this.name });
  }

  async shards(): Promise<Shard[]> {
    return (await shardRows(this.#database, this.name)).map(shardOf);
  }

  async iterator(shardId: string, start: IteratorStart): Promise<string> {
    const row = await this.#shardRow(shardId);
    return sealIterator({ shardId, after: positionOf(row, start), issuedAtMs: this.#clock.now().getTime() });
  }

  async read(iterator: string, limit = this.limits.recordsPerRead): Promise<RecordPage> {
    const now = this.#clock.now().getTime();
    const { shardId, after } = openIterator(iterator, now);
    // the shard first: what it says is closed cannot grow while its batches are read
    const shard = await this.#shardRow(shardId);
    const from = Math.max(after, shard.trimmed_to);
    const records = await this.#readAfter(shardId, from, Math.min(limit, this.limits.recordsPerRead));
    const reached = records.length === 0 ? from : Number(records.at(-1)!.sequenceNumber);
    const isAtTip = reached >= shard.next_sequence - 1;
    return {
      records,
      next: isAtTip && shard.closed_at ? null : sealIterator({ shardId, after: reached, issuedAtMs: now }),
      millisBehindLatest: isAtTip ? 0 : Math.max(1, now - (records.at(-1)?.arrivedAt.getTime() ?? now)),
    };
  }

  /** Sequence numbers have no gaps, so that a bound on them bounds the records. */
  async #readAfter(shardId: string, after: number, limit: number): Promise<ReceivedRecord[]> {
    const batches = await this.#database.prepared<{ first_sequence: number; arrived_at: Date; payload: Buffer }>(
      'stream_read',
      `SELECT first_sequence, arrived_at, payload FROM (
         SELECT b.*, sum(octet_length(payload)) OVER (ORDER BY last_sequence) - octet_length(payload) AS bytes_before
         FROM stream_batches b
         WHERE stream = $1 AND shard_id = $2 AND last_sequence > $3 AND first_sequence <= $3::bigint + $4::bigint) page
       WHERE bytes_before < $5 ORDER BY last_sequence`,
      [this.name, shardId, after, limit, this.limits.bytesPerPut],
    );
    const records: ReceivedRecord[] = [];
    for (const { first_sequence: first, arrived_at: arrivedAt, payload } of batches) {
      for (const [i, record] of unpackRecords(payload).entries()) {
        if (first + i <= after) continue;
        if (records.length === limit) return records;
        records.push({ ...record, sequenceNumber: String(first + i), arrivedAt });
      }
    }
    return records;
  }

  async #shardRow(shardId: string): Promise<ShardRow> {
    const [row] = await this.#database.prepared<ShardRow>(
      'stream_shard',
      `SELECT shard_id, parent_ids, start_hash_key::text, end_hash_key::text, next_sequence, trimmed_to, closed_at
       FROM stream_shards WHERE stream = $1 AND shard_id = $2`,
      [this.name, shardId],
    );
    if (!row) throw noSuchShard(this.name, shardId);
    return row;
  }

  async split(shardId: string, startHashKey?: bigint): Promise<void> {
    await this.#reshard([shardId], ([shard]) => {
      const middle = startHashKey ?? middleOf(shard!);
      if (middle <= shard!.startHashKey || middle > shard!.endHashKey) throw badSplit(shard!, middle);
      return [
        { startHashKey: shard!.startHashKey, endHashKey: middle - 1n },
        { startHashKey: middle, endHashKey: shard!.endHashKey },
      ];
    });
  }

  async merge(shardId: string, neighbourId: string): Promise<void> {
    await this.#reshard([shardId, neighbourId], (shards) => {
      const [low, high] = shards.toSorted((a, b) => (a.startHashKey < b.startHashKey ? -1 : 1));
      if (!high || low!.endHashKey + 1n !== high.startHashKey) throw notNeighbours(shardId, neighbourId);
      return [{ startHashKey: low!.startHashKey, endHashKey: high.endHashKey }];
    });
  }

  async #reshard(
    parents: readonly string[],
    rangesOf: (shards: readonly Shard[]) => readonly Pick<Shard, 'startHashKey' | 'endHashKey'>[],
  ): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await lockShards(transaction, this.name);
      const all = (await shardRows(transaction, this.name)).map(shardOf);
      const shards = parents.map((id) => openShardOf(all, this.name, id));
      const ranges = rangesOf(shards);
      if (all.length + ranges.length > MAX_SHARDS) throw tooManyShards(all.length);
      const at = this.#clock.now();
      await transaction.query('UPDATE stream_shards SET closed_at = $3 WHERE stream = $1 AND shard_id = ANY($2)', [
        this.name,
        parents,
        at,
      ]);
      const next = 1 + Math.max(...all.map((shard) => numberOf(shard.shardId)));
      for (const [i, range] of ranges.entries()) {
        await insertShard(transaction, { stream: this.name, number: next + i, parents, ...range, at });
      }
    });
    this.#open = [];
  }

  /** Removes whole batches up to a sequence number that arrived before `olderThan`. Returns how many records went. */
  async trim(shardId: string, upTo: string, olderThan: Date): Promise<number> {
    return this.#database.transaction(async (transaction) => {
      const gone = await transaction.query<{ first_sequence: number; last_sequence: number }>(
        `DELETE FROM stream_batches WHERE stream = $1 AND shard_id = $2 AND last_sequence <= $3 AND arrived_at < $4
         RETURNING first_sequence, last_sequence`,
        [this.name, shardId, upTo, olderThan],
      );
      if (gone.length === 0) return 0;
      const last = Math.max(...gone.map((batch) => batch.last_sequence));
      await transaction.query(
        'UPDATE stream_shards SET trimmed_to = greatest(trimmed_to, $3) WHERE stream = $1 AND shard_id = $2',
        [this.name, shardId, last],
      );
      return gone.reduce((sum, batch) => sum + batch.last_sequence - batch.first_sequence + 1, 0);
    });
  }
}

function groupByShard(open: readonly Shard[], records: readonly StreamRecord[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { partitionKey }] of records.entries()) {
    const hashKey = hashKeyOf(partitionKey);
    const { shardId } = open.find((shard) => isWithin(shard, hashKey))!;
    const group = groups.get(shardId);
    if (group) group.push(index);
    else groups.set(shardId, [index]);
  }
  return groups;
}

function positionOf(row: ShardRow, start: IteratorStart): number {
  switch (start.kind) {
    case 'trim_horizon':
      return row.trimmed_to;
    case 'latest':
      return row.next_sequence - 1;
    case 'at':
      return sequenceOf(start.sequenceNumber) - 1;
    case 'after':
      return sequenceOf(start.sequenceNumber);
  }
}

function sequenceOf(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new AssayError('bad_input', { what: 'this is no sequence number', given: text, allowed: 'decimal digits' });
}

async function shardRows(database: Database, stream: string): Promise<ShardRow[]> {
  return database.query<ShardRow>(
    `SELECT shard_id, parent_ids, start_hash_key::text, end_hash_key::text, next_sequence, trimmed_to, closed_at
     FROM stream_shards WHERE stream = $1 ORDER BY shard_id`,
    [stream],
  );
}

function shardOf(row: ShardRow): Shard {
  return {
    shardId: row.shard_id,
    parentIds: row.parent_ids,
    startHashKey: BigInt(row.start_hash_key),
    endHashKey: BigInt(row.end_hash_key),
    isClosed: row.closed_at !== null,
  };
}

/** One at a time makes or changes the shards of a stream. */
async function lockShards(transaction: Database, stream: string): Promise<void> {
  await transaction.query("SELECT pg_advisory_xact_lock(hashtextextended('stream ' || $1, 0))", [stream]);
}

type NewShard = Pick<Shard, 'startHashKey' | 'endHashKey'> & {
  readonly stream: string;
  readonly number: number;
  readonly parents: readonly string[];
  readonly at: Date;
};

const PREFIX = 'shard-';
const shardId = (number: number): string => `${PREFIX}${String(number).padStart(6, '0')}`;
const numberOf = (id: string): number => Number(id.slice(PREFIX.length));

async function insertShard(transaction: Database, shard: NewShard): Promise<void> {
  await transaction.query(
    `INSERT INTO stream_shards (stream, shard_id, parent_ids, start_hash_key, end_hash_key, created_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      shard.stream,
      shardId(shard.number),
      shard.parents,
      String(shard.startHashKey),
      String(shard.endHashKey),
      shard.at,
    ],
  );
}

function openShardOf(all: readonly Shard[], stream: string, id: string): Shard {
  const shard = all.find((candidate) => candidate.shardId === id);
  if (!shard) throw noSuchShard(stream, id);
  if (!shard.isClosed) return shard;
  throw new AssayError('conflict', { what: 'the shard is closed already', given: id, fix: 'name an open shard' });
}

function badSplit(shard: Shard, at: bigint): AssayError {
  return new AssayError('bad_input', {
    what: `the shard ${shard.shardId} cannot be split there`,
    given: String(at),
    allowed: `${shard.startHashKey + 1n} to ${shard.endHashKey}`,
  });
}

function notNeighbours(a: string, b: string): AssayError {
  return new AssayError('bad_input', {
    what: 'the shards cannot be merged',
    given: `${a}, ${b}`,
    allowed: 'two shards whose ranges touch',
  });
}

function tooManyShards(count: number): AssayError {
  return new AssayError('bad_input', {
    what: 'the stream has too many shards',
    given: String(count),
    allowed: `${MAX_SHARDS}`,
  });
}
