import { type Frame, rowEncoder } from '../domain/index.ts';
import type { CompiledEstimator } from '../estimators/index.ts';
import { quantileEdges } from './measures/index.ts';
import { sampleIndices, seededRandom } from './random.ts';

export type MonotonicityCheck = {
  readonly feature: string;
  readonly direction: 'increasing' | 'decreasing';
  /** Steps tried: rows x neighbouring values of the feature, everything else held. */
  readonly steps: number;
  /** Steps on which pd moved the other way. */
  readonly violations: number;
};

const ROWS = 60;
const LEVELS = 10;
/** float32 sums of trees differ in the last digits. */
const TOLERANCE = 1e-6;

/** Moves each feature of known direction through its deciles on a sample of rows and counts moves of the margin against it. */
export function checkMonotonicity(
  compiled: CompiledEstimator,
  frame: Frame,
  monotone: Readonly<Record<string, 'increasing' | 'decreasing'>>,
  { seed }: { seed: number },
): MonotonicityCheck[] {
  const encode = rowEncoder(compiled.inputs, frame);
  const rows = sampleIndices(frame.rowCount, ROWS, seededRandom(seed));
  const encoded = new Float64Array(compiled.inputs.length);
  return compiled.inputs.flatMap(({ name, kind }, input): MonotonicityCheck[] => {
    const direction = monotone[name];
    const column = frame.columns.find((candidate) => candidate.name === name);
    if (!direction || kind !== 'numeric' || column?.kind !== 'numeric') return [];
    const values = quantileEdges(column.values, LEVELS);
    const sign = direction === 'increasing' ? 1 : -1;
    let violations = 0;
    for (const row of rows) {
      encode(row, encoded);
      let before = Number.NEGATIVE_INFINITY;
      for (const value of values) {
        encoded[input] = value;
        const margin = sign * compiled.margin(encoded);
        if (margin < before - TOLERANCE) violations += 1;
        before = margin;
      }
    }
    return [{ feature: name, direction, steps: rows.length * Math.max(0, values.length - 1), violations }];
  });
}
