-- Suspicious applications that a person looks into: one case an application. What was found is a label of fraud, kept apart from whether
-- the loan was repaid. Every step is entered in the audit log in the same transaction; this table is where a case stands now.
CREATE TABLE fraud_cases (
  portfolio       text NOT NULL,
  application_id  text NOT NULL COLLATE "C",
  -- under whose key the note is sealed
  person          text NOT NULL,
  -- the assessment as it was when the case was first taken: ids of signals, nothing they were seen in
  score           double precision NOT NULL,
  band            text NOT NULL CHECK (band IN ('low', 'look', 'high')),
  signals         text[] NOT NULL,
  opened_at       timestamptz NOT NULL,
  status          text NOT NULL CHECK (status IN ('open', 'claimed', 'decided')),
  claimed_by      text,
  claimed_at      timestamptz,
  leased_until    timestamptz,
  verdict         text CHECK (verdict IN ('confirmed', 'cleared', 'unsure')),
  note            text,
  decided_by      text,
  decided_at      timestamptz,
  dwell_ms        bigint,
  PRIMARY KEY (portfolio, application_id),
  CHECK (status <> 'claimed' OR (claimed_by IS NOT NULL AND claimed_at IS NOT NULL AND leased_until IS NOT NULL)),
  CHECK (status <> 'decided' OR (verdict IS NOT NULL AND note IS NOT NULL AND decided_by IS NOT NULL AND decided_at IS NOT NULL))
);

-- What was confirmed or cleared is a label that figures rest on: it does not change and does not go. An unsure case may be taken up again.
CREATE FUNCTION settled_fraud_cases_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.status = 'decided' AND OLD.verdict <> 'unsure') THEN
    RAISE EXCEPTION 'a settled fraud case never changes, and no case is deleted' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER fraud_cases_stay BEFORE UPDATE OR DELETE ON fraud_cases FOR EACH ROW EXECUTE FUNCTION settled_fraud_cases_stay();
