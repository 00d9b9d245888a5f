import type { Database } from '../contract.ts';
import { type Kms, openKms } from '../kms/index.ts';
import { beginMasterRotation, finishMasterRotation, openFileKeyWrapper } from './key-wrapper.ts';

/** Keys wrapped anew in one transaction. */
const BATCH = 500;
/** Longer than any process takes between asking which key wraps and storing what it wrapped. */
const GRACE_MS = 10_000;

type WrappedKey = { portfolio: string; person: string; generation: number; wrapped_key: string };

export type MasterRotation = {
  /** Keys that this call wrapped anew, by portfolio; a call after a kill finds the rest. */
  readonly rewrapped: Readonly<Record<string, number>>;
  /** Id of the key that wraps from now on. */
  readonly keyId: string;
};

export type RotateOptions = {
  readonly home: string;
  readonly database: Database;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly onProgress?: (done: number) => void;
  readonly graceMs?: number;
  /** Where the master key is sealed there. */
  readonly kms?: Kms;
};

/**
 * Replaces the master key: a new one is put beside the old, from then on every process wraps under the new and opens under both; every key
 * of a person is wrapped anew; when none is left under the old, the new takes its place and the old is gone. Killed anywhere, the same
 * call goes on where it stood; until it is done nothing becomes unreadable. Pseudonyms do not change. Backups of the database from before
 * need the old master key, which is the point: with it, keys destroyed since are recoverable from them, without it they are not.
 */
export async function rotateMaster({
  home,
  database,
  sleep,
  onProgress,
  graceMs = GRACE_MS,
  kms = openKms(),
}: RotateOptions): Promise<MasterRotation> {
  const keyId = await beginMasterRotation(home, kms);
  const wrapper = openFileKeyWrapper(home, kms);
  const rewrapped: Record<string, number> = {};
  const wrapAll = async (): Promise<number> => {
    let all = 0;
    for (let done = -1; done !== 0; all += done) {
      done = await wrapBatch(database, keyId, async ({ portfolio, person, wrapped_key }) => {
        const context = `${portfolio}\n${person}`;
        rewrapped[portfolio] = (rewrapped[portfolio] ?? 0) + 1;
        return wrapper.wrap(await wrapper.unwrap(wrapped_key, context), context);
      });
      onProgress?.(all + done);
    }
    return all;
  };
  await wrapAll();
  // somebody may have wrapped under the old one just before the new was there
  await sleep(graceMs);
  await wrapAll();
  await finishMasterRotation(home, keyId);
  return { rewrapped, keyId };
}

async function wrapBatch(
  database: Database,
  keyId: string,
  wrap: (key: WrappedKey) => Promise<string>,
): Promise<number> {
  return database.transaction(async (transaction) => {
    const rows = await transaction.query<WrappedKey>(
      `SELECT portfolio, person, generation, wrapped_key FROM person_keys
       WHERE wrapped_key IS NOT NULL AND NOT starts_with(wrapped_key, $1) ORDER BY portfolio, person, generation LIMIT ${BATCH}
       FOR UPDATE`,
      [`${keyId}.`],
    );
    for (const row of rows) {
      await transaction.query(
        'UPDATE person_keys SET wrapped_key = $4 WHERE portfolio = $1 AND person = $2 AND generation = $3',
        [row.portfolio, row.person, row.generation, await wrap(row)],
      );
    }
    return rows.length;
  });
}
