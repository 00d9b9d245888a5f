import type { ApiLog } from '../../api/index.ts';
import type { Database } from '../../platform/index.ts';

const EVERY_MS = 1_000;
/** Space of the advisory locks of who follows the decisions of a book. */
const FOLLOWER_LOCK = 27732;

/**
 * Does the work unless another process is at it for the same book. The lock is the database's: it is free again when its holder
 * ends, however that was. False when it was another's turn.
 */
export function runAlone(database: Database, portfolio: string, work: () => Promise<unknown>): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [row] = await transaction.query<{ mine: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS mine',
      [FOLLOWER_LOCK, portfolio],
    );
    if (!row?.mine) return false;
    await work();
    return true;
  });
}

/**
 * Work that follows decisions and is never in the way of an answer: each about once a second, one run at a time, until stopped.
 * `turn` says whether it is this process's to do.
 */
export function startEverySecond(
  turn: (work: () => Promise<void>) => Promise<unknown>,
  works: Readonly<Record<string, () => Promise<unknown>>>,
  log: ApiLog,
): { readonly stop: () => Promise<void> } {
  let running: Promise<unknown> | undefined;
  const run = async (): Promise<void> => {
    for (const [name, work] of Object.entries(works)) {
      await work().catch((error: unknown) => log.error({ error, work: name }, 'work that follows decisions failed'));
    }
  };
  const timer = setInterval(() => {
    running ??= turn(run)
      .catch((error: unknown) => log.error({ error }, 'the turn to follow decisions could not be asked for'))
      .finally(() => {
        running = undefined;
      });
  }, EVERY_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
