import { type Ask, openCalls } from './calls.ts';

/** What a worker process serves with. */
export type WorkerServer = {
  readonly url: string;
  /** Figures of this process, for the sum over all of them. */
  readonly metrics: () => Promise<unknown>;
  readonly close: () => Promise<void>;
};

/** A worker that is told to stop has this long for the requests under way. */
export const STOP_LIMIT_MS = 10_000;

/**
 * Makes this process a worker of a pool (see worker-pool.ts): it serves when the primary says so, and ends when it is told to,
 * on SIGTERM, or when the primary is gone, after the requests under way. Ctrl-C of a terminal reaches all processes: the
 * primary's word counts. Call it before anything is awaited: the primary speaks first, and is heard by who listens. `name` is this worker's own, given by the primary.
 */
export function serveAsWorker(open: (ask: Ask, name: string) => Promise<WorkerServer>): void {
  let server: Promise<WorkerServer> | undefined;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= stopServer(server);
    return stopped;
  };
  const ask = openCalls(channelOfWorker(), {
    serve: async (name: string) => {
      server ??= open(ask, name);
      return (await server).url;
    },
    metrics: async () => (await server)?.metrics(),
    stop,
  });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => void stop());
  process.once('disconnect', () => void stop());
}

function channelOfWorker() {
  return {
    send: (message: object) => process.send?.(message),
    on: (event: 'message', listener: (message: unknown) => void) => process.on(event, listener),
    once: (event: 'disconnect', listener: () => void) => process.once(event, listener),
  };
}

async function stopServer(server: Promise<WorkerServer> | undefined): Promise<void> {
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  try {
    await (await server)?.close();
  } finally {
    process.exit(0);
  }
}
