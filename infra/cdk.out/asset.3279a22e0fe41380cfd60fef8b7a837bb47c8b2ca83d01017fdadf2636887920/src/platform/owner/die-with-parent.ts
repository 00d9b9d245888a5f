import { Worker } from 'node:worker_threads';

/** How soon a process whose parent was killed follows it. */
const WATCH_EVERY_MS = 100;

/** A thread of its own, since what it guards may be computing for seconds without looking up. */
const WATCH = `
const { workerData } = require('node:worker_threads');
const isGone = () => {
  if (process.ppid !== workerData.parent) return true;
  try { process.kill(workerData.parent, 0); return false; } catch (error) { return error.code === 'ESRCH'; }
};
setInterval(() => { if (isGone()) process.kill(process.pid, 'SIGKILL'); }, workerData.everyMs);
`;

/**
 * Ends this process as soon as the one that started it is gone, even while it computes. Nothing is tidied up, as after any
 * kill: what it left is for the next start to close.
 */
export function dieWithParent(): void {
  new Worker(WATCH, { eval: true, workerData: { parent: process.ppid, everyMs: WATCH_EVERY_MS } }).unref();
}
