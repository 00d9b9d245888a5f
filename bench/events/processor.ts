/** Processor time, from /proc (Linux only): a figure that other work on the machine does not move, as it moves a rate. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TICKS_PER_SECOND = 100;

type Ticks = { readonly parent: number; readonly own: number; readonly ofEndedChildren: number };

function ticksOf(pid: string): Ticks | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const sum = (...places: number[]): number => places.reduce((total, place) => total + Number(fields[place]), 0);
    return { parent: Number(fields[1]), own: sum(11, 12), ofEndedChildren: sum(13, 14) };
  } catch {
    // a process that ended meanwhile
    return null;
  }
}

/** Of the PostgreSQL server of a data directory: its backends that live, and those that ended. */
export function serverSeconds(home: string): number {
  const postmaster = readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]!;
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const found = ticksOf(pid);
    if (pid === postmaster) ticks += found!.own + found!.ofEndedChildren;
    else if (found?.parent === Number(postmaster)) ticks += found.own;
  }
  return ticks / TICKS_PER_SECOND;
}

/** Of the processes this one started that ended, with those they had started. */
export function childrenSeconds(): number {
  return ticksOf('self')!.ofEndedChildren / TICKS_PER_SECOND;
}

/** Seconds in which cores of this machine had nothing to do, all cores together. */
export function idleSeconds(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).map(Number);
  return (fields[4]! + fields[5]!) / TICKS_PER_SECOND;
}
