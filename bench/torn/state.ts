import { createHash } from 'node:crypto';
import { REGISTERS } from '../../src/entrypoints/audit.ts';
import { replayAll } from '../../src/entrypoints/replay-decisions.ts';
import { openDecisions, registryModels } from '../../src/entrypoints/server/index.ts';
import { stateHash } from '../../src/entrypoints/state-hash.ts';
import { openSystem, type System } from '../../src/entrypoints/system.ts';
import { catalogHash, featureParity, readSnapshot, tablesOf } from '../../src/features/index.ts';
import { processRaw } from '../../src/ingestion/index.ts';
import {
  type Lake,
  loadConfig,
  openDatabase,
  openSealedZone,
  systemClock,
  verifyAudit,
} from '../../src/platform/index.ts';
import { openPortfolioViews } from '../../src/portfolio/index.ts';

export const PORTFOLIO = 'simulated-bank';
const PARITY_SAMPLE = 20;

/** Opens the book of a data directory as a command does, and closes it whatever comes. */
export async function withSystem<T>(home: string, work: (system: System) => Promise<T>): Promise<T> {
  const environment = { ...process.env, ASSAY_HOME: home, ASSAY_NTHREAD: '1', ASSAY_LOG_LEVEL: 'silent' };
  const config = loadConfig(environment, process.cwd());
  const system = await openSystem({ config, portfolio: PORTFOLIO, clock: systemClock });
  try {
    return await work(system);
  } finally {
    await system.close();
  }
}

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

function modelsOf({ registry, signer, portfolio }: System) {
  return registryModels({
    ...{ registry, signer, clock: systemClock, portfolio: portfolio.name },
    catalogHash: catalogHash(portfolio.features),
  });
}

/** Keys, model versions, decisions replayed, and the audit of all of it. */
export function recordState(home: string): Promise<unknown> {
  return withSystem(home, async (system) => {
    const { database, portfolio, signer, registry, config } = system;
    const models = modelsOf(system);
    const versions = await registry.list(portfolio.name);
    const opened = await Promise.all(versions.map(({ modelVersion }) => models.version(modelVersion)));
    const documents = await Promise.all(versions.map(({ modelVersion }) => models.document(modelVersion)));
    const decisions = await openDecisions({ home, portfolio, database, models, clock: systemClock });
    const replayed = await replayAll(decisions, new AbortController().signal);
    if (replayed.identical < replayed.replayed) throw new Error(JSON.stringify(replayed.different).slice(0, 2_000));
    const { connection, close } = await openDatabase(config, { log: system.log });
    const report = await verifyAudit({
      ...{ database, connection, home, portfolio: portfolio.name, registers: REGISTERS, threads: 1 },
      verify: (bytes, signed) => signer.verify(bytes, signed),
    }).finally(close);
    if (!report.ok) throw new Error(report.findings.map(({ where, what }) => `${where}: ${what}`).join('\n'));
    return [sha256(opened.map(({ manifest }) => manifest)), sha256(documents), replayed.replayed, report.registers];
  });
}

/** Every table of the lake, the pages' figures, the sealed traits, and features computed again. */
export function lakeState(home: string): Promise<unknown> {
  return withSystem(home, async (system) => {
    const { portfolio, lake, warehouse, online } = system;
    const { hash } = await stateHash({ ...system, portfolio: portfolio.name });
    const models = modelsOf(system);
    const views = openPortfolioViews({ warehouse, lake, portfolio, models, catalog: models });
    const pages = [
      await views.overview(),
      await views.applicants({ page: 1, pageSize: 50, sort: 'pd', direction: 'desc' }),
      await views.strategyBook(),
      await views.vintages({}),
      await views.dataQuality(),
      await views.models(),
    ];
    const sealed = openSealedZone({ lake, home });
    const traits = [];
    for (const key of await sealed.list()) traits.push(sha256([...(await sealed.get(key.replace('sealed/', '')))]));
    const tables = tablesOf(portfolio);
    const book = { warehouse, lake, catalog: portfolio.features, tables };
    const parity = await featureParity({ ...book, facts: online, limit: PARITY_SAMPLE });
    const snapshot = await readSnapshot({ warehouse, lake });
    return [hash, sha256(pages), traits, parity.mismatchCount, snapshot.manifest];
  });
}

/** The processed zone as it comes out of the raw zone; written elsewhere. */
export function rawState(home: string, scratch: Lake): Promise<unknown> {
  return withSystem(home, async ({ portfolio, lake, warehouse }) => {
    const isRaw = (key: string): boolean => key.startsWith('raw');
    const both: Lake = {
      ...scratch,
      path: (key) => (isRaw(key) ? lake : scratch).path(key),
      get: (key) => (isRaw(key) ? lake : scratch).get(key),
      exists: (key) => (isRaw(key) ? lake : scratch).exists(key),
      list: (prefix) => (isRaw(prefix) ? lake : scratch).list(prefix),
    };
    const { tables } = await processRaw({ portfolio, lake: both, warehouse, clock: systemClock });
    return tables;
  });
}
