import { join } from 'node:path';
import {
  type Config,
  type Log,
  migrate,
  type OpenDatabase,
  openDatabase,
  REPOSITORY_ROOT,
  unlockMasterKey,
} from '../platform/index.ts';

export type OpenMigratedOptions = { readonly log: Log; readonly onProgress?: ((text: string) => void) | undefined };

/** The database with every migration applied, and the key its persons' keys lie under opened; closed again when one fails. */
export async function openMigrated(config: Config, { log, onProgress }: OpenMigratedOptions): Promise<OpenDatabase> {
  await unlockMasterKey(config.home);
  const opened = await openDatabase(config, { log, ...(onProgress && { onProgress }) });
  try {
    const applied = await migrate(opened.database, join(REPOSITORY_ROOT, 'sql', 'migrations'));
    if (applied.length > 0) onProgress?.(`database: ${applied.length} migrations applied`);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}
