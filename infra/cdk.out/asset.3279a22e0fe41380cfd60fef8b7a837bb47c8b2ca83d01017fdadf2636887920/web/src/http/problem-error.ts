import type { Problem } from '../contract.ts';

/** Code of the problem that no answer came at all. */
export const UNREACHED = 'unreached';

/** An answer of the API that is not the one asked for. `status` 0: the server was not reached. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.name = 'ProblemError';
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }
}

export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return { type: 'about:blank', title: 'Something went wrong on this page', status: 0, detail };
}
