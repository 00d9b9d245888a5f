-- Decisions: append only, each chained by hash to the one before it in its portfolio.
-- The record is kept as the exact text that was hashed: jsonb would rewrite numbers and lose the bits.

-- what a policy version said, found by the hash of its content
CREATE TABLE credit_policies (
  policy_hash    text PRIMARY KEY,
  portfolio      text NOT NULL,
  version        text NOT NULL,
  body           text NOT NULL,
  first_used_at  timestamptz NOT NULL
);

CREATE TABLE decisions (
  portfolio       text NOT NULL,
  -- 1, 2, 3 … without gaps, so that a deletion shows
  sequence        bigint NOT NULL CHECK (sequence > 0),
  decision_id     text NOT NULL UNIQUE,
  -- columns to find a decision by; the truth is the body
  application_id  text NOT NULL,
  borrower_id     text NOT NULL,
  decided_at      timestamptz NOT NULL,
  actor           text NOT NULL,
  outcome         text NOT NULL CHECK (outcome IN ('approved', 'declined', 'referred', 'counter_offer')),
  pd              double precision NOT NULL,
  score           double precision NOT NULL,
  grade           text NOT NULL,
  model_version   text NOT NULL,
  policy_hash     text NOT NULL REFERENCES credit_policies (policy_hash),
  body            text NOT NULL,
  -- the bytes that were answered, given again for the same idempotency key
  response        text NOT NULL,
  previous_hash   text NOT NULL,
  -- sha256(previous_hash, newline, body)
  hash            text NOT NULL,
  PRIMARY KEY (portfolio, sequence)
);
CREATE INDEX decisions_by_application ON decisions (portfolio, application_id);
CREATE INDEX decisions_by_borrower ON decisions (portfolio, borrower_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER credit_policies_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON credit_policies
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- One row a key: while `running`, its holder has a lease; a holder that died leaves a lease that runs out.
CREATE TABLE idempotency_keys (
  actor         text NOT NULL,
  key           text NOT NULL,
  request_hash  text NOT NULL,
  lease         text NOT NULL,
  leased_until  timestamptz NOT NULL,
  -- set in the transaction that writes the decision: a crash leaves both or neither
  decision_id   text REFERENCES decisions (decision_id),
  PRIMARY KEY (actor, key)
);
