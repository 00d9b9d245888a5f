import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AssayError } from '../../../domain/index.ts';
import { copyWithTimes, filesUnder } from '../../copy-tree.ts';
import type { Log } from '../../log.ts';
import { ADMIN } from './cluster.ts';
import { serverUser } from './os-user.ts';
import { reachableFolder } from './places.ts';
import { embeddedDatabaseState, ensureCredentials, saveState } from './state.ts';

/** Of one running server only, or made anew at its start; pg_wal is copied by what the backup needs of it, pg_control last. */
const LEFT_OUT =
  /^(postmaster\.(pid|opts)|backup_label.*|tablespace_map.*|(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\/.*|global\/pg_control|(.*\/)?pgsql_tmp.*)$/;
/** Folders PostgreSQL expects though they may be empty. */
const FOLDERS = [
  ...['pg_commit_ts', 'pg_dynshmem', 'pg_logical/mappings', 'pg_logical/snapshots', 'pg_multixact/members'],
  ...['pg_multixact/offsets', 'pg_notify', 'pg_replslot', 'pg_serial', 'pg_snapshots', 'pg_stat', 'pg_stat_tmp'],
  ...['pg_subtrans', 'pg_tblspc', 'pg_twophase', 'pg_wal', 'pg_wal/archive_status', 'pg_wal/summaries', 'pg_xact'],
];
const WAL_SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Copies the running embedded server's data directory, while it is written to, as PostgreSQL describes it ("Making a Base Backup
 * Using the Low Level API"): files as they are, and the log that makes them whole as of the end of the copy. A slot keeps that log
 * from being recycled meanwhile. A server started on the copy recovers every transaction that had committed by then.
 * @throws AssayError unavailable when there is no embedded server
 */
export async function copyCluster(options: { readonly home: string; readonly target: string }): Promise<void> {
  const { home, target } = options;
  const state = await embeddedDatabaseState(home);
  if (!state) throw new AssayError('unavailable', { what: 'there is no embedded database to back up', given: home });
  const { dataDirectory, port } = state;
  const { adminPassword } = await ensureCredentials(home, true);
  const { default: pg } = await import('pg');
  const client = new pg.Client({ host: '127.0.0.1', port, user: ADMIN, password: adminPassword, database: 'postgres' });
  await client.connect();
  try {
    await client.query(`SELECT pg_create_physical_replication_slot('assay_backup_${process.pid}', true, true)`);
    const begun = await client.query<{ file: string }>(
      "SELECT pg_walfile_name(pg_backup_start('assay backup', true)) AS file",
    );
    await copyData(dataDirectory, target);
    const ended = await client.query<{ file: string; label: string; map: string }>(
      'SELECT pg_walfile_name(lsn) AS file, labelfile AS label, spcmapfile AS map FROM pg_backup_stop(false)',
    );
    const { file, label } = ended.rows[0]!;
    await writeFile(join(target, 'backup_label'), label, { mode: 0o600 });
    await copyLog(dataDirectory, target, { first: begun.rows[0]!.file, last: file });
    await copyWithTimes(join(dataDirectory, 'global/pg_control'), join(target, 'global/pg_control'));
  } finally {
    await client.end();
  }
}

async function copyData(from: string, to: string): Promise<void> {
  for (const folder of FOLDERS) await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
  for (const file of await filesUnder(from)) {
    if (!LEFT_OUT.test(file)) await copyWithTimes(join(from, file), join(to, file));
  }
}

async function copyLog(from: string, to: string, needed: { readonly first: string; readonly last: string }) {
  const segments = (await readdir(join(from, 'pg_wal'))).filter((name) => WAL_SEGMENT.test(name));
  for (const name of segments.filter((name) => name >= needed.first && name <= needed.last)) {
    await copyWithTimes(join(from, 'pg_wal', name), join(to, 'pg_wal', name));
  }
}

/** Puts a copied data directory into a new home, where the server's user can reach it and owns it. */
export async function placeCluster(options: {
  readonly source: string;
  readonly home: string;
  readonly log: Log;
}): Promise<string> {
  const { source, home, log } = options;
  const user = serverUser();
  if (!user)
    throw new AssayError('unavailable', { what: 'PostgreSQL does not run as root', fix: 'run as another user' });
  const dataDirectory = join(await reachableFolder(home, user, log), 'postgres');
  for (const folder of FOLDERS) await mkdir(join(dataDirectory, folder), { recursive: true, mode: 0o700 });
  for (const file of await filesUnder(source)) await copyWithTimes(join(source, file), join(dataDirectory, file));
  await ownAll(dataDirectory, user);
  await saveState(home, { dataDirectory, port: 0 });
  return dataDirectory;
}

async function ownAll(root: string, { uid, gid }: { readonly uid?: number; readonly gid?: number }): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const path of [root, ...entries.map((entry) => join(entry.parentPath, entry.name))]) {
    if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
  }
  for (const entry of entries) if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o700);
  await chmod(root, 0o700);
}
