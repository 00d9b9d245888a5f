import { execFile } from 'node:child_process';
import { access, constants, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AssayError } from '../../domain/index.ts';
import {
  type Config,
  createLog,
  embeddedDatabaseState,
  findXgboost,
  loadConfig,
  openDatabase,
  openWarehouse,
  openXgboostEngine,
  REPOSITORY_ROOT,
} from '../../platform/index.ts';
import type { CommandContext } from '../context.ts';
import { findWebApp } from '../setup/index.ts';
import { findChromium } from './chromium.ts';

/** `missing` is needed to run; `optional` only by some tests or made when needed. */
export type Finding = {
  readonly name: string;
  readonly status: 'ok' | 'missing' | 'optional';
  readonly detail: string;
  readonly fix?: string;
};

type Examination = Omit<Finding, 'name'>;

const FIX = 'run "npx assay doctor --fix" (npm start does the same)';
const RUNTIME_NODE = 24;
const MIN_FREE_BYTES = 2 * 1024 ** 3;
const PROBE_TIMEOUT_MS = 20_000;
const run = promisify(execFile);

/** Looks at every engine by using it: a version that is printed comes from the engine itself. Creates nothing. */
export async function examine(context: CommandContext): Promise<Finding[]> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const checks: readonly (readonly [string, () => Promise<Examination>])[] = [
    ['Node.js', async () => examineNode()],
    ['data directory', () => examineHome(config)],
    ['PostgreSQL', () => examineDatabase(config)],
    ['DuckDB', examineDuckDb],
    ['libxgboost', () => examineXgboost(config)],
    ['web app', examineWebApp],
    ['signing keys', () => examineKeys(config)],
    ['Chromium', async () => examineChromium(context)],
    ['Python', () => examineProgram('python3', ['--version'], 'reference figures and the Spark parity test')],
    ['Java', () => examineProgram('java', ['-version'], 'the Spark parity test')],
  ];
  const findings: Finding[] = [];
  for (const [name, check] of checks) findings.push({ name, ...(await check().catch(asMissing)) });
  return findings;
}

function asMissing(error: unknown): Examination {
  const fix = error instanceof AssayError ? error.parts.fix : undefined;
  const detail =
    error instanceof AssayError
      ? `${error.parts.what}${error.parts.given === undefined ? '' : `: ${error.parts.given}`}`
      : String(error);
  return { status: 'missing', detail, ...(fix !== undefined && { fix }) };
}

function examineNode(): Examination {
  const detail = `${process.versions.node} (${process.platform}-${process.arch}, ${process.execPath})`;
  if (Number(process.versions.node.split('.')[0]) >= RUNTIME_NODE) return { status: 'ok', detail };
  return { status: 'missing', detail, fix: `start Assay by bin/assay.js, or with Node.js ${RUNTIME_NODE}` };
}

async function examineHome(config: Config): Promise<Examination> {
  const existing = await nearestExisting(config.home);
  await access(existing, constants.W_OK).catch((cause: unknown) => {
    const fix = 'set ASSAY_HOME to a directory that can be written';
    throw new AssayError('forbidden', { what: 'cannot be written', given: existing, fix }, { cause });
  });
  const { bavail, bsize } = await statfs(existing);
  const detail = `${config.home}, ${((Number(bavail) * Number(bsize)) / 1024 ** 3).toFixed(1)} GB free`;
  if (bavail * bsize >= MIN_FREE_BYTES) return { status: 'ok', detail };
  return { status: 'missing', detail, fix: 'free at least 2 GB, or set ASSAY_HOME to another disk' };
}

async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const isThere = await access(at).then(
      () => true,
      () => false,
    );
    if (isThere || at === dirname(at)) return at;
  }
}

async function examineDatabase(config: Config): Promise<Examination> {
  if (config.databaseUrl === undefined && (await embeddedDatabaseState(config.home)) === undefined) {
    return { status: 'optional', detail: 'embedded, not created yet', fix: FIX };
  }
  const opened = await openDatabase(config, { log: createLog(config) });
  try {
    const state = opened.kind === 'embedded' ? await embeddedDatabaseState(config.home) : undefined;
    const place = state ? `embedded, 127.0.0.1:${state.port}, ${state.dataDirectory}` : 'external (DATABASE_URL)';
    return { status: 'ok', detail: `${opened.version}, ${place}` };
  } finally {
    await opened.close();
  }
}

async function examineDuckDb(): Promise<Examination> {
  const warehouse = await openWarehouse({ threads: 1 });
  try {
    const [row] = await warehouse.rows<{ version: string }>('SELECT version() AS version');
    return { status: 'ok', detail: row?.version ?? 'unknown version' };
  } finally {
    await warehouse.close();
  }
}

async function examineXgboost(config: Config): Promise<Examination> {
  const libraryPath = await findXgboost(config);
  if (libraryPath === undefined) return { status: 'missing', detail: 'not fetched yet', fix: FIX };
  const scratchDirectory = await mkdtemp(join(tmpdir(), 'assay-doctor-'));
  try {
    const engine = await openXgboostEngine({ libraryPath, nthread: 1, scratchDirectory });
    await engine.close();
    return { status: 'ok', detail: `${engine.version}, ${libraryPath}` };
  } finally {
    await rm(scratchDirectory, { recursive: true, force: true });
  }
}

async function examineWebApp(): Promise<Examination> {
  const state = await findWebApp();
  const detail = `${state}, ${join(REPOSITORY_ROOT, 'web', 'dist')}`;
  return state === 'current' ? { status: 'ok', detail } : { status: 'optional', detail, fix: FIX };
}

async function examineKeys(config: Config): Promise<Examination> {
  const names = await readdir(join(config.home, 'keys')).catch((): string[] => []);
  const ids = names.map((name) => /^signing-(\w+)\.pem$/.exec(name)?.[1]).filter((id) => id !== undefined);
  if (ids.length === 0) return { status: 'optional', detail: 'not created yet', fix: FIX };
  return { status: 'ok', detail: ids.join(', ') };
}

function examineChromium(context: CommandContext): Examination {
  const path = findChromium(context.environment);
  if (path !== undefined) return { status: 'ok', detail: path };
  return {
    status: 'optional',
    detail: 'the tests of pages are skipped without it',
    fix: 'install your system\'s "chromium" package, or set CHROMIUM_PATH',
  };
}

async function examineProgram(command: string, argument: readonly string[], use: string): Promise<Examination> {
  try {
    const { stdout, stderr } = await run(command, argument, { timeout: PROBE_TIMEOUT_MS });
    return { status: 'ok', detail: `${(stdout || stderr).split('\n')[0]?.trim()}` };
  } catch {
    return { status: 'optional', detail: `not found; only ${use} needs it` };
  }
}
