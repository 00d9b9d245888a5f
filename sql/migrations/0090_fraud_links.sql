-- Keys that applications of different borrowers should not share, for a decision's fraud signals. Nothing here says who or what: keys,
-- details and persons are keyed hashes under a secret that is not in the database.
CREATE TABLE fraud_links (
  portfolio       text NOT NULL,
  key_hash        text NOT NULL COLLATE "C",
  -- when the application was made, by the time of the book: who held a key first keeps it
  at_ms           bigint NOT NULL,
  application_id  text NOT NULL COLLATE "C",
  person          text NOT NULL,
  -- what would agree if it were the same record again
  detail          text NOT NULL,
  -- a delivery of the book replaces what came with the one before; what was decided here stays
  origin          text NOT NULL CHECK (origin IN ('book', 'decision')),
  -- in the order in which one key is read: oldest first, newest last
  PRIMARY KEY (portfolio, key_hash, at_ms, application_id)
);
CREATE INDEX fraud_links_by_person ON fraud_links (portfolio, person);

-- What is usual among the applicants of a book.
CREATE TABLE fraud_books (
  portfolio     text PRIMARY KEY,
  snapshot_id   text NOT NULL,
  -- JSON; null: too few applications to say
  usual_income  text
);

-- Definitions by their hash, so that a decision's signals are computed again by the one it was made with.
CREATE TABLE fraud_definitions (
  definition_hash  text PRIMARY KEY,
  body             text NOT NULL
);
