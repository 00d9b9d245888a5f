import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Who the server runs as; empty = as this process. */
export type OsUser = { readonly uid?: number; readonly gid?: number; readonly name?: string };

/** Accounts that exist on Linux systems for this very purpose, best first. */
const CANDIDATES = ['assay', 'postgres', 'nobody'];

/** PostgreSQL refuses to run as root: then an unprivileged account of the system is taken; undefined when there is none. */
export function serverUser(): OsUser | undefined {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const account = accounts.find(([candidate]) => candidate === name);
    if (account) return { name, uid: Number(account[2]), gid: Number(account[3]) };
  }
  return undefined;
}

/** Whether that user can reach `path` (every folder above it lets it through) and enter or run it; asked of the system, which knows ACLs. */
export function canReach(user: OsUser, path: string): boolean {
  if (user.uid === undefined) return true;
  const asked = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    uid: user.uid,
    ...(user.gid !== undefined && { gid: user.gid }),
    cwd: '/',
    stdio: 'ignore',
  });
  return asked.status === 0;
}
