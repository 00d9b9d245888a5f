-- The latest moment that something of a book was given: what arrives later is never stamped before it, whatever the clock does.
-- A row for each who gives them, so that none waits for the other.
CREATE TABLE book_moments (
  portfolio  text NOT NULL,
  given_to   text NOT NULL CHECK (given_to IN ('event', 'decision')),
  moment     timestamptz NOT NULL,
  PRIMARY KEY (portfolio, given_to)
) WITH (fillfactor = 50);
-- what was decided before this table was there
INSERT INTO book_moments (portfolio, given_to, moment) SELECT portfolio, 'decision', max(decided_at) FROM decisions GROUP BY 1;
