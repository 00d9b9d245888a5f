-- The embedded stream: shards with ranges of hash keys, and batches of records. One row holds many records: a row for each
-- would cost more than the records themselves. Sequence numbers of a shard are 1, 2, 3 … without gaps: a producer holds the
-- shard's row until it commits, so a reader who saw number n has seen all before it.

CREATE TABLE stream_shards (
  stream          text NOT NULL,
  shard_id        text NOT NULL,
  parent_ids      text[] NOT NULL DEFAULT '{}',
  -- MD5 of the partition key, 128 bits, ends included
  start_hash_key  numeric(39, 0) NOT NULL,
  end_hash_key    numeric(39, 0) NOT NULL,
  next_sequence   bigint NOT NULL DEFAULT 1,
  -- the last sequence number that retention removed
  trimmed_to      bigint NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL,
  closed_at       timestamptz,
  PRIMARY KEY (stream, shard_id)
) WITH (fillfactor = 50);

CREATE TABLE stream_batches (
  stream          text NOT NULL,
  shard_id        text NOT NULL,
  first_sequence  bigint NOT NULL,
  last_sequence   bigint NOT NULL CHECK (last_sequence >= first_sequence),
  arrived_at      timestamptz NOT NULL,
  -- records packed with zstd, see record-batch.ts
  payload         bytea NOT NULL,
  PRIMARY KEY (stream, shard_id, last_sequence),
  FOREIGN KEY (stream, shard_id) REFERENCES stream_shards (stream, shard_id)
);
-- packed already: the server need not try again
ALTER TABLE stream_batches ALTER COLUMN payload SET STORAGE EXTERNAL;
