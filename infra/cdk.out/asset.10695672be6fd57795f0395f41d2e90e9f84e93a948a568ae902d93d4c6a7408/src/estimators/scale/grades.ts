import type { GradeBand } from '../../domain/index.ts';

/**
 * Master scale for any book: upper bounds of pd, each sqrt(2) times the one before, from 0.25 % on, so that two grades
 * double the risk; the last takes the rest. Fixed bounds keep a grade's meaning from one model version to the next.
 */
export const DEFAULT_GRADES: readonly GradeBand[] = [
  'A1',
  'A2',
  'B1',
  'B2',
  'C1',
  'C2',
  'D1',
  'D2',
  'E1',
  'E2',
  'F1',
  'F2',
  'F3',
  'G',
].map((grade, i, all) => ({ grade, upperPd: i === all.length - 1 ? 1 : round(0.0025 * 2 ** (i / 2)) }));

/** To a hundredth of a percent: bounds that can be read out loud. */
function round(pd: number): number {
  return Math.round(pd * 10_000) / 10_000;
}

/** The grade whose lower < pd <= upper. A pd of 0 belongs to the first grade, one above the last bound to the last. */
export function gradeOf(pd: number, bands: readonly GradeBand[]): string {
  for (const band of bands) if (pd <= band.upperPd) return band.grade;
  const last = bands.at(-1);
  if (!last) throw new RangeError('a master scale needs at least one grade');
  return last.grade;
}
