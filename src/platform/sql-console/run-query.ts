import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AssayError } from '../../domain/index.ts';
import type { ConsoleAnswer, ConsoleOrder, ConsoleResult, ConsoleView } from './messages.ts';

export type ConsoleQuery = {
  readonly sql: string;
  readonly views: readonly ConsoleView[];
  readonly maxRows: number;
  /** Cancels: the process is killed. */
  readonly signal?: AbortSignal | undefined;
  readonly timeLimitMs?: number;
};

/** From the start of the process to the last row. */
export const TIME_LIMIT_MS = 15_000;
const MEMORY_LIMIT = '512MB';
const HEAP_LIMIT_MIB = 256;
const MAX_RESULT_BYTES = 8 * 1024 * 1024;

/**
 * Runs one SELECT over views of the lake in a process that lives only for it: below the server's priority, with an empty environment, a
 * limit of memory, time, rows and bytes, and no way to any file but those of the views it names.
 * @throws AssayError bad_input with the position; cancelled; unavailable when the process did not live to answer
 */
export function runConsoleQuery(query: ConsoleQuery): Promise<ConsoleResult> {
  const { sql, views, maxRows, signal, timeLimitMs = TIME_LIMIT_MS } = query;
  if (signal?.aborted) return Promise.reject(cancelled());
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [], {
    env: {},
    execArgv: [`--max-old-space-size=${HEAP_LIMIT_MIB}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  lowerPriority(child);
  child.send({ sql, views, maxRows, maxBytes: MAX_RESULT_BYTES, memoryLimit: MEMORY_LIMIT } satisfies ConsoleOrder);
  return answerOf(child, { signal, timeLimitMs }).finally(() => child.kill('SIGKILL'));
}

function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {}
}

function answerOf(
  child: ChildProcess,
  { signal, timeLimitMs }: { signal: AbortSignal | undefined; timeLimitMs: number },
): Promise<ConsoleResult> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(tooLong(timeLimitMs))), timeLimitMs);
    const onAbort = (): void => end(() => reject(cancelled()));
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('message', (answer: ConsoleAnswer) =>
      end(() =>
        answer.kind === 'result' ? resolve(answer.result) : reject(new AssayError(answer.code, answer.parts)),
      ),
    );
    child.once('error', (cause) => end(() => reject(died(cause.message))));
    child.once('exit', (code, killedBy) => end(() => reject(died(killedBy ?? `exit code ${code}`))));
  });
}

function tooLong(timeLimitMs: number): AssayError {
  const what = `the query took longer than ${timeLimitMs / 1000} seconds and was stopped`;
  return new AssayError('bad_input', {
    what,
    fix: 'filter earlier, join on keys, or aggregate; what needs longer belongs into DuckDB, Athena or Redshift',
    issues: [{ path: 'sql', message: what }],
  });
}

const cancelled = (): AssayError => new AssayError('cancelled', { what: 'the query was cancelled' });

function died(how: string): AssayError {
  return new AssayError('unavailable', {
    what: 'the process of the query ended before it answered',
    given: how,
    fix: 'run the query again; if it ends the same way, it needs more memory than a query may take',
  });
}
