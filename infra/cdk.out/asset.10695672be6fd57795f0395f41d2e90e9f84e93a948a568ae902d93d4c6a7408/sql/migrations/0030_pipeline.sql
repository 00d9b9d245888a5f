-- Pipeline: one row a run, one row a step (and item, for mapped steps) of a run, and what each step produced from which input.
-- A step's result is found again by its input hash: that is what makes every step idempotent and a killed run resumable.

CREATE TABLE pipeline_runs (
  run_id       text PRIMARY KEY,
  portfolio    text NOT NULL,
  status       text NOT NULL CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
  trigger      text NOT NULL,
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  -- host:pid of the process that runs it; a run whose owner is gone was interrupted
  owner        text NOT NULL,
  heartbeat_at timestamptz NOT NULL,
  error        text
);
CREATE INDEX pipeline_runs_by_portfolio ON pipeline_runs (portfolio, started_at DESC);
-- at most one live run a portfolio
CREATE UNIQUE INDEX pipeline_runs_one_running ON pipeline_runs (portfolio) WHERE status = 'running';

CREATE TABLE pipeline_run_steps (
  run_id          text NOT NULL REFERENCES pipeline_runs (run_id),
  step            text NOT NULL,
  -- '' for a plain step, else the mapped item (say, the estimator)
  item            text NOT NULL DEFAULT '',
  position        integer NOT NULL,
  status          text NOT NULL CHECK (status IN ('pending', 'running', 'succeeded', 'reused', 'failed', 'cancelled', 'interrupted')),
  attempt         integer NOT NULL DEFAULT 0,
  started_at      timestamptz,
  finished_at     timestamptz,
  progress_done   double precision NOT NULL DEFAULT 0,
  progress_total  double precision NOT NULL DEFAULT 0,
  note            text,
  output          jsonb,
  error           text,
  PRIMARY KEY (run_id, step, item)
);

CREATE TABLE pipeline_results (
  portfolio    text NOT NULL,
  step         text NOT NULL,
  item         text NOT NULL DEFAULT '',
  input_hash   text NOT NULL,
  output       jsonb NOT NULL,
  finished_at  timestamptz NOT NULL,
  PRIMARY KEY (portfolio, step, item)
);
