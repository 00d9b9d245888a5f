import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError, sha256Hex } from '../../domain/index.ts';
import {
  type Config,
  type CopiedTable,
  configFromSecrets,
  copyRows,
  createLog,
  type Lake,
  localModelFiles,
  openLocalLake,
  openSharedLake,
} from '../../platform/index.ts';
import { countLocked, signCheckpoints } from '../audit.ts';
import type { CommandContext } from '../context.ts';
import { openMigrated } from '../open-migrated.ts';

export type MigrateOptions = { readonly json?: boolean };

type CopiedObjects = { readonly objects: number; readonly bytes: number; readonly wereThere: number };
export type Migrated = {
  readonly tables: readonly CopiedTable[];
  /** Of each book, its models among them. */
  readonly lakes: Readonly<Record<string, CopiedObjects>>;
  /** Checkpoints now in the locked bucket; null where ASSAY_AUDIT_URL names none. */
  readonly checkpoints: number | null;
};

/** Half-made things, which nobody refers to. */
const SCRATCH = /^staging\//;

/**
 * Brings an installation on one machine to where the environment says it lives from now on: lake and models to ASSAY_LAKE_URL, rows to
 * DATABASE_URL (or ASSAY_DATABASE_SECRET), checkpoints to ASSAY_AUDIT_URL. Everything is read back and held against what it was made
 * from. Run again after a kill it goes on; nothing at the source changes. Keys go into their secrets by hand (docs/deploy-to-aws.md).
 * @throws AssayError bad_input when the environment does not say where to, conflict when the target holds something else
 */
export async function migrateToCloud(context: CommandContext, config: Config, options: MigrateOptions): Promise<void> {
  const migrated = await migrateHome(context, config);
  if (options.json) context.print(JSON.stringify(migrated, null, 2));
  else for (const line of textOf(migrated)) context.print(line);
}

async function migrateHome(context: CommandContext, config: Config): Promise<Migrated> {
  const target = await configFromSecrets(config);
  const { lakeUrl, databaseUrl } = target;
  if (lakeUrl === undefined || databaseUrl === undefined) throw nowhere();
  const { databaseUrl: _, databaseSecret: __, lakeUrl: ___, ...here } = config;
  const log = createLog(config);
  // objects and checkpoints first: what a row refers to is there when the row is
  const lakes: Record<string, CopiedObjects> = {};
  for (const name of await readdir(join(config.home, 'lake')))
    lakes[name] = await copyBook(context, { config: target, lakeUrl, name });
  await signCheckpoints(context, here);
  const checkpoints = await countLocked(here);
  const source = await openMigrated(here, { log });
  try {
    const opened = await openMigrated(target, { log });
    try {
      const onTable = ({ table, rows }: CopiedTable): void => context.printError(`assay: ${table}: ${rows} rows`);
      const { signal } = context;
      const tables = await copyRows({ source: source.database, target: opened.database, onTable, signal });
      return { tables, lakes, checkpoints };
    } finally {
      await opened.close();
    }
  } finally {
    await source.close();
  }
}

async function copyBook(
  context: CommandContext,
  { config, lakeUrl, name }: { readonly config: Config; readonly lakeUrl: string; readonly name: string },
): Promise<CopiedObjects> {
  const from = openLocalLake(join(config.home, 'lake', name));
  // copies of objects for engines are of no use here
  const cache = await mkdtemp(join(tmpdir(), 'assay-migrate-'));
  try {
    const to = await openSharedLake({ ...config, home: cache }, lakeUrl, name);
    const copied = { objects: 0, bytes: 0, wereThere: 0 };
    const take = async (key: string, content: Uint8Array): Promise<void> => {
      if (context.signal.aborted) throw new AssayError('cancelled', { what: 'copying the lake was cancelled' });
      if (await copyObject(to, key, content)) copied.wereThere++;
      copied.objects++;
      copied.bytes += content.length;
    };
    for (const key of await from.list('')) if (!SCRATCH.test(key)) await take(key, await from.get(key));
    for (const [key, content] of await modelsOf(config.home, name)) await take(key, content);
    context.printError(`assay: ${name}: ${copied.objects} objects, ${copied.bytes} bytes`);
    return copied;
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

/** True when it was there. What was put is read back. */
async function copyObject(to: Lake, key: string, content: Uint8Array): Promise<boolean> {
  const wanted = sha256Hex(content);
  const hashThere = async (): Promise<string | undefined> =>
    (await to.exists(key)) ? sha256Hex(await to.get(key)) : undefined;
  if ((await hashThere()) === wanted) return true;
  await to.put(key, content);
  const found = await hashThere();
  if (found === wanted) return false;
  throw new AssayError('tampered', {
    what: 'an object did not arrive as it was sent',
    given: `${key}, SHA-256 ${found}`,
    allowed: `SHA-256 ${wanted}`,
    fix: 'run the command again',
  });
}

/** Model files of a book, under the keys they have in a shared lake. A version is named after its book. */
async function modelsOf(home: string, portfolio: string): Promise<[key: string, content: Uint8Array][]> {
  const directory = join(home, 'models');
  const versions = await readdir(directory).catch(() => []);
  const files: [string, Uint8Array][] = [];
  for (const version of versions.filter((name) => name.startsWith(`${portfolio}-`))) {
    const read = await localModelFiles(directory).read(version, {});
    for (const [file, content] of Object.entries(read)) files.push([`models/${version}/${file}`, content]);
  }
  return files;
}

function* textOf({ tables, lakes, checkpoints }: Migrated): Generator<string> {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  yield `database: ${tables.length} tables, ${rows} rows, each table's hash equal on both sides`;
  for (const [name, { objects, bytes, wereThere }] of Object.entries(lakes))
    yield `${name}: ${objects} objects, ${bytes} bytes, read back with the same SHA-256 (${wereThere} were there)`;
  yield checkpoints === null
    ? 'checkpoints: ASSAY_AUDIT_URL names no bucket'
    : `checkpoints: ${checkpoints} in the locked bucket`;
  yield 'next: the keys into their secrets, then assay audit verify and assay replay --all against the new place';
}

const nowhere = (): AssayError =>
  new AssayError('bad_input', {
    what: 'the environment does not say where to',
    given: 'no ASSAY_LAKE_URL, or neither DATABASE_URL nor ASSAY_DATABASE_SECRET',
    fix: 'set them as the server in the cloud has them; ASSAY_HOME is the data directory to bring there',
  });
