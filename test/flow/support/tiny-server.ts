import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PipelinePort, seedUsers } from '../../../src/api/index.ts';
import { AssayError, type Portfolio } from '../../../src/domain/index.ts';
import { type RunningServer, startServer } from '../../../src/entrypoints/server/index.ts';
import {
  type Clock,
  createLog,
  type Database,
  type Lake,
  type Listen,
  loadConfig,
  migrate,
  openDatabase,
  openLocalLake,
  REPOSITORY_ROOT,
} from '../../../src/platform/index.ts';
import { tinyPortfolio } from './tiny-book.ts';
import { type TinyModels, tinyModels } from './tiny-models.ts';

export const PASSWORD = 'correct horse battery staple';

export type TinyServer = RunningServer & {
  readonly database: Database;
  readonly listen: Listen;
  readonly lake: Lake;
  readonly models: TinyModels;
  readonly home: string;
  readonly setClock: (to: Date | null) => void;
  readonly stop: () => Promise<void>;
};

/** A pipeline with no runs: these tests are not about it. */
const idlePipeline: PipelinePort = {
  definition: async () => ({ startAt: 'Start', comment: '', states: [] }),
  runs: async () => [],
  run: async () => undefined,
  start: async () => ({ runId: 'none' }),
  cancel: async (runId) => {
    throw new AssayError('not_found', { what: 'no such run', given: runId });
  },
};

/** The real server on the real embedded database, with a model trained just now. */
export async function startTinyServer(options: {
  databasePort: number;
  /** A built web app to serve beside the API. */
  webDirectory?: string;
  pipeline?: PipelinePort;
  /** The tiny book with more to it. */
  portfolio?: Portfolio;
  environment?: Record<string, string>;
}): Promise<TinyServer> {
  const home = await mkdtemp(join(tmpdir(), 'assay-api-'));
  const config = loadConfig(
    {
      ...process.env,
      ASSAY_HOME: home,
      PORT: '0',
      ASSAY_DATABASE_PORT: String(options.databasePort),
      ASSAY_NTHREAD: '1',
      ASSAY_LOG_LEVEL: 'silent',
    },
    process.cwd(),
  );
  const log = createLog(config);
  const opened = await openDatabase(config, { log });
  await migrate(opened.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  let frozen: Date | null = null;
  const clock: Clock = { now: () => frozen ?? new Date() };
  await seedUsers({ database: opened.database, clock, password: PASSWORD });
  const models = await tinyModels({
    ...{ home, database: opened.database, directory: join(home, 'models'), clock },
    catalog: options.portfolio?.features,
  });
  const lake = openLocalLake(join(home, 'lake', tinyPortfolio.name));
  const server = await startServer({
    config,
    portfolio: options.portfolio ?? tinyPortfolio,
    database: opened.database,
    lake,
    models,
    pipeline: options.pipeline ?? idlePipeline,
    webDirectory: options.webDirectory,
    environment: options.environment,
    clock,
    log,
  });
  const stop = async (): Promise<void> => {
    await server.close();
    await opened.close();
    await rm(home, { recursive: true, force: true });
  };
  return {
    ...server,
    home,
    lake,
    models,
    database: opened.database,
    listen: opened.listen,
    stop,
    setClock: (to) => (frozen = to),
  };
}
