import cluster, { type Worker } from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiLog, MetricsJson } from '../../api/index.ts';
import { type Ask, type CallHandlers, openCalls } from './calls.ts';
import { STOP_LIMIT_MS } from './serve-as-worker.ts';

export type WorkerPool = {
  /** `http://127.0.0.1:4680` */
  readonly url: string;
  readonly processIds: () => number[];
  /** Figures of the workers that answer. */
  readonly metrics: () => Promise<readonly MetricsJson[]>;
  /** Stops taking requests, lets the workers finish what is under way, ends those that do not. */
  readonly close: () => Promise<void>;
};

export type WorkerPoolOptions = {
  /** Module that calls `serveAsWorker`, and its arguments. */
  readonly script: string;
  readonly args: readonly string[];
  readonly count: number;
  /** What the workers may ask of this process; it answers `metrics` itself. */
  readonly handlers: CallHandlers;
  /** A worker ended without being told to; `name` is what `serve` called it. */
  readonly onLost?: (name: string) => Promise<void>;
  readonly log: ApiLog;
};

/** Pauses before a worker that died is replaced; the longer ones when it had lived less than HEALTHY_MS. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS, HEALTHY_MS] = [50, 5_000, 10_000];
/** Beyond what a worker allows itself. */
const KILL_AFTER_MS = STOP_LIMIT_MS + 2_000;

type Running = { readonly name: string; readonly worker: Worker; readonly ask: Ask; readonly url: Promise<string> };

/**
 * Serves from several processes that share one port; one that dies is replaced. `onLost` is told what its name was.
 * @throws AssayError what kept the first workers from serving
 */
export async function startWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const running = new Set<Running>();
  const stopping = new AbortController();
  const handlers: CallHandlers = { ...options.handlers, metrics: () => askAll(running, 'metrics') };
  // each worker accepts from the shared socket itself: a connection handed on by this process would hang if its worker died
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: options.script, args: [...options.args] });

  const close = async (): Promise<void> => {
    stopping.abort();
    await Promise.all([...running].map(({ worker, ask }) => stopWorker(worker, ask)));
  };
  const first = Array.from({ length: options.count }, () => startWorker(running, handlers));
  try {
    const [url] = await Promise.all(first.map((worker) => worker.url));
    for (const worker of first) void replaceForEver(worker, { ...options, handlers }, running, stopping.signal);
    const processIds = (): number[] => [...running].flatMap(({ worker }) => worker.process.pid ?? []);
    const metrics = async () => (await askAll(running, 'metrics')) as MetricsJson[];
    return { url: url ?? '', processIds, metrics, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startWorker(running: Set<Running>, handlers: CallHandlers): Running {
  const worker = cluster.fork();
  const ask = openCalls(worker, handlers);
  const name = randomUUID();
  const url = ask('serve', name).then(String);
  // whoever waits for it is told; a replacement that fails is replaced again
  url.catch(() => {});
  const started: Running = { name, worker, ask, url };
  running.add(started);
  worker.once('exit', () => running.delete(started));
  return started;
}

async function replaceForEver(
  started: Running,
  { handlers, log, onLost }: WorkerPoolOptions,
  running: Set<Running>,
  stopping: AbortSignal,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let current = started; ; current = startWorker(running, handlers)) {
    const isHealthy = Promise.race([exitOf(current.worker).then(() => false), sleep(HEALTHY_MS, true, { ref: false })]);
    pauseMs = (await isHealthy) ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    const how = await exitOf(current.worker);
    if (stopping.aborted) return;
    log.error({ processId: current.worker.process.pid, ...how }, 'a worker ended; another is started');
    onLost?.(current.name).catch((error: unknown) => log.error({ error }, 'what a worker held could not be freed'));
    await sleep(pauseMs, undefined, { ref: false });
    if (stopping.aborted) return;
  }
}

async function exitOf(worker: Worker): Promise<{ exitCode: number | null; signal: string | null }> {
  const { exitCode, signalCode } = worker.process;
  if (exitCode !== null || signalCode !== null) return { exitCode, signal: signalCode };
  const [code, signal] = await once(worker, 'exit');
  return { exitCode: code, signal };
}

async function stopWorker(worker: Worker, ask: Ask): Promise<void> {
  const kill = setTimeout(() => worker.process.kill('SIGKILL'), KILL_AFTER_MS);
  ask('stop').catch(() => {});
  await exitOf(worker);
  clearTimeout(kill);
}

/** Answers of the workers that gave one: one that is just ending has none. */
async function askAll(running: ReadonlySet<Running>, name: string): Promise<unknown[]> {
  const answers = await Promise.allSettled([...running].map(({ ask }) => ask(name)));
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
