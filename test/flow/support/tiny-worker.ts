// A worker of the pool in workers.test.ts: serves the tiny book from the home of the test.
import { clockOf } from '../../../src/entrypoints/clock.ts';
import { primaryPipeline, registryModels, serveAsWorker, startServer } from '../../../src/entrypoints/server/index.ts';
import { catalogHash } from '../../../src/features/index.ts';
import {
  createLog,
  loadConfig,
  ModelRegistry,
  openDatabase,
  openLocalLake,
  openSigner,
} from '../../../src/platform/index.ts';
import { tinyPortfolio } from './tiny-book.ts';

serveAsWorker(async (ask, name) => {
  const clock = clockOf(process.env);
  const config = loadConfig(process.env, process.cwd());
  const log = createLog(config);
  const { database, listen, close } = await openDatabase(config, { log });
  const models = registryModels({
    registry: new ModelRegistry({ database, directory: `${config.home}/models`, clock }),
    signer: openSigner(config.home),
    clock,
    portfolio: tinyPortfolio.name,
    catalogHash: catalogHash(tinyPortfolio.features),
  });
  const watch = await models.watch(listen);
  const server = await startServer({
    config,
    portfolio: tinyPortfolio,
    database,
    lake: openLocalLake(`${config.home}/lake/${tinyPortfolio.name}`),
    models,
    pipeline: primaryPipeline(
      {
        definition: async () => ({ startAt: 'Start', comment: '', states: [] }),
        runs: async () => [],
        run: async () => undefined,
      },
      ask,
    ),
    clock,
    log,
    holder: name,
    allMetrics: async () => (await ask('metrics')) as object[][],
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
