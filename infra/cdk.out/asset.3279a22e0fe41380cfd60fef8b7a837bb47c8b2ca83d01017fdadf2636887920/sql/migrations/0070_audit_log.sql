-- The audit log: who did what besides deciding (model versions, credit policies, reviews, overrides, notices, erasures), append only,
-- one chain a portfolio, chained like decisions. The body is the exact text that was hashed; the columns are there to find it by.
CREATE TABLE audit_log (
  portfolio      text NOT NULL,
  -- 1, 2, 3 … without gaps
  sequence       bigint NOT NULL CHECK (sequence > 0),
  kind           text NOT NULL,
  -- what it is about: a model version, a policy version, a decision, a person's pseudonym
  subject        text NOT NULL,
  actor          text NOT NULL,
  at             timestamptz NOT NULL,
  body           text NOT NULL,
  previous_hash  text NOT NULL,
  -- sha256(previous_hash, newline, body)
  hash           text NOT NULL,
  PRIMARY KEY (portfolio, sequence)
);
CREATE INDEX audit_log_by_subject ON audit_log (portfolio, subject, sequence);
CREATE INDEX audit_log_by_kind ON audit_log (portfolio, kind, sequence);
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What the checkpoint files outside the database should hold: so that a truncated file is found here, and a truncated table there.
CREATE TABLE audit_checkpoints (
  portfolio  text NOT NULL,
  -- of the file it lies in: one a data directory
  log_id     text NOT NULL,
  number     bigint NOT NULL,
  -- sha256 of its line
  hash       text NOT NULL,
  at         timestamptz NOT NULL,
  PRIMARY KEY (portfolio, log_id, number)
);
CREATE TRIGGER audit_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The history of model versions moves into the log: one place, one guarantee.
DO $$
DECLARE
  event record;
  earlier record;
  entry text;
  place bigint;
BEGIN
  FOR event IN
    SELECT v.portfolio, e.model_version, e.event, e.actor, e.note, date_trunc('milliseconds', e.at) AS at
    FROM model_events e JOIN model_versions v USING (model_version) ORDER BY v.portfolio, e.event_id
  LOOP
    SELECT sequence, hash INTO earlier FROM audit_log WHERE portfolio = event.portfolio ORDER BY sequence DESC LIMIT 1;
    place := coalesce(earlier.sequence, 0) + 1;
    entry := format(
      '{"actor":%s,"at":"%s","data":{"note":%s},"format":"assay-audit/1","kind":"model_%s","portfolio":%s,"sequence":%s,"subject":%s}',
      to_json(event.actor), to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      coalesce(to_json(event.note)::text, 'null'), event.event, to_json(event.portfolio), place, to_json(event.model_version));
    INSERT INTO audit_log (portfolio, sequence, kind, subject, actor, at, body, previous_hash, hash)
    VALUES (event.portfolio, place, 'model_' || event.event, event.model_version, event.actor, event.at, entry,
      coalesce(earlier.hash, repeat('0', 64)),
      encode(sha256(convert_to(coalesce(earlier.hash, repeat('0', 64)) || E'\n' || entry, 'UTF8')), 'hex'));
  END LOOP;
END $$;
DROP TABLE model_events;
DROP FUNCTION model_events_are_append_only();
