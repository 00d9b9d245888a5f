import type { z } from 'zod';
import { API_PREFIX, type OperationId, operations, type Problem, problemSchema, type ResponseOf } from '../contract.ts';
import { ProblemError, UNREACHED } from './problem-error.ts';

type Operations = typeof operations;
type QueryOf<Id extends OperationId> = Operations[Id] extends { query: infer Query extends z.ZodType }
  ? z.input<Query>
  : undefined;
type BodyOf<Id extends OperationId> = Operations[Id] extends { body: infer Body extends z.ZodType }
  ? z.input<Body>
  : undefined;

export type CallOptions<Id extends OperationId> = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: QueryOf<Id>;
  readonly body?: BodyOf<Id>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** Calls one operation of the API contract and checks the answer against its schema. Throws `ProblemError`. */
export async function call<Id extends OperationId>(id: Id, options: CallOptions<Id> = {}): Promise<ResponseOf<Id>> {
  const operation = operations[id];
  const response = await reach(pathOf(operation.path, options.params ?? {}) + searchOf(options.query), {
    method: operation.method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (!response.ok) throw new ProblemError(await problemOf(response));
  // The schema belongs to this id; TypeScript cannot follow a lookup by a generic key.
  return (
    operation.response === null ? undefined : parseAnswer(operation.response, await response.json())
  ) as ResponseOf<Id>;
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    const detail = 'No answer came back. The server may be stopped or restarting; try again in a moment.';
    throw new ProblemError(
      { type: 'about:blank', title: 'The server was not reached', status: 0, detail, code: UNREACHED },
      { cause },
    );
  }
}

function parseAnswer(schema: z.ZodType, body: unknown): unknown {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ProblemError({
    type: 'about:blank',
    title: 'The answer was not understood',
    status: 0,
    detail: 'The server and this page are of different versions. Reload the page; if it persists, restart the server.',
    errors: parsed.error.issues.slice(0, 5).map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  });
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const detail = `The server answered ${response.status} ${response.statusText}`.trim();
  return { type: 'about:blank', title: 'The request failed', status: response.status, detail };
}

function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  const filled = template.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return API_PREFIX + filled;
}

function searchOf(query: unknown): string {
  const pairs = Object.entries(typeof query === 'object' && query !== null ? query : {}).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  if (pairs.length === 0) return '';
  return `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`;
}
