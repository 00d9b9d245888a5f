// Started by bench/serving.ts as a fresh process: computes every decision of the flat book again and prints what came out.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replayAll } from '../../src/entrypoints/replay-decisions.ts';
import { openDecisions, registryModels } from '../../src/entrypoints/server/index.ts';
import type { FittedTrees } from '../../src/estimators/index.ts';
import { catalogHash } from '../../src/features/index.ts';
import {
  systemClock as clock,
  createLog,
  loadConfig,
  ModelRegistry,
  openDatabase,
  openSigner,
} from '../../src/platform/index.ts';
import { flatBook } from './flat-book.ts';

const fitted: FittedTrees = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'));
const portfolio = flatBook(fitted.inputs);
const config = loadConfig(process.env, process.cwd());
const { database, close } = await openDatabase(config, { log: createLog(config) });
const models = registryModels({
  registry: new ModelRegistry({ database, directory: join(config.home, 'models'), clock }),
  signer: openSigner(config.home),
  clock,
  portfolio: portfolio.name,
  catalogHash: catalogHash(portfolio.features),
});
const began = performance.now();
const { replayed, identical, causes } = await replayAll(
  await openDecisions({ portfolio, database, models, clock, home: config.home }),
  new AbortController().signal,
);
const seconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ replayed, identical, ...causes, seconds }));
await close();
