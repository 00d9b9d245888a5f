import { hostname } from 'node:os';

/** Who holds a lease: `host:pid`. */
export function currentOwner(): string {
  return `${hostname()}:${process.pid}`;
}

/**
 * Whether the process behind an owner name still runs, as far as this machine can tell.
 * 'unknown' for an owner on another host: only its heartbeat tells.
 */
export function ownerState(owner: string): 'alive' | 'gone' | 'unknown' {
  const separator = owner.lastIndexOf(':');
  if (owner.slice(0, separator) !== hostname()) return 'unknown';
  const pid = Number(owner.slice(separator + 1));
  if (!Number.isInteger(pid) || pid <= 0) return 'gone';
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 'alive' : 'gone';
  }
}
