-- A candidate that was turned down: it stays in the registry and can never be promoted.
ALTER TABLE model_versions DROP CONSTRAINT model_versions_status_check;
ALTER TABLE model_versions ADD CONSTRAINT model_versions_status_check
  CHECK (status IN ('candidate', 'approved', 'champion', 'retired', 'rejected'));

-- Executions of the pipeline that wait elsewhere for a decision on a model version: the token is how they are told.
CREATE TABLE model_approvals (
  execution_id   text PRIMARY KEY,
  portfolio      text NOT NULL,
  model_version  text NOT NULL REFERENCES model_versions (model_version),
  task_token     text NOT NULL,
  requested_at   timestamptz NOT NULL,
  answered_at    timestamptz,
  answer         text CHECK (answer IN ('approved', 'rejected', 'superseded', 'lapsed')),
  CHECK ((answered_at IS NULL) = (answer IS NULL))
);
CREATE INDEX model_approvals_open ON model_approvals (portfolio) WHERE answered_at IS NULL;
