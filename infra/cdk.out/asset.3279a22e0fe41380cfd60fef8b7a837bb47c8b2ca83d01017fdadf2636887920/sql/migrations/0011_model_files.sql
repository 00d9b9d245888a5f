-- The hash of every file of a version, so that a changed document is found as surely as a changed model.
ALTER TABLE model_versions ADD COLUMN file_hashes jsonb NOT NULL DEFAULT '{}';

-- A version stays: it can be retired, not removed. Its history cannot be emptied either.
CREATE FUNCTION model_versions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'model versions are never deleted';
END $$;
CREATE TRIGGER model_versions_never_deleted BEFORE DELETE OR TRUNCATE ON model_versions
  FOR EACH STATEMENT EXECUTE FUNCTION model_versions_stay();
CREATE TRIGGER model_events_never_emptied BEFORE TRUNCATE ON model_events
  FOR EACH STATEMENT EXECUTE FUNCTION model_events_are_append_only();
