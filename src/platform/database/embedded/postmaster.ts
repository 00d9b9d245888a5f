import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError } from '../../../domain/index.ts';
import { isAlive } from '../../file-lock.ts';
import type { Binaries } from './binaries.ts';
import type { OsUser } from './os-user.ts';

const POLL_MS = 50;
/** Crash recovery replays the log before the server answers. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;

/** What `postmaster.pid` says of the server of a data directory. */
export type Postmaster = { readonly pid: number; readonly port: number; readonly isReady: boolean };

/** The running server, if there is one. A pid file that a crash left behind is removed: its number may be another program's by now. */
export async function findPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const path = join(dataDirectory, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (Number.isInteger(pid) && pid > 0 && isAlive(pid) && isPostgres(pid)) {
    return { pid, port: Number(lines[3]), isReady: lines[7] === 'ready' };
  }
  await rm(path, { force: true });
  return undefined;
}

function isPostgres(pid: number): boolean {
  if (process.platform === 'win32') return true;
  return commandOf(pid).includes('postgres');
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return spawnSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).stdout ?? '';
  }
}

export type StartOptions = { binaries: Binaries; dataDirectory: string; port: number; user: OsUser; logFile: string };

/** Starts the server apart from this process and its terminal, so that neither Ctrl-C nor a kill of this process ends it uncleanly. */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  const { binaries, dataDirectory, port, user, logFile } = options;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(binaries.postgres, ['-D', dataDirectory, '-p', String(port), ...SETTINGS], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env: serverEnvironment(),
    ...ids(user),
  });
  closeSync(log);
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signal) => {
    failure ??= `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  return waitUntilReady(dataDirectory, () => failure, logFile);
}

/** No Unix socket: its path has a length limit and needs a folder of its own. Only this machine can connect. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  // what a commit acknowledged survives a power cut, whatever postgresql.conf says
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  'ignore_checksum_failure=off',
  'zero_damaged_pages=off',
  'password_encryption=scram-sha-256',
  'timezone=UTC',
  'log_timezone=UTC',
  'max_connections=120',
  'log_min_messages=warning',
].flatMap((setting) => ['-c', setting]);

/** The server must not see credentials or settings of this process (PG… variables would change it). */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
}

export function ids(user: OsUser): { uid?: number; gid?: number } {
  return { ...(user.uid !== undefined && { uid: user.uid }), ...(user.gid !== undefined && { gid: user.gid }) };
}

/** Waits until a server that is starting (or recovering) takes connections. */
async function waitUntilReady(
  dataDirectory: string,
  failure: () => string | undefined,
  logFile: string,
): Promise<Postmaster> {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += POLL_MS) {
    const reason = failure();
    if (reason !== undefined) throw await notStarted(reason, logFile);
    const found = await findPostmaster(dataDirectory);
    if (found?.isReady) return found;
    await sleep(POLL_MS);
  }
  throw await notStarted(`not ready after ${START_TIMEOUT_MS / 1000} s`, logFile);
}

/**
 * The running server once it answers, or undefined when there is none (any more): one that was just killed may still be listed for a
 * moment, and one that recovers is listed before it answers.
 */
export async function adoptPostmaster(dataDirectory: string, logFile: string): Promise<Postmaster | undefined> {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += POLL_MS) {
    const found = await findPostmaster(dataDirectory);
    if (!found || (found.isReady && (await answers(found.port)))) return found;
    await sleep(POLL_MS);
  }
  throw await notStarted(`the running server does not answer after ${START_TIMEOUT_MS / 1000} s`, logFile);
}

/** SSLRequest of PostgreSQL's protocol: a server answers with one byte. A connection alone says little: the system takes it for a program that is ending. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const ANSWER_TIMEOUT_MS = 5_000;

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => end(false));
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** Ends the server: open transactions are rolled back, everything committed is written. */
export async function stopPostmaster(dataDirectory: string, binaries: Binaries): Promise<void> {
  const found = await findPostmaster(dataDirectory);
  if (!found) return;
  if (process.platform === 'win32')
    spawnSync(binaries.pgCtl, ['stop', '-m', 'fast', '-D', dataDirectory], { stdio: 'ignore' });
  else process.kill(found.pid, 'SIGINT');
  for (let waitedMs = 0; waitedMs < STOP_TIMEOUT_MS; waitedMs += POLL_MS) {
    if (!(await findPostmaster(dataDirectory))) return;
    await sleep(POLL_MS);
  }
}

/** The wanted port when it is free, else one the system gives. */
export async function freePort(wanted: number | undefined): Promise<number> {
  return (wanted !== undefined && (await tryPort(wanted))) || (await tryPort(0)) || 0;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

async function notStarted(reason: string, logFile: string): Promise<AssayError> {
  const log = await readFile(logFile, 'utf8').catch(() => '');
  const last = log.trim().split('\n').slice(-3).join(' | ');
  return new AssayError('unavailable', {
    what: 'the embedded PostgreSQL did not start',
    given: last === '' ? reason : `${reason}: ${last}`,
    fix: `read ${logFile}; a full disk and a data directory of another user are the usual causes; or set DATABASE_URL`,
  });
}
