/** Started by the worker pool of `assay up`: serves one book. Arguments: the portfolio, the directory of the web app. */
import { readPolicyCases } from '../../portfolios/index.ts';
import type { MetricsJson } from '../api/index.ts';
import { parsePolicyCases } from '../decisions/index.ts';
import { catalogHash } from '../features/index.ts';
import { PipelineStore } from '../pipeline/index.ts';
import { loadConfig, openSealedZone } from '../platform/index.ts';
import { clockOf } from './clock.ts';
import { pipelineHistory } from './pipeline-port.ts';
import { primaryPipeline, proofFor, registryModels, serveAsWorker, startServer } from './server/index.ts';
import { openSystem } from './system.ts';

/** What every worker sent of its own; it came over a channel of this program. */
const metricsOfAll = (answer: unknown): MetricsJson[] => (Array.isArray(answer) ? answer : []);

const [portfolioName = '', webDirectory = ''] = process.argv.slice(2);

serveAsWorker(async (ask, name) => {
  const clock = clockOf(process.env);
  const config = loadConfig(process.env, process.cwd());
  const system = await openSystem({ config, portfolio: portfolioName, clock });
  const { portfolio, database, lake, log, registry, evidence, signer, listen } = system;
  const models = registryModels({
    registry,
    signer,
    clock,
    portfolio: portfolio.name,
    catalogHash: catalogHash(portfolio.features),
    proof: proofFor(portfolio, evidence),
  });
  const watch = await models.watch(listen);
  const store = new PipelineStore(database, clock);
  const server = await startServer({
    config,
    portfolio,
    database,
    lake,
    sealed: openSealedZone({ lake, home: config.home }),
    models,
    pipeline: primaryPipeline(pipelineHistory(portfolio.name, store), ask),
    policyCases: parsePolicyCases(readPolicyCases(portfolio.name)),
    clock,
    environment: process.env,
    log,
    holder: name,
    webDirectory: webDirectory === '' ? undefined : webDirectory,
    allMetrics: () => ask('metrics').then(metricsOfAll),
  });
  const close = async (): Promise<void> => {
    await server.close();
    await watch.stop();
    await system.close();
  };
  return { url: server.url, metrics: server.metrics, close };
});
