import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssayError } from '../domain/index.ts';

const LOCK_RETRY_MS = 50;
/** Starting after a crash replays the write-ahead log, which takes time; initialising a slow disk too. */
const LOCK_TIMEOUT_MS = 180_000;

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Runs `work` while holding a lock file that names this process. A lock whose process is gone is taken over. */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  for (let waitedMs = 0; !(await tryAcquire(path)); waitedMs += LOCK_RETRY_MS) {
    if (waitedMs > LOCK_TIMEOUT_MS) throw lockedTooLong(path);
    const holder = await holderOf(path);
    if (holder !== undefined && !isAlive(holder)) await takeAway(path, holder);
    else await sleep(LOCK_RETRY_MS);
  }
}

/** Linking a complete file is atomic: nobody ever sees a lock without its owner's number. */
async function tryAcquire(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text);
}

/** Of several processes that find the same dead holder one rename wins; whoever caught a fresh lock puts it back. */
async function takeAway(path: string, deadHolder: number): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await holderOf(aside)) !== deadHolder) await link(aside, path).catch(() => undefined);
  } catch {
    // Another process was quicker.
  } finally {
    await rm(aside, { force: true });
  }
}

function lockedTooLong(path: string): AssayError {
  return new AssayError('unavailable', {
    what: 'another Assay process has been holding a lock for too long',
    given: path,
    fix: 'wait for it or end it; then try again',
  });
}
