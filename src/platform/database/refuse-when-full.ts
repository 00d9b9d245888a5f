import { statfs } from 'node:fs/promises';
import { AssayError } from '../../domain/index.ts';
import type { Database } from '../contract.ts';

/** The disk is looked at no more often than this. */
const LOOK_MS = 250;

/**
 * A database that begins no transaction while its disk has less than `reserveBytes` free, so that what has begun can end, and
 * PostgreSQL, which stops where it cannot write its log, is not driven to it. Single statements, and so reads, go on.
 */
export function refuseWhenFull(
  database: Database,
  { path, reserveBytes }: { readonly path: string; readonly reserveBytes: number },
): Database {
  const free = freeBytesOf(path);
  const needsRoom = async (): Promise<void> => {
    const freeBytes = await free();
    if (freeBytes < reserveBytes) throw nearlyFull(path, freeBytes, reserveBytes);
  };
  return {
    ...database,
    write: async (...statement) => {
      await needsRoom();
      return database.write(...statement);
    },
    transaction: async (work) => {
      await needsRoom();
      return database.transaction(work);
    },
  };
}

function freeBytesOf(path: string): () => Promise<number> {
  let [lookedAtMs, found] = [Number.NEGATIVE_INFINITY, Promise.resolve(0)];
  return () => {
    if (performance.now() - lookedAtMs >= LOOK_MS) {
      lookedAtMs = performance.now();
      // a system that cannot say has room
      found = statfs(path).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => Number.POSITIVE_INFINITY,
      );
    }
    return found;
  };
}

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;

const nearlyFull = (path: string, freeBytes: number, reserveBytes: number): AssayError =>
  new AssayError('unavailable', {
    what: 'the disk is nearly full',
    given: `${mebibytes(freeBytes)} free at ${path}`,
    allowed: `${mebibytes(reserveBytes)} or more (ASSAY_DISK_RESERVE_MIB)`,
    fix: 'free space: what was acknowledged is safe, reads go on, and everything else does by itself as soon as there is room',
  });
