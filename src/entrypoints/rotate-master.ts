import { setTimeout as sleep } from 'node:timers/promises';
import { userWhoMay } from '../api/index.ts';
import { createLog, enterAudit, loadConfig, rotateMaster } from '../platform/index.ts';
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
