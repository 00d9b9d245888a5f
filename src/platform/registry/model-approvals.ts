import type { Clock, Database } from '../contract.ts';

/** How an execution that waited was answered: the version came into use, was turned down, gave way to a later one, or nobody decided. */
export type ApprovalAnswer = 'approved' | 'rejected' | 'superseded' | 'lapsed';

/** An execution of the pipeline that waits elsewhere for a decision on a model version. */
export type WaitingApproval = {
  readonly executionId: string;
  readonly portfolio: string;
  readonly modelVersion: string;
  readonly taskToken: string;
};

type Row = { execution_id: string; portfolio: string; model_version: string; task_token: string };
const fromRow = (row: Row): WaitingApproval => ({
  executionId: row.execution_id,
  portfolio: row.portfolio,
  modelVersion: row.model_version,
  taskToken: row.task_token,
});

/** Who waits for a decision, and what was answered. */
export class ModelApprovals {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Asking again (the state was tried again) renews the token. */
  async ask({ executionId, portfolio, modelVersion, taskToken }: WaitingApproval): Promise<void> {
    await this.#database.query(
      `INSERT INTO model_approvals (execution_id, portfolio, model_version, task_token, requested_at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (execution_id) DO UPDATE SET task_token = EXCLUDED.task_token, model_version = EXCLUDED.model_version,
         answered_at = NULL, answer = NULL`,
      [executionId, portfolio, modelVersion, taskToken, this.#clock.now()],
    );
  }

  async answered(executionId: string, answer: ApprovalAnswer): Promise<void> {
    await this.#database.query(
      'UPDATE model_approvals SET answered_at = $2, answer = $3 WHERE execution_id = $1 AND answered_at IS NULL',
      [executionId, this.#clock.now(), answer],
    );
  }

  /** Oldest first. */
  async waiting(portfolio: string): Promise<WaitingApproval[]> {
    const rows = await this.#database.query<Row>(
      `SELECT execution_id, portfolio, model_version, task_token FROM model_approvals
       WHERE portfolio = $1 AND answered_at IS NULL ORDER BY requested_at, execution_id`,
      [portfolio],
    );
    return rows.map(fromRow);
  }

  /** The version that the last approval brought to the endpoint. */
  async lastApproved(portfolio: string): Promise<string | undefined> {
    const [row] = await this.#database.query<{ model_version: string }>(
      `SELECT model_version FROM model_approvals WHERE portfolio = $1 AND answer = 'approved'
       ORDER BY answered_at DESC LIMIT 1`,
      [portfolio],
    );
    return row?.model_version;
  }
}
