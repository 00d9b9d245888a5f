import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AssayError } from '../../domain/index.ts';
import type { BoosterMatrix, BoosterTraining, TrainedBooster, XgboostEngine } from '../contract.ts';
import { writeMatrixFile } from './matrix-file.ts';
import type { ChildMessage, Job, RoundEvaluation } from './messages.ts';
import { openThreadBudget } from './thread-budget.ts';

export type XgboostEngineOptions = {
  /** Absolute path of libxgboost. */
  readonly libraryPath: string;
  /** Threads for prediction, and for training where the parameters name none. */
  readonly nthread: number;
  /** Matrices travel through files here; removed after each job. */
  readonly scratchDirectory: string;
};

type JobOptions = {
  signal?: AbortSignal | undefined;
  onProgress?: ((round: number, rounds: number) => void) | undefined;
};
type JobResult = { readonly rounds: number; readonly evaluations: readonly RoundEvaluation[] };

/** What the child wrote to stderr last; enough for a native crash message. */
const STDERR_TAIL_CHARS = 2000;

/** More children than this would spend memory on matrices rather than time on trees. */
const MAX_CHILDREN = 16;

/**
 * Opens libxgboost in child processes: as many jobs at a time as have threads among the engine's `nthread`, each in a child of
 * its own, which stays for the next one; aborting a job kills its child.
 * Same input, parameters and nthread give the same bytes.
 * @throws AssayError unavailable when the library does not load.
 */
export async function openXgboostEngine(options: XgboostEngineOptions): Promise<XgboostEngine> {
  await mkdir(options.scratchDirectory, { recursive: true });
  const first = await startChild(options);
  const children = new Set([first]);
  const idle = [first];
  const budget = openThreadBudget(Math.min(options.nthread, MAX_CHILDREN));
  let closed = false;

  const takeChild = async (): Promise<Child> => {
    for (let child = idle.pop(); child; child = idle.pop()) {
      if (child.isAlive()) return child;
      children.delete(child);
    }
    const child = await startChild(options);
    children.add(child);
    if (closed) await child.stop();
    return child;
  };
  const runJob = async (job: Job, jobOptions: JobOptions): Promise<JobResult> => {
    if (closed) throw new AssayError('unavailable', { what: 'the XGBoost engine is closed' });
    if (jobOptions.signal?.aborted) throw cancelled();
    const child = await takeChild();
    try {
      return await child.run(job, jobOptions);
    } finally {
      idle.push(child);
    }
  };
  const predict = (kind: 'margins' | 'contributions', modelJson: string, matrix: BoosterMatrix) =>
    budget.with(options.nthread, () => predictIn(options, kind, modelJson, matrix, runJob));
  // 0, as libxgboost takes it, and what it will refuse, count as all
  const threadsOf = ({ parameters }: BoosterTraining) => Number(parameters['nthread']) || options.nthread;

  return {
    version: first.version,
    train: (request, jobOptions = {}) =>
      budget.with(threadsOf(request), () => trainIn(options, request, jobOptions, runJob)),
    margins: (modelJson, matrix) => predict('margins', modelJson, matrix),
    contributions: (modelJson, matrix) => predict('contributions', modelJson, matrix),
    async close() {
      closed = true;
      await Promise.all([...children].map((child) => child.stop()));
    },
  };
}

type RunJob = (job: Job, options: JobOptions) => Promise<JobResult>;

async function trainIn(
  options: XgboostEngineOptions,
  request: BoosterTraining,
  jobOptions: JobOptions,
  runJob: RunJob,
): Promise<TrainedBooster> {
  checkTraining(request);
  return inScratch(options, async (directory) => {
    const train = await writeMatrixFile(join(directory, 'train.f32'), request.train);
    const validation =
      request.validation && (await writeMatrixFile(join(directory, 'validation.f32'), request.validation));
    const parameters = { nthread: String(options.nthread), ...request.parameters };
    const resultPath = join(directory, 'model.json');
    const job: Job = {
      kind: 'train',
      train,
      ...(validation && { validation }),
      parameters,
      rounds: request.rounds,
      ...(request.earlyStoppingRounds !== undefined && { earlyStoppingRounds: request.earlyStoppingRounds }),
      nthread: Number(parameters.nthread),
      resultPath,
    };
    const { rounds, evaluations } = await runJob(job, jobOptions);
    return { modelJson: await readFile(resultPath, 'utf8'), rounds, evaluations };
  });
}

function predictIn(
  options: XgboostEngineOptions,
  kind: 'margins' | 'contributions',
  modelJson: string,
  matrix: BoosterMatrix,
  runJob: RunJob,
): Promise<Float32Array> {
  checkMatrix(matrix, 'the matrix to predict');
  return inScratch(options, async (directory) => {
    const modelPath = join(directory, 'model.json');
    await writeFile(modelPath, modelJson);
    const file = await writeMatrixFile(join(directory, 'matrix.f32'), matrix);
    const resultPath = join(directory, 'result.f32');
    await runJob({ kind, modelPath, matrix: file, nthread: options.nthread, resultPath }, {});
    const bytes = await readFile(resultPath);
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  });
}

async function inScratch<T>(options: XgboostEngineOptions, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(options.scratchDirectory, 'job-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function checkTraining(request: BoosterTraining): void {
  checkMatrix(request.train, 'the training matrix');
  if (!request.train.labels) throw new AssayError('bad_input', { what: 'the training matrix has no labels' });
  if (request.validation) checkMatrix(request.validation, 'the validation matrix');
  if (Number.isSafeInteger(request.rounds) && request.rounds > 0) return;
  throw new AssayError('bad_input', {
    what: 'rounds',
    given: String(request.rounds),
    allowed: 'a whole number above 0',
  });
}

function checkMatrix(matrix: BoosterMatrix, what: string): void {
  const { rowCount, columnCount, values, labels, weights } = matrix;
  const columns = matrix.featureNames.length === columnCount && matrix.featureTypes.length === columnCount;
  const rows = (labels?.length ?? rowCount) === rowCount && (weights?.length ?? rowCount) === rowCount;
  if (rowCount > 0 && columnCount > 0 && values.length === rowCount * columnCount && columns && rows) return;
  throw new AssayError('bad_input', {
    what: `${what} does not fit its own shape`,
    given: `${values.length} values, ${rowCount} rows, ${columnCount} columns, ${matrix.featureNames.length} names`,
    allowed:
      'at least one row and one column; rows x columns values; one name and type per column; one label and weight per row',
  });
}

type Child = {
  readonly version: string;
  isAlive(): boolean;
  run(job: Job, options: JobOptions): Promise<JobResult>;
  stop(): Promise<void>;
};

async function startChild(options: XgboostEngineOptions): Promise<Child> {
  const process_ = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [options.libraryPath], {
    execArgv: [],
    // waiting threads sleep: spinning ones on busy cores made training twenty times slower
    env: { OMP_WAIT_POLICY: 'passive', ...process.env, OMP_NUM_THREADS: String(options.nthread) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  process_.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL_CHARS);
  });
  const first = await nextMessage(process_, {}, () => stderr);
  if (first.kind !== 'ready') {
    process_.kill('SIGKILL');
    throw new AssayError(
      'unavailable',
      first.kind === 'unusable' ? first.parts : { what: 'the XGBoost process did not start' },
    );
  }
  // An idle child must not keep the parent alive; a running job holds the references again.
  hold(process_, false);
  return {
    version: first.version,
    isAlive: () => !process_.killed && process_.exitCode === null && process_.signalCode === null && process_.connected,
    run: (job, jobOptions) => runIn(process_, job, jobOptions, () => stderr),
    stop: () => stop(process_),
  };
}

function hold(child: ChildProcess, isHeld: boolean): void {
  const pipe = child.stderr;
  if (isHeld) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
    if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  }
}

async function runIn(child: ChildProcess, job: Job, options: JobOptions, stderr: () => string): Promise<JobResult> {
  hold(child, true);
  try {
    const answer = nextMessage(child, options, stderr);
    child.send(job);
    const message = await answer;
    if (message.kind === 'done') return message;
    throw new AssayError('bad_input', {
      what: job.kind === 'train' ? 'XGBoost could not train' : 'XGBoost could not predict',
      given: message.kind === 'failed' ? message.message : `unexpected answer ${message.kind}`,
    });
  } finally {
    hold(child, false);
  }
}

/** The next message that is not progress. Aborting kills the child: a round in native code cannot be interrupted otherwise. */
function nextMessage(child: ChildProcess, options: JobOptions, stderr: () => string): Promise<ChildMessage> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      child.off('message', onMessage).off('exit', onExit).off('error', onError);
      options.signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const onMessage = (message: ChildMessage): void => {
      if (message.kind === 'progress') options.onProgress?.(message.round, message.rounds);
      else finish(() => resolve(message));
    };
    const onExit = (code: number | null, signal: string | null): void =>
      finish(() => reject(crashed(code, signal, stderr())));
    const onError = (error: Error): void => finish(() => reject(error));
    const onAbort = (): void => {
      child.kill('SIGKILL');
      finish(() => reject(cancelled()));
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onError);
    options.signal?.addEventListener('abort', onAbort);
  });
}

function cancelled(): AssayError {
  return new AssayError('cancelled', { what: 'training was cancelled' });
}

function crashed(code: number | null, signal: string | null, stderr: string): AssayError {
  return new AssayError('unavailable', {
    what: 'the XGBoost process ended in the middle of its work',
    given: `${signal ?? `exit code ${code}`}${stderr ? `: ${stderr.trim()}` : ''}`,
    fix: 'likely too little memory (train on fewer rows or a lower max_depth), or a library built for another processor; run "assay doctor"',
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.ref();
    child.kill('SIGKILL');
  });
}
