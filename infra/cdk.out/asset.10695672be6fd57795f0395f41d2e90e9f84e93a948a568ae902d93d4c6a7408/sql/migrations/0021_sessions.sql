-- People who may sign in, and their sessions. Only hashes of secrets are kept.
CREATE TABLE users (
  username       text PRIMARY KEY CHECK (username = lower(username)),
  display_name   text NOT NULL,
  role           text NOT NULL CHECK (role IN ('modeller', 'validator', 'underwriter', 'portfolio_manager', 'compliance', 'data_engineer', 'admin')),
  -- scrypt$N$r$p$salt$hash, base64url
  password_hash  text NOT NULL,
  created_at     timestamptz NOT NULL
);

CREATE TABLE sessions (
  -- sha256 of the token: a copy of this table signs nobody in
  token_hash   text PRIMARY KEY,
  username     text NOT NULL REFERENCES users (username) ON DELETE CASCADE,
  created_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
