import type { Applicant } from '../../contract.ts';

type Feature = Applicant['features'][number];

/** A bar of the contribution chart. `feature` is null for the rest, taken together. */
export type Contribution = { readonly title: string; readonly points: number; readonly feature: Feature | null };

export const CONTRIBUTIONS_SHOWN = 12;

/** The inputs of the model by the size of their points, strongest first; what does not fit becomes one bar. */
export function contributionsOf(features: readonly Feature[], shown = CONTRIBUTIONS_SHOWN): readonly Contribution[] {
  const inputs = features
    .flatMap((feature) => (feature.points === null ? [] : [{ title: feature.title, points: feature.points, feature }]))
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
  const rest = inputs.slice(shown);
  if (rest.length <= 1) return inputs;
  const points = rest.reduce((sum, input) => sum + input.points, 0);
  return [...inputs.slice(0, shown), { title: `${rest.length} other inputs`, points, feature: null }];
}
