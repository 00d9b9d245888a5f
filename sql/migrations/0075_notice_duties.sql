-- A person's counter-offer has an amount of its own.
ALTER TABLE review_cases ADD COLUMN offer_minor bigint CHECK (offer_minor > 0);

-- What applicants must be told, and by when: one row for the decision itself, and one for the answer of a person where one decides.
-- Rows follow from the records; that a notice was issued is entered in the audit log in the same transaction.
CREATE TABLE notice_duties (
  decision_id      text NOT NULL REFERENCES decisions (decision_id),
  -- decision: told as it was made; review: told as a person decided
  about            text NOT NULL CHECK (about IN ('decision', 'review')),
  portfolio        text NOT NULL,
  application_id   text NOT NULL,
  case_id          text REFERENCES review_cases (case_id),
  kind             text NOT NULL,
  jurisdiction     text NOT NULL,
  -- waits: a person has not decided yet
  state            text NOT NULL CHECK (state IN ('waits', 'due', 'issued')),
  opened_at        timestamptz NOT NULL,
  -- null: no rule of that place sets a day
  due_on           date,
  rule             text,
  issued_at        timestamptz,
  issued_by        text,
  channel          text,
  -- the exact document, sealed under the person's key, and sha256 of it in clear
  document         text,
  document_hash    text,
  person           text,
  PRIMARY KEY (decision_id, about),
  CHECK (about = 'decision' OR state = 'waits' OR case_id IS NOT NULL),
  CHECK (state <> 'issued' OR (issued_at IS NOT NULL AND issued_by IS NOT NULL AND channel IS NOT NULL AND document_hash IS NOT NULL))
);
CREATE INDEX notice_duties_queue ON notice_duties (portfolio, state, due_on NULLS LAST, opened_at, decision_id);

-- How far the decisions have been looked through; moved in the transaction that opens their duties.
CREATE TABLE notice_cursors (
  portfolio  text PRIMARY KEY,
  sequence   bigint NOT NULL
);

-- What a borrower was told does not change and does not go.
CREATE FUNCTION issued_notices_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'issued' THEN
    RAISE EXCEPTION 'an issued notice never changes, and no duty is deleted' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_duties_stay BEFORE UPDATE OR DELETE ON notice_duties FOR EACH ROW EXECUTE FUNCTION issued_notices_stay();
