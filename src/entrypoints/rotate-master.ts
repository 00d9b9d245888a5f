import { setTimeout as sleep } from 'node:timers/promises';
import { userWhoMay } from '../api/index.ts';
import { createLog, enterAudit, loadConfig, rotateMaster, sealMasterKey } from '../platform/index.ts';
import type { CommandContext } from './context.ts';
import { openMigrated } from './open-migrated.ts';

export type RotateMasterOptions = { readonly as: string; readonly grace: string; readonly json?: boolean };

/**
 * Replaces the master key that wraps the keys of persons, for every book of the installation. Goes on where a killed run stood.
 * @throws AssayError forbidden, not_found for an unknown user
 */
export async function rotateMasterKey(
  context: CommandContext,
  { as, grace, json }: RotateMasterOptions,
): Promise<void> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const opened = await openMigrated(config, { log: createLog(config) });
  try {
    const { database } = opened;
    // who holds persons' data back also answers for the key it lies under
    const { username } = await userWhoMay(database, as, 'holdPerson');
    const rotation = await rotateMaster({
      home: config.home,
      database,
      sleep: (ms) => sleep(ms),
      graceMs: Number(grace) * 1000,
    });
    for (const [portfolio, keys] of Object.entries(rotation.rewrapped)) {
      const entry = { portfolio, kind: 'master_rotated' as const, subject: rotation.keyId, actor: username };
      const data = { keys };
      await database.transaction((inside) =>
        enterAudit(inside, { ...entry, at: context.clock.now(), data }).then(() => undefined),
      );
    }
    const total = Object.values(rotation.rewrapped).reduce((sum, keys) => sum + keys, 0);
    context.print(
      json
        ? JSON.stringify(rotation, null, 2)
        : `master key ${rotation.keyId}: ${total} keys wrapped anew; the old one is gone`,
    );
  } finally {
    await opened.close();
  }
}

export type SealMasterOptions = { readonly as: string; readonly kmsKey: string };

/**
 * Seals the master key by a key in KMS: from then on nothing on the disk opens what is kept of persons, and every process asks KMS as it
 * starts. Written to the record of every book.
 * @throws AssayError forbidden, not_found for an unknown user; unavailable when KMS refuses
 */
export async function sealMaster(context: CommandContext, { as, kmsKey }: SealMasterOptions): Promise<void> {
  const config = loadConfig(context.environment, context.workingDirectory);
  const opened = await openMigrated(config, { log: createLog(config) });
  try {
    const { database } = opened;
    const { username } = await userWhoMay(database, as, 'holdPerson');
    await sealMasterKey(config.home, kmsKey);
    const books = await database.query<{ portfolio: string }>('SELECT DISTINCT portfolio FROM person_keys');
    for (const { portfolio } of books) {
      const entry = { portfolio, kind: 'master_sealed' as const, subject: kmsKey, actor: username };
      await database.transaction((inside) =>
        enterAudit(inside, { ...entry, at: context.clock.now(), data: {} }).then(() => undefined),
      );
    }
    context.print(`the master key is sealed by ${kmsKey}; copies of keys/master.key from before still open everything`);
  } finally {
    await opened.close();
  }
}
