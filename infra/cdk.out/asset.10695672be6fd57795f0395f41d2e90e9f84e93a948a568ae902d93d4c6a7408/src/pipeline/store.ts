import type { Clock, Database } from '../platform/index.ts';
import type { JsonObject } from './step.ts';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
export type StepStatus = 'pending' | 'running' | 'succeeded' | 'reused' | 'failed' | 'cancelled' | 'interrupted';

export type PipelineRun = {
  readonly runId: string;
  readonly portfolio: string;
  readonly status: RunStatus;
  readonly trigger: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly owner: string;
  readonly heartbeatAt: Date;
  readonly error: string | null;
};

export type PipelineRunStep = {
  readonly step: string;
  readonly item: string;
  readonly position: number;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly progressDone: number;
  readonly progressTotal: number;
  readonly note: string | null;
  readonly output: JsonObject | null;
  readonly error: string | null;
};

/** Key of a step within a run. */
export type StepKey = { readonly runId: string; readonly step: string; readonly item: string };

type RunRow = {
  run_id: string;
  portfolio: string;
  status: RunStatus;
  trigger: string;
  started_at: Date;
  finished_at: Date | null;
  owner: string;
  heartbeat_at: Date;
  error: string | null;
};

const runFromRow = (row: RunRow): PipelineRun => ({
  runId: row.run_id,
  portfolio: row.portfolio,
  status: row.status,
  trigger: row.trigger,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  owner: row.owner,
  heartbeatAt: row.heartbeat_at,
  error: row.error,
});

type StepRow = {
  step: string;
  item: string;
  position: number;
  status: StepStatus;
  attempt: number;
  started_at: Date | null;
  finished_at: Date | null;
  progress_done: number;
  progress_total: number;
  note: string | null;
  output: JsonObject | null;
  error: string | null;
};

const stepFromRow = (row: StepRow): PipelineRunStep => ({
  step: row.step,
  item: row.item,
  position: row.position,
  status: row.status,
  attempt: row.attempt,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  progressDone: row.progress_done,
  progressTotal: row.progress_total,
  note: row.note,
  output: row.output,
  error: row.error,
});

/** Rows of runs, their steps, and the results of steps by input hash. */
export class PipelineStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async runningRun(portfolio: string): Promise<PipelineRun | undefined> {
    const rows = await this.#database.query<RunRow>(
      `SELECT * FROM pipeline_runs WHERE portfolio = $1 AND status = 'running'`,
      [portfolio],
    );
    return rows[0] && runFromRow(rows[0]);
  }

  async findRun(runId: string): Promise<PipelineRun | undefined> {
    const rows = await this.#database.query<RunRow>('SELECT * FROM pipeline_runs WHERE run_id = $1', [runId]);
    return rows[0] && runFromRow(rows[0]);
  }

  /** Newest first. */
  async listRuns(portfolio: string, limit: number): Promise<PipelineRun[]> {
    const rows = await this.#database.query<RunRow>(
      'SELECT * FROM pipeline_runs WHERE portfolio = $1 ORDER BY started_at DESC, run_id DESC LIMIT $2',
      [portfolio, limit],
    );
    return rows.map(runFromRow);
  }

  async stepsOf(runId: string): Promise<PipelineRunStep[]> {
    const rows = await this.#database.query<StepRow>(
      'SELECT * FROM pipeline_run_steps WHERE run_id = $1 ORDER BY position, item',
      [runId],
    );
    return rows.map(stepFromRow);
  }

  /** @throws a unique violation when the portfolio already has a running run */
  async startRun(run: {
    runId: string;
    portfolio: string;
    trigger: string;
    owner: string;
    steps: readonly string[];
  }): Promise<void> {
    await this.#database.transaction(async (database) => {
      const now = this.#clock.now();
      await database.query(
        `INSERT INTO pipeline_runs (run_id, portfolio, status, trigger, started_at, owner, heartbeat_at)
         VALUES ($1, $2, 'running', $3, $4, $5, $4)`,
        [run.runId, run.portfolio, run.trigger, now, run.owner],
      );
      for (const [position, step] of run.steps.entries()) {
        await database.query(
          `INSERT INTO pipeline_run_steps (run_id, step, position, status) VALUES ($1, $2, $3, 'pending')`,
          [run.runId, step, position],
        );
      }
    });
  }

  async heartbeat(runId: string): Promise<void> {
    await this.#database.query('UPDATE pipeline_runs SET heartbeat_at = $2 WHERE run_id = $1', [
      runId,
      this.#clock.now(),
    ]);
  }

  /** Ends a run; steps still open end the same way. */
  async finishRun(runId: string, status: Exclude<RunStatus, 'running'>, error: string | null): Promise<void> {
    const openSteps = status === 'succeeded' ? null : status === 'failed' ? 'cancelled' : status;
    await this.#database.transaction(async (database) => {
      const now = this.#clock.now();
      await database.query(
        `UPDATE pipeline_runs SET status = $2, error = $3, finished_at = $4 WHERE run_id = $1 AND status = 'running'`,
        [runId, status, error, now],
      );
      if (openSteps === null) return;
      await database.query(
        `UPDATE pipeline_run_steps SET status = $2, finished_at = $3 WHERE run_id = $1 AND status = 'running'`,
        [runId, openSteps, now],
      );
    });
  }

  async startStep(key: StepKey, position: number): Promise<void> {
    await this.#database.query(
      `INSERT INTO pipeline_run_steps (run_id, step, item, position, status, attempt, started_at)
       VALUES ($1, $2, $3, $4, 'running', 1, $5)
       ON CONFLICT (run_id, step, item) DO UPDATE
         SET status = 'running', attempt = pipeline_run_steps.attempt + 1, started_at = EXCLUDED.started_at, finished_at = NULL, error = NULL`,
      [key.runId, key.step, key.item, position, this.#clock.now()],
    );
    // a mapped step's placeholder row gives way to the rows of its items
    if (key.item !== '') {
      await this.#database.query(`DELETE FROM pipeline_run_steps WHERE run_id = $1 AND step = $2 AND item = ''`, [
        key.runId,
        key.step,
      ]);
    }
  }

  async reportProgress(key: StepKey, done: number, total: number, note: string | null): Promise<void> {
    await this.#database.query(
      "UPDATE pipeline_run_steps SET progress_done = $4, progress_total = $5, note = $6 WHERE run_id = $1 AND step = $2 AND item = $3 AND status = 'running'",
      [key.runId, key.step, key.item, done, total, note],
    );
  }

  async finishStep(key: StepKey, status: 'succeeded' | 'reused', output: JsonObject): Promise<void> {
    await this.#database.query(
      `UPDATE pipeline_run_steps SET status = $4, output = $5, finished_at = $6, progress_done = GREATEST(progress_total, 1), progress_total = GREATEST(progress_total, 1)
       WHERE run_id = $1 AND step = $2 AND item = $3`,
      [key.runId, key.step, key.item, status, JSON.stringify(output), this.#clock.now()],
    );
  }

  async failStep(key: StepKey, status: 'failed' | 'cancelled', error: string): Promise<void> {
    await this.#database.query(
      'UPDATE pipeline_run_steps SET status = $4, error = $5, finished_at = $6 WHERE run_id = $1 AND step = $2 AND item = $3',
      [key.runId, key.step, key.item, status, error, this.#clock.now()],
    );
  }

  async resultOf(portfolio: string, step: string, item: string, inputHash: string): Promise<JsonObject | undefined> {
    const rows = await this.#database.query<{ output: JsonObject }>(
      'SELECT output FROM pipeline_results WHERE portfolio = $1 AND step = $2 AND item = $3 AND input_hash = $4',
      [portfolio, step, item, inputHash],
    );
    return rows[0]?.output;
  }

  /** The last result replaces the one before: the lake holds only what the last run wrote. */
  async keepResult(
    portfolio: string,
    step: string,
    item: string,
    inputHash: string,
    output: JsonObject,
  ): Promise<void> {
    await this.#database.query(
      `INSERT INTO pipeline_results (portfolio, step, item, input_hash, output, finished_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (portfolio, step, item) DO UPDATE
         SET input_hash = EXCLUDED.input_hash, output = EXCLUDED.output, finished_at = EXCLUDED.finished_at`,
      [portfolio, step, item, inputHash, JSON.stringify(output), this.#clock.now()],
    );
  }

  /** Forgets a step's result before it runs again: a kill in between must not leave a result without its files. */
  async forgetResult(portfolio: string, step: string, item: string): Promise<void> {
    await this.#database.query('DELETE FROM pipeline_results WHERE portfolio = $1 AND step = $2 AND item = $3', [
      portfolio,
      step,
      item,
    ]);
  }
}
