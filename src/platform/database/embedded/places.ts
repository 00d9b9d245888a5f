import { createHash } from 'node:crypto';
import { chown, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssayError } from '../../../domain/index.ts';
import type { Log } from '../../log.ts';
import { canRead, type OsUser } from './os-user.ts';

/**
 * A folder that the server's user can reach: the data directory itself, or, when that lies under a closed folder such as
 * /root (mode 700), one of the system's places, named after the data directory.
 */
export async function reachableFolder(home: string, user: OsUser, log: Log): Promise<string> {
  await mkdir(home, { recursive: true });
  if (canRead(user, home)) return home;
  const name = createHash('sha256').update(home).digest('hex').slice(0, 12);
  for (const root of ['/var/lib/assay', join(tmpdir(), 'assay-databases')]) {
    const folder = join(root, name);
    const isMade = await mkdir(folder, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (!isMade || !canRead(user, folder)) continue;
    log.warn(
      { home, folder },
      `the database lies in ${folder}: the user "${user.name}" it runs as cannot enter ${home}`,
    );
    return folder;
  }
  throw new AssayError('unavailable', {
    what: 'there is no place for the embedded database',
    given: `${home}, which the user "${user.name}" cannot enter`,
    fix: `set ASSAY_HOME to a folder that "${user.name}" can enter, run Assay as another user than root, or set DATABASE_URL`,
  });
}

/** The cluster's own folder; PostgreSQL insists that it belongs to the server's user and is closed to others. */
export async function ownFolder(path: string, user: OsUser): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(path, user.uid, user.gid);
}
