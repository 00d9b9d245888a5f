import { join } from 'node:path';
import { loadPortfolio } from '../../portfolios/index.ts';
import { livePolicy } from '../decisions/index.ts';
import type { CreditPolicy, Portfolio } from '../domain/index.ts';
import { tablesOf } from '../features/index.ts';
import {
  type Clock,
  type Config,
  configFromSecrets,
  createLog,
  type Database,
  ensureXgboost,
  type Lake,
  type Listen,
  type Log,
  lakeModelFiles,
  ModelEvidence,
  ModelRegistry,
  OnlineStore,
  openLake,
  openWarehouse,
  openXgboostEngine,
  type Signer,
  signerOf,
  type Warehouse,
  type XgboostEngine,
} from '../platform/index.ts';
import { openMigrated } from './open-migrated.ts';
import { type KeyName, requireKeys } from './require-keys.ts';

/** The outside of one portfolio, opened: what the server, the pipeline and the commands are wired from. */
export type System = {
  readonly config: Config;
  readonly log: Log;
  readonly portfolio: Portfolio;
  /** The live credit policy, or the portfolio's own while none is. */
  readonly policyInForce: CreditPolicy;
  readonly database: Database;
  readonly databaseVersion: string;
  readonly listen: Listen;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly signer: Signer;
  readonly registry: ModelRegistry;
  readonly evidence: ModelEvidence;
  readonly online: OnlineStore;
  /** libxgboost in its child process; started on first use. */
  readonly engine: () => Promise<XgboostEngine>;
  readonly close: () => Promise<void>;
};

export type SystemOptions = {
  readonly config: Config;
  readonly portfolio: string;
  readonly clock: Clock;
  /** Keys that must be there already, from a secret: the data directory does not outlive the process. */
  readonly requiredKeys?: readonly KeyName[];
  /** What is being waited for, in words. */
  readonly onProgress?: (text: string) => void;
};

/** Share of the machine's memory DuckDB may take before it spills to disk. */
const WAREHOUSE_MEMORY = '4GB';

/**
 * Opens database (migrated), lake, warehouse and keys of a portfolio. Close it when done; closing twice does nothing.
 * @throws AssayError naming what could not be opened and how to mend it
 */
export async function openSystem(options: SystemOptions): Promise<System> {
  const config = await configFromSecrets(options.config);
  await requireKeys(config, options.requiredKeys ?? []);
  const portfolio = await loadPortfolio(options.portfolio);
  const log = createLog(config);
  const opened = await openMigrated(config, { log, onProgress: options.onProgress });
  try {
    const policyInForce = (await livePolicy(opened.database, portfolio.name)) ?? portfolio.policy;
    const lake = await openLake(config, portfolio.name);
    const warehouse = await openWarehouse({
      threads: config.nthread,
      memoryLimit: WAREHOUSE_MEMORY,
      tempDirectory: join(config.home, 'tmp', `duckdb-${process.pid}`),
    });
    const engine = lazyEngine(config);
    const close = once(async () => {
      await engine.close();
      await warehouse.close();
      await opened.close();
    });
    const signer = await signerOf(config);
    const { database, version: databaseVersion, listen } = opened;
    const files = config.lakeUrl === undefined ? undefined : lakeModelFiles(lake);
    const registry = new ModelRegistry({
      database,
      directory: join(config.home, 'models'),
      clock: options.clock,
      files,
    });
    const evidence = new ModelEvidence({ database, signer, clock: options.clock });
    const online = new OnlineStore({
      database,
      portfolio: portfolio.name,
      tables: tablesOf(portfolio),
      clock: options.clock,
    });
    return {
      config,
      log,
      portfolio,
      policyInForce,
      database,
      databaseVersion,
      listen,
      lake,
      warehouse,
      signer,
      registry,
      evidence,
      online,
      engine: engine.open,
      close,
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function lazyEngine(config: Config): { open: () => Promise<XgboostEngine>; close: () => Promise<void> } {
  let engine: Promise<XgboostEngine> | undefined;
  const start = async (): Promise<XgboostEngine> =>
    openXgboostEngine({
      libraryPath: await ensureXgboost(config),
      nthread: config.nthread,
      scratchDirectory: join(config.home, 'tmp'),
    });
  return {
    open: () => {
      engine ??= start();
      return engine;
    },
    close: async () => (await engine?.catch(() => undefined))?.close(),
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
