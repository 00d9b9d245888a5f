-- Model versions and what happened to them. The files of a version lie under models/<model_version>/, signed.

CREATE TABLE model_versions (
  model_version  text PRIMARY KEY,
  portfolio      text NOT NULL,
  estimator      text NOT NULL,
  status         text NOT NULL CHECK (status IN ('candidate', 'approved', 'champion', 'retired')),
  -- who made it: may not be who approves it
  registered_by  text NOT NULL,
  created_at     timestamptz NOT NULL,
  manifest       jsonb NOT NULL
);
CREATE INDEX model_versions_by_portfolio ON model_versions (portfolio, created_at DESC);
-- one champion a book
CREATE UNIQUE INDEX model_versions_one_champion ON model_versions (portfolio) WHERE status = 'champion';

-- Append only: who did what to which version, and why.
CREATE TABLE model_events (
  event_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  model_version  text NOT NULL REFERENCES model_versions (model_version),
  event          text NOT NULL CHECK (event IN ('registered', 'approved', 'promoted', 'retired')),
  actor          text NOT NULL,
  note           text,
  at             timestamptz NOT NULL
);

CREATE FUNCTION model_events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'model_events is append only';
END $$;
CREATE TRIGGER model_events_append_only BEFORE UPDATE OR DELETE ON model_events
  FOR EACH ROW EXECUTE FUNCTION model_events_are_append_only();
