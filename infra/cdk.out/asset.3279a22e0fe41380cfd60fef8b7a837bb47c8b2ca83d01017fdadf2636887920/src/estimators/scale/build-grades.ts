import type { GradeBand } from '../../domain/index.ts';
import { mergePrebins, type Tally } from '../binning/index.ts';

export type GradeOptions = {
  /** Most grades; fewer when the book cannot tell so many apart. Default 10. */
  readonly grades?: number;
  /** Least share of the book in a grade. Default 0.02. */
  readonly minShare?: number;
  /** Least defaults in a grade, and least non-defaults. Default 5. */
  readonly minDefaults?: number;
};

/** Candidate bounds: a grid on which eight steps double the pd. */
const STEPS_PER_DOUBLING = 8;
const LOWEST_BOUND = 0.0005;

/**
 * A master scale fitted to a book: the bounds, out of a geometric grid, that tell the most (information value) with observed
 * default rates rising from grade to grade. Grades are called G1 (safest), G2 …; the last bound is 1.
 * @param pds calibrated and out of fold, else the rates of the grades flatter
 */
export function buildGrades(
  pds: ArrayLike<number>,
  target: Uint8Array,
  options: GradeOptions = {},
): readonly GradeBand[] {
  const { grades = 10, minShare = 0.02, minDefaults = 5 } = options;
  const { bounds, tallies } = gridTallies(pds, target);
  const total: Tally = {
    count: target.length,
    defaults: tallies.reduce((sum, { defaults }) => sum + defaults, 0),
  };
  const merge = mergePrebins(tallies, total, {
    trend: 'ascending',
    maxBins: grades,
    minBinCount: minShare * target.length,
    minBinEvents: minDefaults,
    binCost: 0,
  });
  const ends = merge?.ends ?? [tallies.length];
  return ends.map((end, i) => ({ grade: `G${i + 1}`, upperPd: i === ends.length - 1 ? 1 : bounds[end - 1]! }));
}

/** Rows by grid bound; bounds without rows are left out. */
function gridTallies(pds: ArrayLike<number>, target: Uint8Array): { bounds: number[]; tallies: Tally[] } {
  const found = new Map<number, { count: number; defaults: number }>();
  for (let row = 0; row < target.length; row++) {
    const step = Math.max(0, Math.ceil(STEPS_PER_DOUBLING * Math.log2(pds[row]! / LOWEST_BOUND) - 1e-9));
    const tally = found.get(step) ?? { count: 0, defaults: 0 };
    tally.count++;
    tally.defaults += target[row]!;
    found.set(step, tally);
  }
  const steps = [...found.keys()].sort((a, b) => a - b);
  return {
    bounds: steps.map((step) => LOWEST_BOUND * 2 ** (step / STEPS_PER_DOUBLING)),
    tallies: steps.map((step) => found.get(step)!),
  };
}
