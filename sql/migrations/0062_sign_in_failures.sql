-- Failed sign-ins of the last quarter of an hour, counted together by all servers of a database. A subject is the hash of a user name
-- or of an address.
CREATE TABLE sign_in_failures (
  subject  text PRIMARY KEY,
  count    integer NOT NULL,
  until    timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_by_end ON sign_in_failures (until);
