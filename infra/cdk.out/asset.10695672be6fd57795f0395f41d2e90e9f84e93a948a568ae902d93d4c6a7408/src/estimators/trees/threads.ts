import type { FitContext, TrainingSet } from '../contract.ts';

/** Below this many cells a thread's share is done sooner than the threads have met; each further thread wants as much again. */
const CELLS_PER_THREAD = 1_000_000;

/** Threads worth using for a training set: at most `context.nthread`, one for small sets. */
export function threadsFor(train: TrainingSet, { nthread }: Pick<FitContext, 'nthread'>): number {
  const cells = train.frame.rowCount * train.frame.columns.length;
  return Math.max(1, Math.min(nthread, Math.floor(cells / CELLS_PER_THREAD)));
}
