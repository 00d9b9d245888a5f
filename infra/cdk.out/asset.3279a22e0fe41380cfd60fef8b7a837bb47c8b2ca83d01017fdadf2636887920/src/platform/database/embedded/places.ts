import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AssayError } from '../../../domain/index.ts';
import type { Log } from '../../log.ts';
import { canReach, type OsUser } from './os-user.ts';

/**
 * A folder that the server's user can reach: the data directory itself, or, when that lies under a closed folder such as
 * /root (mode 700), a new one in one of the system's places, named after the data directory. Call it once for a data directory and
 * remember the answer: a new data directory in the place of a deleted one must not find the old one's database.
 */
export async function reachableFolder(home: string, user: OsUser, log: Log): Promise<string> {
  await mkdir(home, { recursive: true });
  if (canReach(user, home) || (await letIn(home, user))) return home;
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 12);
  const name = `${hash}-${randomBytes(4).toString('hex')}`;
  for (const root of ['/var/lib/assay', join(tmpdir(), 'assay-databases')]) {
    const folder = join(root, name);
    const isMade = await mkdir(folder, { recursive: true, mode: 0o755 }).then(
      () => true,
      () => false,
    );
    if (!isMade || !canReach(user, folder)) continue;
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

/**
 * Lets the server's group pass through the data directory, where only that was in the way: not read it, and nobody else.
 * The folder is ours, so this is for us to do; folders above it are not.
 */
async function letIn(home: string, user: OsUser): Promise<boolean> {
  const { uid, mode } = await stat(home);
  if (user.gid === undefined || uid !== process.getuid?.() || !canReach(user, dirname(home))) return false;
  await chown(home, uid, user.gid);
  await chmod(home, (mode & 0o707) | 0o010);
  return canReach(user, home);
}

/** The cluster's own folder; PostgreSQL insists that it belongs to the server's user and is closed to others. */
export async function ownFolder(path: string, user: OsUser): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(path, user.uid, user.gid);
}
