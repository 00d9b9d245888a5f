-- Facts by borrower, for decisions: `base` is the processed zone packed per borrower and table, replaced as a whole with each
-- lake snapshot; `tail` are the facts that came by the stream since. A read is the union of both by key.

CREATE TABLE online_books (
  portfolio           text PRIMARY KEY,
  -- of the base that is read; others are being written or on their way out
  generation          bigint NOT NULL DEFAULT 0,
  snapshot_id         text,
  -- microseconds since 1970 up to which the base is complete; null: it holds no events
  horizon_us          bigint,
  -- how far the wall clock is ahead of the time in this book: 0 for a live lender; never grows
  ahead_ms            bigint CHECK (ahead_ms >= 0),
  -- changes with every streamed fact of a reference table: what caches of them are checked against
  references_version  bigint NOT NULL DEFAULT 0,
  written_at          timestamptz
);

CREATE SEQUENCE online_generations;

CREATE TABLE online_base (
  portfolio    text NOT NULL,
  generation   bigint NOT NULL,
  -- '' for the whole of a reference table, one that belongs to no borrower
  borrower_id  text NOT NULL COLLATE "C",
  table_name   text NOT NULL,
  facts        integer NOT NULL,
  -- zstd of JSON {"columns": […], "rows": [[…], …]}
  payload      bytea NOT NULL,
  PRIMARY KEY (portfolio, generation, borrower_id, table_name)
);
-- compressed already
ALTER TABLE online_base ALTER COLUMN payload SET STORAGE EXTERNAL;

-- a short number in the index entries of every fact, in the place of two names
CREATE TABLE online_tables (
  table_id   smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  portfolio  text NOT NULL,
  name       text NOT NULL,
  UNIQUE (portfolio, name)
);

CREATE TABLE online_tail (
  table_id     smallint NOT NULL REFERENCES online_tables (table_id),
  -- canonical JSON array of the key's columns, or its hash where that is long
  fact_key     text NOT NULL COLLATE "C",
  borrower_id  text NOT NULL COLLATE "C",
  known_us     bigint,
  -- JSON object of every other column, in the order of the schema
  content      text NOT NULL,
  applied_at   timestamptz NOT NULL,
  PRIMARY KEY (table_id, fact_key)
);
CREATE INDEX online_tail_by_borrower ON online_tail (borrower_id, table_id);
