import { type Checkpoint, type CheckpointOptions, type Log, makeCheckpoint } from '../../platform/index.ts';

export type CheckpointSchedule = {
  /** A checkpoint at least this often while there is anything new. */
  readonly everySeconds: number;
  /** … and earlier once this many records are new. */
  readonly everyRecords: number;
};

export const DEFAULT_SCHEDULE: CheckpointSchedule = { everySeconds: 60, everyRecords: 1_000 };
/** How often it is looked whether there is anything to sign. */
const LOOK_MS = 2_000;

export type RunningCheckpoints = {
  /** Signs what is new now. */
  readonly now: () => Promise<Checkpoint | undefined>;
  /** The last checkpoint, then no more. */
  readonly stop: () => Promise<void>;
};

/**
 * Signs checkpoints while the server runs, and once more when it stops. A register that does not continue from its last checkpoint
 * is said in the log each time, and not signed.
 */
export function startCheckpoints(
  options: CheckpointOptions & { readonly log: Log; readonly schedule?: CheckpointSchedule },
): RunningCheckpoints {
  const { log, clock, schedule = DEFAULT_SCHEDULE } = options;
  let lastMs = clock.now().getTime();
  let signed = -1;
  let busy: Promise<unknown> = Promise.resolve();
  const now = (): Promise<Checkpoint | undefined> => {
    const made = busy.then(() => makeCheckpoint(options));
    busy = made.catch((error: unknown) => log.error({ error }, 'no audit checkpoint could be made'));
    return made;
  };
  const look = async (): Promise<void> => {
    const records = await countRecords(options);
    const nowMs = clock.now().getTime();
    const isDue = Math.abs(nowMs - lastMs) >= schedule.everySeconds * 1_000 && records !== signed;
    if (!isDue && records < signed + schedule.everyRecords) return;
    await now();
    [lastMs, signed] = [nowMs, records];
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => log.warn({ error }, 'the audit record could not be looked at'))
      .finally(() => {
        looking = false;
      });
  }, LOOK_MS);
  timer.unref();
  return {
    now,
    stop: async () => {
      clearInterval(timer);
      await now().catch(() => undefined);
    },
  };
}

async function countRecords({ database, portfolio, registers }: CheckpointOptions): Promise<number> {
  let records = 0;
  for (const { name, table } of registers) {
    const [row] = await database.prepared<{ last: number }>(
      `audit_last_${name}`,
      `SELECT coalesce(max(sequence), 0) AS last FROM ${table} WHERE portfolio = $1`,
      [portfolio],
    );
    records += row?.last ?? 0;
  }
  return records;
}
