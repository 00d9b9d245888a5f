import { IdempotencyMismatch } from '../decisions/index.ts';
import { AssayError, type AssayErrorCode } from '../domain/index.ts';
import type { Problem } from './contract.ts';

/** The only place where errors become HTTP. */
const STATUS: Readonly<Record<AssayErrorCode, number>> = {
  bad_input: 400,
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  unavailable: 503,
  overloaded: 429,
  tampered: 500,
  cancelled: 503,
  internal: 500,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Unprocessable request',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available now',
};

/** Errors that are about HTTP itself and so have a status of their own. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
  }
}

export type ProblemAnswer = { readonly problem: Problem; readonly headers: Readonly<Record<string, string>> };

/**
 * RFC 9457 of any error. What a user cannot mend (a bug, a driver's message) is not shown: it goes to the log under the
 * request id, which `instance` names.
 */
export function problemOf(error: unknown, requestId: string): ProblemAnswer {
  const instance = `urn:assay:request:${requestId}`;
  if (error instanceof IdempotencyMismatch) return assayProblem(error, 422, instance);
  if (error instanceof AssayError) return assayProblem(error, STATUS[error.code], instance);
  if (error instanceof HttpError) {
    return { problem: plainProblem(error.status, error.message, instance), headers: error.headers };
  }
  const status = fastifyStatus(error);
  if (status >= 400 && status < 500 && error instanceof Error) {
    return { problem: plainProblem(status, error.message, instance), headers: {} };
  }
  if (status === 503)
    return {
      problem: plainProblem(503, 'the server is too busy; try again', instance),
      headers: { 'retry-after': '1' },
    };
  return {
    problem: plainProblem(500, 'something went wrong here; the log has it under the instance named', instance),
    headers: {},
  };
}

/** Whether an error belongs in the log: nothing that the caller can mend. */
export function isOurs(status: number): boolean {
  return status >= 500;
}

function assayProblem(error: AssayError, status: number, instance: string): ProblemAnswer {
  const hidden = status === 500;
  const problem: Problem = {
    type: `urn:assay:error:${error.code}`,
    title: TITLES[status] ?? 'Error',
    status,
    detail:
      hidden && error.code === 'internal'
        ? 'something went wrong here; the log has it under the instance named'
        : error.message,
    instance,
    code: error.code,
    ...(error.parts.issues ? { errors: [...error.parts.issues] } : {}),
  };
  return { problem, headers: status === 503 || status === 429 || status === 409 ? { 'retry-after': '1' } : {} };
}

function plainProblem(status: number, detail: string, instance: string): Problem {
  return { type: 'about:blank', title: TITLES[status] ?? 'Error', status, detail, instance };
}

function fastifyStatus(error: unknown): number {
  if (error !== null && typeof error === 'object' && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return 500;
}
