-- Events on their way in: which were acknowledged, which were refused, and how far each consumer of the stream has come.

-- One row an acknowledged event, so that the same event sent again is answered as a duplicate. Removed after a while.
CREATE TABLE event_receipts (
  -- of portfolio, source, and the feed's id of the event or else its content
  identity     uuid PRIMARY KEY,
  -- of the content: the same id with other content is refused
  content      uuid NOT NULL,
  accepted_at  timestamptz NOT NULL
);
CREATE INDEX event_receipts_by_time ON event_receipts USING brin (accepted_at);

-- Events that were refused, as they came, with the reason; one row however often the same one comes.
CREATE TABLE dead_letters (
  dead_letter_id  text PRIMARY KEY,
  portfolio       text NOT NULL,
  source          text NOT NULL,
  -- intake: never acknowledged; consumer: acknowledged, then found to contradict another fact
  stage           text NOT NULL CHECK (stage IN ('intake', 'consumer')),
  field           text,
  reason          text NOT NULL,
  original        bytea NOT NULL,
  -- file and line, for events out of a file
  place           text,
  status          text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'redriven')),
  times           bigint NOT NULL DEFAULT 1,
  first_at        timestamptz NOT NULL,
  last_at         timestamptz NOT NULL,
  redriven_at     timestamptz
);
CREATE INDEX dead_letters_by_time ON dead_letters (portfolio, status, first_at, dead_letter_id);

-- How far a consumer has come in a shard, and who reads it now. The checkpoint moves in the transaction of the effect.
CREATE TABLE stream_positions (
  stream              text NOT NULL,
  consumer            text NOT NULL,
  shard_id            text NOT NULL,
  owner               text NOT NULL,
  leased_until        timestamptz NOT NULL,
  -- the last sequence number whose effect is durable
  checkpoint          text,
  -- the last sequence number of a file that is being written
  claimed_to          text,
  -- the shard is closed and was read to its end
  ended_at            timestamptz,
  records             bigint NOT NULL DEFAULT 0,
  rejected            bigint NOT NULL DEFAULT 0,
  millis_behind       bigint NOT NULL DEFAULT 0,
  records_per_second  double precision NOT NULL DEFAULT 0,
  last_error          text,
  last_error_at       timestamptz,
  moved_at            timestamptz,
  PRIMARY KEY (stream, consumer, shard_id)
) WITH (fillfactor = 50);
