-- Cases that people decide: one a decision. Every step of a case is entered in the audit log in the same transaction; this table is
-- where it stands now.
CREATE TABLE review_cases (
  case_id          text PRIMARY KEY,
  portfolio        text NOT NULL,
  decision_id      text NOT NULL UNIQUE REFERENCES decisions (decision_id),
  application_id   text NOT NULL,
  -- referred: the policy sent it here; contested: somebody asked for a person to look at it again
  origin           text NOT NULL CHECK (origin IN ('referred', 'contested')),
  -- why somebody contests the decision
  request          text,
  opened_at        timestamptz NOT NULL,
  -- what a perfect reviewer would save or earn on average, minor units; see reviews/priority.ts
  priority_minor   bigint NOT NULL,
  amount_minor     bigint,
  submitted_by     text NOT NULL,
  -- what the policy says when nothing is referred
  lean             text NOT NULL CHECK (lean IN ('approved', 'declined', 'counter_offer')),
  needs_second     boolean NOT NULL,
  status           text NOT NULL CHECK (status IN ('open', 'claimed', 'second', 'decided')),
  claimed_by       text,
  claimed_at       timestamptz,
  leased_until     timestamptz,
  -- the first person's answer, and of a decided case the answer
  outcome          text CHECK (outcome IN ('approved', 'declined', 'counter_offer')),
  code             text,
  note             text,
  first_by         text,
  first_at         timestamptz,
  dwell_ms         bigint,
  second_by        text CHECK (second_by <> first_by),
  decided_at       timestamptz,
  CHECK (status <> 'claimed' OR (claimed_by IS NOT NULL AND leased_until IS NOT NULL)),
  CHECK (status <> 'decided' OR (outcome IS NOT NULL AND first_by IS NOT NULL AND decided_at IS NOT NULL)),
  CHECK (status <> 'decided' OR NOT needs_second OR second_by IS NOT NULL)
);
CREATE INDEX review_cases_queue ON review_cases (portfolio, status, priority_minor DESC, opened_at);
CREATE INDEX review_cases_by_person ON review_cases (portfolio, first_by, first_at DESC);

-- How far the decisions have been looked through for referred ones: moved in the transaction that opens their cases.
CREATE TABLE review_cursors (
  portfolio  text PRIMARY KEY,
  sequence   bigint NOT NULL
);

-- A decided case is an outcome that somebody was told: it does not change and does not go.
CREATE FUNCTION decided_cases_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status = 'decided' THEN
    RAISE EXCEPTION 'a decided case never changes, and no case is deleted' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER review_cases_stay BEFORE UPDATE OR DELETE ON review_cases FOR EACH ROW EXECUTE FUNCTION decided_cases_stay();
