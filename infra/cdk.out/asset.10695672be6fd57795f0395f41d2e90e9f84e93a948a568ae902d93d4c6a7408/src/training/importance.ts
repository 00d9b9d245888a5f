import { type FeatureImportance, type Frame, rowEncoder } from '../domain/index.ts';
import type { CompiledEstimator } from '../estimators/index.ts';
import { sampleIndices, seededRandom } from './random.ts';

/** Rows whose attributions are averaged; the order of features settles long before. */
const DEFAULT_SAMPLE = 300;

/**
 * Importance of a feature: mean |attribution| in log-odds over a sample of rows, as a share of the sum over features.
 * The same exact attributions give the reasons of a decision, so what is important here is what borrowers are told.
 */
export function attributionImportance(
  compiled: CompiledEstimator,
  frame: Frame,
  { seed, sample = DEFAULT_SAMPLE }: { seed: number; sample?: number },
): FeatureImportance[] {
  const encode = rowEncoder(compiled.inputs, frame);
  const encoded = new Float64Array(compiled.inputs.length);
  const attributions = new Float64Array(compiled.inputs.length);
  const sums = new Float64Array(compiled.inputs.length);
  for (const row of sampleIndices(frame.rowCount, sample, seededRandom(seed))) {
    compiled.attribute(encode(row, encoded), attributions);
    for (let i = 0; i < sums.length; i++) sums[i]! += Math.abs(attributions[i]!);
  }
  const total = sums.reduce((sum, value) => sum + value, 0);
  return compiled.inputs
    .map(({ name }, i) => ({ feature: name, share: total > 0 ? sums[i]! / total : 0 }))
    .sort((a, b) => b.share - a.share || (a.feature < b.feature ? -1 : 1));
}
