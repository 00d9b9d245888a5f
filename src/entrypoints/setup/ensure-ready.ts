import {
  type Config,
  createLog,
  ensureXgboost,
  type Log,
  loadConfig,
  type OpenDatabase,
  type Signer,
  signerOf,
} from '../../platform/index.ts';
import type { CommandContext } from '../context.ts';
import { openMigrated } from '../open-migrated.ts';
import { ensureWebApp } from './web-app.ts';

/** What a command may need beyond packages and runtime. */
export type Need = 'xgboost' | 'web' | 'database' | 'keys';

type Provided = {
  /** Absolute path of libxgboost. */
  readonly xgboost: string;
  /** Folder of the built web app. */
  readonly web: string;
  /** Connected, with every migration applied. */
  readonly database: OpenDatabase;
  readonly keys: Signer;
};

export type Ready<N extends Need> = {
  readonly config: Config;
  readonly log: Log;
  readonly provided: Pick<Provided, N>;
  /** Gives back what was opened; the embedded database stops when nobody else uses it. */
  close(): Promise<void>;
};

/**
 * Makes sure of what a command needs, each step idempotent and told on stderr when it takes time.
 * What was opened is closed again when a later step fails.
 * @throws AssayError with the way out, from the step that failed.
 */
export async function ensureReady<N extends Need>(
  context: CommandContext,
  options: { needs: readonly N[] },
): Promise<Ready<N>> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const log = createLog(config);
  const onProgress = (text: string): void => context.printError(`assay: ${text}`);
  const needs = new Set<Need>(options.needs);
  const step = { config, log, onProgress, signal: context.signal };
  const provided: { -readonly [K in Need]?: Provided[K] } = {};
  const close = async (): Promise<void> => provided.database?.close();
  try {
    if (needs.has('keys')) provided.keys = await signerOf(config);
    if (needs.has('xgboost')) provided.xgboost = await ensureXgboost(config, step);
    if (needs.has('web')) provided.web = await ensureWebApp(step);
    if (needs.has('database')) provided.database = await openMigrated(config, step);
  } catch (error) {
    await close();
    throw error;
  }
  // Every need asked for was provided above; the compiler cannot follow a set.
  return { config, log, provided: provided as Pick<Provided, N>, close };
}
