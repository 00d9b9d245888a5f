import { AssayError } from '../domain/index.ts';
import { foldOf } from '../features/index.ts';

export const FOLD_COUNT = 5;

/** Fold of every row by the fold rule of `foldOf`, which needs no library and no seed, so that anyone can repeat it. */
export function foldsByHash(name: string, rowCount: number, folds = FOLD_COUNT): Uint8Array {
  return Uint8Array.from({ length: rowCount }, (_, row) => foldOf(name, row, folds));
}

/** One more than the highest fold. A loop, since arguments spread over a call end at about a hundred thousand rows. */
export function countFolds(folds: ArrayLike<number>): number {
  let highest = -1;
  for (let row = 0; row < folds.length; row++) highest = Math.max(highest, folds[row]!);
  return highest + 1;
}

/** 'german', 'german/r1', 'german/r2' …: the fold names of repeated cross-validation. */
export function repeatNames(name: string, repeats: number): string[] {
  return Array.from({ length: repeats }, (_, i) => (i === 0 ? name : `${name}/r${i}`));
}

/** Fewest defaults and non-defaults a fold needs for its AUC to mean anything. */
const MIN_PER_FOLD = 2;

/** @throws AssayError bad_input when a fold lacks defaults or non-defaults. */
export function assertFolds(folds: Uint8Array, target: Uint8Array, count = FOLD_COUNT): void {
  const events = new Array<number>(count).fill(0);
  const nonEvents = new Array<number>(count).fill(0);
  for (let row = 0; row < folds.length; row++) {
    const side = target[row] === 1 ? events : nonEvents;
    side[folds[row]!]! += 1;
  }
  const fewest = Math.min(...events, ...nonEvents);
  if (fewest >= MIN_PER_FOLD) return;
  throw new AssayError('bad_input', {
    what: `too few rows for ${count}-fold cross-validation`,
    given: `${folds.length} rows; defaults per fold ${events.join(', ')}; non-defaults per fold ${nonEvents.join(', ')}`,
    allowed: `at least ${MIN_PER_FOLD} defaults and ${MIN_PER_FOLD} non-defaults in every fold`,
    fix: 'take more rows (some hundred with dozens of defaults), or check which value --positive names',
  });
}

export function rowsWhere(keep: (row: number) => boolean, rowCount: number): Uint32Array {
  const rows = new Uint32Array(rowCount);
  let found = 0;
  for (let row = 0; row < rowCount; row++) if (keep(row)) rows[found++] = row;
  return rows.slice(0, found);
}
