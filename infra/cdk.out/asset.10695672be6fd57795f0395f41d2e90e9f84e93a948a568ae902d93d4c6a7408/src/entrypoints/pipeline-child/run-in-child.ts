import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { AssayError } from '../../domain/index.ts';
import type { PipelineEvent } from '../../pipeline/index.ts';
import type { PortfolioOptions } from '../portfolio-options.ts';
import type { ChildMessage, ParentMessage, RunOrder } from './messages.ts';

export type ChildRun = {
  readonly options: PortfolioOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly trigger: string;
  readonly from?: string | undefined;
  readonly signal: AbortSignal;
  readonly onStart?: (runId: string) => void;
  readonly onEvent?: (event: PipelineEvent) => void;
  /** How long a cancelled run may take to end by itself. */
  readonly graceMs?: number;
};

/** The longest a step computes without looking up is a fit of one fold; then it is killed. */
const CANCEL_GRACE_MS = 15_000;

/**
 * Runs the pipeline of a book in a process of its own, below the priority of the one that answers requests.
 * @throws AssayError what the run threw; unavailable when its process was killed
 */
export function runInChild(request: ChildRun): Promise<{ runId: string }> {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), [], {
    cwd: request.workingDirectory,
    env: { ...request.environment },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  lowerPriority(child);
  const { options, trigger, from } = request;
  const order: RunOrder = { kind: 'run', options, trigger, ...(from !== undefined && { from }) };
  child.send(order satisfies ParentMessage);
  return outcomeOf(child, request);
}

/** Requests go first. Where the system refuses, they share alike. */
function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {}
}

function outcomeOf(child: ChildProcess, request: ChildRun): Promise<{ runId: string }> {
  return new Promise((resolve, reject) => {
    let outcome: Extract<ChildMessage, { kind: 'done' | 'failed' }> | undefined;
    const stopCancelling = cancelOn(child, request);
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'started') request.onStart?.(message.runId);
      else if (message.kind === 'event') request.onEvent?.(message.event);
      else outcome = message;
    });
    const end = (error?: AssayError): void => {
      stopCancelling();
      if (error) reject(error);
      else if (outcome?.kind === 'done') resolve({ runId: outcome.runId });
    };
    child.once('error', (error) => end(notStarted(error)));
    // what it said last counts only once it is gone, with its files and its database closed
    child.once('close', (code, signal) => {
      if (outcome?.kind === 'failed') end(new AssayError(outcome.code, outcome.parts));
      else end(outcome ? undefined : killed(code, signal, request.signal));
    });
  });
}

function cancelOn(child: ChildProcess, { signal, graceMs = CANCEL_GRACE_MS }: ChildRun): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    const what = signal.reason instanceof Error ? signal.reason.message : 'the run was cancelled';
    if (child.connected) child.send({ kind: 'cancel', what } satisfies ParentMessage);
    timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
}

function notStarted(error: Error): AssayError {
  const what = 'the process of the pipeline did not start';
  return new AssayError('unavailable', { what, given: error.message }, { cause: error });
}

function killed(code: number | null, signal: string | null, cancel: AbortSignal): AssayError {
  if (cancel.aborted) return new AssayError('cancelled', { what: 'the run was cancelled, and its process killed' });
  return new AssayError('unavailable', {
    what: 'the process of the pipeline ended in the middle of the run',
    given: signal ?? `exit code ${code}`,
    fix: 'start the run again: it goes on where it stopped; if it ends the same way, the machine may have too little memory',
  });
}
