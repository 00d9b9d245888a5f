import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../platform/index.ts';

export type RunningWorker = {
  /** Lets the worker finish what is under way, then ends it. */
  readonly stop: () => Promise<void>;
};

const PROGRAM = fileURLToPath(new URL('./child.ts', import.meta.url));
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 10_000;
/** A worker that ran this long was well: the next failure starts with a short pause again. */
const WELL_AFTER_MS = 30_000;
const STOP_WITHIN_MS = 10_000;

/** Starts the worker of a book as a child process, and again whenever it ends by itself. */
export function startStreamWorker(options: {
  readonly portfolio: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Pick<Log, 'warn'>;
}): RunningWorker {
  const stopped = new AbortController();
  let child: ChildProcess | undefined;
  const keepRunning = async (): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS;
    while (!stopped.signal.aborted) {
      const beganMs = performance.now();
      child = fork(PROGRAM, [options.portfolio], { env: options.environment, execArgv: [] });
      const [code, signal] = await once(child, 'exit');
      if (stopped.signal.aborted) return;
      options.log.warn({ code, signal }, 'the worker of the stream ended; it is started again');
      pauseMs = performance.now() - beganMs > WELL_AFTER_MS ? FIRST_PAUSE_MS : Math.min(MAX_PAUSE_MS, pauseMs * 2);
      await pause(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const running = keepRunning();
  const stop = async (): Promise<void> => {
    stopped.abort();
    if (child?.connected) child.disconnect();
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_WITHIN_MS);
    await running;
    clearTimeout(timer);
  };
  return { stop };
}
