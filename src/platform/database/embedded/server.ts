import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError } from '../../../domain/index.ts';
import type { Config } from '../../config.ts';
import { isAlive, withFileLock } from '../../file-lock.ts';
import type { Log } from '../../log.ts';
import { type Binaries, ensureBinaries } from './binaries.ts';
import { DATABASE, ensureCluster, ensureDatabase, hasCluster, ROLE } from './cluster.ts';
import { type OsUser, serverUser } from './os-user.ts';
import { reachableFolder } from './places.ts';
import { adoptPostmaster, freePort, type Postmaster, startPostmaster, stopPostmaster } from './postmaster.ts';
import { embeddedDatabaseState, ensureCredentials, saveState } from './state.ts';
import { addUser, countUsers } from './users.ts';

export type EmbeddedServer = {
  readonly connection: { host: string; port: number; user: string; password: string; database: string };
  readonly dataDirectory: string;
  /** This process needs the server no more; the last one out stops it. */
  release(): Promise<void>;
};

const START_ATTEMPTS = 5;
const RETRY_MS = 300;
/** How often a process looks whether the server still runs. */
const WATCH_MS = 2_000;

type Options = { log: Log; onProgress?: (text: string) => void };

/**
 * The PostgreSQL server of a data directory: adopted when it runs (whoever started it), started when not, initialised when new.
 * Everything that starts or stops it happens under one lock file; who uses it is kept in files named by process.
 */
export async function useEmbeddedServer(
  config: Pick<Config, 'home' | 'databasePort'>,
  options: Options,
): Promise<EmbeddedServer> {
  const { home } = config;
  const user = serverUser();
  if (!user) throw noUser();
  await mkdir(home, { recursive: true });
  const [lockFile, users] = [join(home, 'postgres.lock'), join(home, 'postgres-users')];
  return withFileLock(lockFile, async () => {
    const dataDirectory = await chosenDirectory(home, user, options.log);
    const credentials = await ensureCredentials(home, await hasCluster(dataDirectory));
    const binaries = await ensureBinaries(user, async () => binariesFolder(home, dataDirectory));
    const start = { ...options, home, user, binaries, dataDirectory, config, credentials };
    const postmaster = await running(start);
    const ownUse = await addUser(users);
    const stopWatching = keepRunning(start, lockFile, postmaster);
    const release = async (): Promise<void> => {
      await stopWatching();
      return withFileLock(lockFile, async () => {
        await rm(ownUse, { force: true });
        if ((await countUsers(users)) === 0) await stopPostmaster(dataDirectory, binaries);
      });
    };
    return {
      connection: {
        host: '127.0.0.1',
        port: postmaster.port,
        user: ROLE,
        password: credentials.password,
        database: DATABASE,
      },
      dataDirectory,
      release: once(release),
    };
  });
}

/**
 * Starts the server again when it is gone though nobody released it: it ends by itself where it cannot write its log (a full disk),
 * or is killed. One process does so, the others adopt it; on another port than before it could not be found, so that is tried again.
 * @returns stops watching, and waits for a start that is under way
 */
function keepRunning(start: Start, lockFile: string, { pid, port }: Postmaster): () => Promise<void> {
  let [isStopped, watched] = [false, pid];
  let looking: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    if (isAlive(watched)) return;
    await withFileLock(lockFile, async () => {
      if (isStopped || !(await hasCluster(start.dataDirectory))) return;
      start.log.warn(
        { dataDirectory: start.dataDirectory },
        'the database ended by itself; it is started again where no other process did',
      );
      watched = (await running({ ...start, config: { databasePort: port } })).pid;
    }).catch((error: unknown) =>
      start.log.warn(
        { error: error instanceof Error ? error.message : error },
        'the database could not be started yet',
      ),
    );
  };
  const timer = setInterval(() => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  }, WATCH_MS);
  timer.unref();
  return async (): Promise<void> => {
    isStopped = true;
    clearInterval(timer);
    await looking;
  };
}

/** Chosen once and written down before anything is created there. */
async function chosenDirectory(home: string, user: OsUser, log: Log): Promise<string> {
  const state = await embeddedDatabaseState(home);
  if (state) return state.dataDirectory;
  const dataDirectory = join(await reachableFolder(home, user, log), 'postgres');
  await saveState(home, { dataDirectory, port: 0 });
  return dataDirectory;
}

/** Beside the data; outside of the data directory one copy of the programs is enough for all. */
function binariesFolder(home: string, dataDirectory: string): string {
  const folder = dirname(dataDirectory);
  return folder === home ? home : dirname(folder);
}

type Start = Options & {
  home: string;
  user: OsUser;
  binaries: Binaries;
  dataDirectory: string;
  config: Pick<Config, 'databasePort'>;
  credentials: { adminPassword: string; password: string };
};

async function running(start: Start): Promise<Postmaster> {
  const { home, dataDirectory, credentials } = start;
  // The log lies beside the data, where the server's user may write.
  const logFile = `${dataDirectory}.log`;
  const found = await adoptPostmaster(dataDirectory, logFile);
  if (found) return found;
  start.onProgress?.('PostgreSQL: starting');
  await ensureCluster({ ...start, adminPassword: credentials.adminPassword });
  const postmaster = await startPatiently(start, logFile);
  await ensureDatabase(postmaster.port, credentials);
  await saveState(home, { dataDirectory, port: postmaster.port });
  start.onProgress?.('PostgreSQL: ready');
  return postmaster;
}

/**
 * A free port may be taken in the moment before the server asks for it, and the children of a killed server hold its memory for a
 * moment longer: both pass, so the start is tried again.
 */
async function startPatiently(start: Start, logFile: string): Promise<Postmaster> {
  const { home, config, binaries, dataDirectory, user } = start;
  const wanted = config.databasePort ?? (await embeddedDatabaseState(home))?.port;
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(wanted);
    try {
      return await startPostmaster({ binaries, dataDirectory, port, user, logFile });
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
      await sleep(RETRY_MS * attempt);
    }
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}

function noUser(): AssayError {
  return new AssayError('unavailable', {
    what: 'PostgreSQL does not run as root, and this system has no other user for it',
    given: 'uid 0, no user "assay", "postgres" or "nobody"',
    fix: 'run Assay as another user, add one ("useradd --system assay"), or set DATABASE_URL to a PostgreSQL server',
  });
}
