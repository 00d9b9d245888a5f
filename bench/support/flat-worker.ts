// A worker of the pool in flat-pool.ts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../../src/domain/index.ts';
import { clockOf } from '../../src/entrypoints/clock.ts';
import { registryModels, serveAsWorker, startServer } from '../../src/entrypoints/server/index.ts';
import type { FittedTrees } from '../../src/estimators/index.ts';
import { catalogHash } from '../../src/features/index.ts';
import {
  createLog,
  loadConfig,
  ModelRegistry,
  openDatabase,
  openLocalLake,
  openSigner,
} from '../../src/platform/index.ts';
import { flatBook } from './flat-book.ts';

const unused = (): never => {
  throw new AssayError('not_found', { what: 'the bench has no pipeline' });
};

serveAsWorker(async (_ask, name) => {
  const fitted: FittedTrees = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
  const portfolio = flatBook(fitted.inputs);
  const clock = clockOf(process.env);
  const config = loadConfig(process.env, process.cwd());
  const log = createLog(config);
  const { database, listen, close } = await openDatabase(config, { log });
  const models = registryModels({
    registry: new ModelRegistry({ database, directory: join(config.home, 'models'), clock }),
    signer: openSigner(config.home),
    clock,
    portfolio: portfolio.name,
    catalogHash: catalogHash(portfolio.features),
  });
  const watch = await models.watch(listen);
  const server = await startServer({
    ...{ config, portfolio, database, models, clock, log, rateLimitPerMinute: 1e9, holder: name },
    environment: process.env,
    lake: openLocalLake(join(config.home, 'lake', portfolio.name)),
    pipeline: {
      definition: async () => ({ startAt: '', comment: '', states: [] }),
      runs: async () => [],
      run: async () => undefined,
      start: unused,
      cancel: unused,
    },
  });
  return {
    ...server,
    close: async () => {
      await server.close();
      await watch.stop();
      await close();
    },
  };
});
