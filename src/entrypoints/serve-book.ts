import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Credential, seedUsers } from '../api/index.ts';
import { DecisionStore } from '../decisions/index.ts';
import { AssayError } from '../domain/index.ts';
import { PipelineStore } from '../pipeline/index.ts';
import {
  type Clock,
  type Config,
  type Database,
  ensureXgboost,
  type Lake,
  lakeJson,
  openCheckpointStore,
  openFigureSink,
  openPersonVault,
  REPOSITORY_ROOT,
  replaceFile,
} from '../platform/index.ts';
import { REGISTERS } from './audit.ts';
import type { CommandContext } from './context.ts';
import { runInChild } from './pipeline-child/index.ts';
import { type BookRuns, pipelinePort } from './pipeline-port.ts';
import type { PortfolioOptions } from './portfolio-options.ts';
import { bookPipeline } from './run-book.ts';
import {
  bookFigures,
  openBookDrift,
  pipelineCalls,
  type RunningFigures,
  startCheckpoints,
  startFigures,
  startWorkerPool,
  uuidV7,
  type WorkerPool,
} from './server/index.ts';
import { ensureWebApp } from './setup/index.ts';
import { startStreamWorker } from './stream-worker/index.ts';
import { openSystem, type System } from './system.ts';
import { pipelineProgress } from './terminal/pipeline-progress.ts';

type BookOptions = PortfolioOptions & { readonly from?: string; readonly json?: boolean };

/** The main job once: sources to a scored book. Prints what it did. */
export async function runBook(context: CommandContext, config: Config, options: BookOptions): Promise<void> {
  const system = await openBook(context, config, options);
  try {
    const { run } = bookPipeline(system, options, context.clock);
    const { runId } = await run({
      trigger: 'cli',
      signal: context.signal,
      ...(options.from === undefined ? {} : { from: options.from }),
      ...(options.json ? {} : { onEvent: progressOf(context) }),
    });
    const summary = await bookSummary(system);
    context.print(options.json ? JSON.stringify({ runId, ...summary }, null, 2) : summaryText(summary));
  } finally {
    await system.close();
  }
}

type ServeOptions = BookOptions & {
  readonly workers: number;
  /** False: only serve; the main job runs elsewhere. */
  readonly run: boolean;
};

/** Serves a book at once, runs the main job beside it, and says when it is ready. Returns when a signal stopped it. */
export async function serveBook(context: CommandContext, config: Config, options: ServeOptions): Promise<void> {
  const webDirectory = await ensureWebApp({
    onProgress: (text: string) => context.printError(`assay: ${text}`),
    signal: context.signal,
  });
  const system = await openBook(context, config, options);
  try {
    const { portfolio, database, log, signer } = system;
    const { environment, workingDirectory, clock } = context;
    const runs = pipelinePort(portfolio.name, new PipelineStore(database, clock), (request) =>
      runInChild({ options, environment, workingDirectory, ...request }),
    );
    await system.online.resume();
    const credentials = await seedCredentials(context, config, database);
    const vault = openPersonVault({ home: config.home, database, clock, portfolio: portfolio.name });
    const decisions = new DecisionStore({ database, clock, portfolio: portfolio.name, vault });
    const server = await startWorkerPool({
      script: join(REPOSITORY_ROOT, 'src/entrypoints/worker.ts'),
      args: [portfolio.name, webDirectory ?? ''],
      count: options.workers,
      handlers: pipelineCalls(runs),
      onLost: (name) => decisions.releaseAll(name),
      log,
    });
    const checkpoints = startCheckpoints({
      ...{ database, home: config.home, portfolio: portfolio.name, registers: REGISTERS, signer, log },
      store: await openCheckpointStore(config),
      ...{ clock: context.clock, newId: () => uuidV7(context.clock) },
    });
    const streamWorker = startStreamWorker({ portfolio: portfolio.name, environment, log });
    const figures = await cloudWatchFigures(system, server, clock);
    try {
      if (options.run) await runFirst(context, runs);
      context.print(`Assay is ready: ${server.url}`);
      // who only serves does so in a container, whose output is kept by others
      context.print(signInText(options.run ? credentials : [], join(config.home, CREDENTIALS_FILE)));
      await stopped(context.signal);
    } finally {
      await runs.close();
      await figures?.stop();
      await server.close();
      await streamWorker.stop();
      await checkpoints.stop();
    }
  } finally {
    await system.close();
  }
}

/** Figures of all processes for CloudWatch, where the configuration names a namespace. */
async function cloudWatchFigures(
  { config, portfolio, database, registry, lake, log }: System,
  server: WorkerPool,
  clock: Clock,
): Promise<RunningFigures | undefined> {
  if (config.metricsNamespace === undefined) return undefined;
  const drift = openBookDrift({ lake, portfolio, nthread: config.nthread });
  return startFigures({
    portfolio: portfolio.name,
    sink: await openFigureSink(config.metricsNamespace),
    metrics: server.metrics,
    book: () => bookFigures({ portfolio: portfolio.name, database, registry, drift, clock }),
    ...{ clock, log },
  });
}

async function openBook(context: CommandContext, config: Config, options: BookOptions): Promise<System> {
  const onProgress = (text: string): void => context.printError(`assay: ${text}`);
  await ensureXgboost(config, { onProgress, signal: context.signal });
  return openSystem({ config, portfolio: options.portfolio, clock: context.clock, onProgress });
}

/** The main job of a start. Cancelled from the page, it leaves the server as it is. */
async function runFirst(context: CommandContext, runs: BookRuns): Promise<void> {
  const { runId, done } = await runs.begin({ trigger: 'up', onEvent: progressOf(context) });
  const stop = (): void => void runs.cancel(runId, 'up').catch(() => {});
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  try {
    await done;
  } catch (error) {
    const isCancelled = error instanceof AssayError && error.code === 'cancelled';
    if (!isCancelled || context.signal.aborted) throw error;
    context.printError('assay: the run was cancelled; the pages show what was there before');
  } finally {
    context.signal.removeEventListener('abort', stop);
  }
}

function progressOf(context: CommandContext) {
  return pipelineProgress({
    isTerminal: context.isTerminal,
    write: (text) => void process.stderr.write(text),
    clock: context.clock,
  });
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

const CREDENTIALS_FILE = join('keys', 'credentials.json');

/** Users are added once; their first passwords are kept in the data directory, readable by its owner alone. */
async function seedCredentials(context: CommandContext, config: Config, database: Database): Promise<Credential[]> {
  const path = join(config.home, CREDENTIALS_FILE);
  const password = context.environment['ASSAY_SEED_PASSWORD'];
  const known = await knownCredentials(path);
  const added = await seedUsers({ database, clock: context.clock, password });
  if (added.length === 0) return known;
  const names = new Set(added.map(({ username }) => username));
  const all = [...known.filter(({ username }) => !names.has(username)), ...added];
  await replaceFile(path, `${JSON.stringify(all, null, 2)}\n`);
  return all;
}

/** @throws AssayError tampered when the file is not whole */
async function knownCredentials(path: string): Promise<Credential[]> {
  const text = await readFile(path, 'utf8').catch(() => '[]');
  try {
    const known: Credential[] = JSON.parse(text);
    return known;
  } catch (cause) {
    throw new AssayError(
      'tampered',
      {
        what: 'the file of the first passwords is damaged',
        given: path,
        fix: 'restore it, or remove it: the users keep their passwords, only this copy of them is lost',
      },
      { cause },
    );
  }
}

function signInText(credentials: readonly Credential[], path: string): string {
  const rows = credentials.map(
    ({ username, role, password }) => `  ${username.padEnd(12)} ${password.padEnd(18)} ${role}`,
  );
  return [
    'Sign in as (first passwords, also in keys/credentials.json of the data directory):',
    ...rows,
    credentials.length === 0 ? `  see ${path}` : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

type Summary = {
  readonly portfolio: string;
  readonly champion: string | null;
  readonly rows: {
    readonly read: number;
    readonly excluded: number;
    readonly rejected: number;
    readonly duplicates: number;
    readonly erased: number;
    readonly notMapped: number;
    readonly written: number;
  };
  readonly models: readonly {
    readonly modelVersion: string;
    readonly estimator: string;
    readonly auc: Readonly<Record<string, number>>;
  }[];
};

/** Rows in and out of ingestion, and the present models with their AUC by split. */
async function bookSummary({ portfolio, lake, registry }: System): Promise<Summary> {
  const champion = await registry.champion(portfolio.name);
  const all = await registry.list(portfolio.name);
  const snapshot = champion?.manifest.snapshotHash;
  const present = all.filter(({ manifest }) => manifest.snapshotHash === snapshot);
  return {
    portfolio: portfolio.name,
    champion: champion?.modelVersion ?? null,
    rows: await rowsOf(lake),
    models: present.map(({ modelVersion, manifest }) => ({
      modelVersion,
      estimator: manifest.estimator,
      auc: Object.fromEntries(Object.entries(manifest.metrics).map(([split, { auc }]) => [split, auc.value])),
    })),
  };
}

const ROW_COUNTS = ['notMapped', 'rejected', 'duplicates', 'erased', 'written'] as const;
type RowCount = (typeof ROW_COUNTS)[number];

type FunnelFile = {
  readonly sources: readonly {
    readonly rowsRead: number;
    readonly excluded: number;
    readonly tables: readonly Record<RowCount, number>[];
  }[];
};

/** Summed over every source and table: read = excluded + not mapped + rejected + duplicates + erased + written. */
async function rowsOf(lake: Lake): Promise<Summary['rows']> {
  const funnel = await lakeJson<FunnelFile>(lake, 'processed/_quality/funnel.json');
  const rows = { read: 0, excluded: 0, rejected: 0, duplicates: 0, erased: 0, notMapped: 0, written: 0 };
  for (const source of funnel.sources) {
    for (const table of source.tables) {
      rows.read += source.rowsRead;
      rows.excluded += source.excluded;
      // a zone written before erased rows were counted has none
      for (const name of ROW_COUNTS) rows[name] += table[name] ?? 0;
    }
  }
  return rows;
}

function summaryText({ portfolio, champion, rows, models }: Summary): string {
  const lines = models.map(({ modelVersion, auc }) => {
    const figures = Object.entries(auc).map(([split, value]) => `${split} ${value.toFixed(4)}`);
    return `  ${modelVersion === champion ? '*' : ' '} ${modelVersion.padEnd(44)} AUC ${figures.join(', ')}`;
  });
  const { read, excluded, rejected, duplicates, erased, notMapped, written } = rows;
  return [
    `${portfolio}: ${read} rows read = ${written} processed + ${rejected} rejected + ${duplicates} duplicates + ${erased} erased + ${excluded} excluded + ${notMapped} without a row for the table`,
    ...lines,
  ].join('\n');
}
