// Started by bench/http.ts as a process of its own: serves the flat book with the model of the scoring benches, and says where.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seedUsers } from '../../src/api/index.ts';
import { AssayError } from '../../src/domain/index.ts';
import { clockOf } from '../../src/entrypoints/clock.ts';
import { registryModels, startServer } from '../../src/entrypoints/server/index.ts';
import { type FittedTrees, packArtifact } from '../../src/estimators/index.ts';
import {
  createLog,
  loadConfig,
  ModelRegistry,
  migrate,
  openDatabase,
  openLocalLake,
  openSigner,
  REPOSITORY_ROOT,
} from '../../src/platform/index.ts';
import { flatBook, flatDraft } from './flat-book.ts';

const config = loadConfig(process.env, process.cwd());
const clock = clockOf(process.env);
const fitted: FittedTrees = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
const portfolio = flatBook(fitted.inputs);
const log = createLog(config);
const { database, listen, close } = await openDatabase(config, { log });
await migrate(database, join(REPOSITORY_ROOT, 'sql/migrations'));
await seedUsers({ database, clock, password: process.env['ASSAY_SEED_PASSWORD'] });
const signer = openSigner(config.home);
const draft = flatDraft(portfolio, fitted, '2026-01-01T00:00:00.000Z');
const { manifest, files } = await packArtifact(draft, fitted, (bytes) => signer.sign(bytes));
const registry = new ModelRegistry({ database, directory: join(config.home, 'models'), clock });
await registry.register(manifest, files, 'bench');
await registry.promoteByPipeline(manifest.modelVersion, 'the only version');
const models = registryModels({
  ...{ registry, signer, clock },
  portfolio: portfolio.name,
  catalogHash: manifest.catalogHash,
});
const watch = await models.watch(listen);
const unused = (): never => {
  throw new AssayError('not_found', { what: 'the bench has no pipeline' });
};
const server = await startServer({
  ...{ config, portfolio, database, models, clock, log, rateLimitPerMinute: 1e9 },
  lake: openLocalLake(join(config.home, 'lake', portfolio.name)),
  pipeline: {
    definition: async () => ({ startAt: '', comment: '', states: [] }),
    runs: async () => [],
    run: async () => undefined,
    start: unused,
    cancel: unused,
  },
});
process.send?.(server.url);
process.once('disconnect', async () => {
  await server.close();
  await watch.stop();
  await close();
});
