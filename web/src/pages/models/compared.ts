import type { MetricsDto, ModelRow, Models } from '../../contract.ts';

/** A model version with its metrics on one split; null when it was not measured there. */
export type Compared = { readonly model: ModelRow; readonly metrics: MetricsDto | null };

/** The champion first, what is retired last; in between discrimination decides. */
const STATUS_ORDER: Readonly<Record<ModelRow['status'], number>> = {
  champion: 0,
  approved: 1,
  candidate: 1,
  retired: 2,
};

/** In the order a reader compares them; what was not measured comes after what was. */
export function comparedOf(models: readonly ModelRow[], split: string): readonly Compared[] {
  return models
    .map((model) => ({ model, metrics: model.metrics[split] ?? null }))
    .sort(
      (a, b) =>
        STATUS_ORDER[a.model.status] - STATUS_ORDER[b.model.status] ||
        (b.metrics?.auc.value ?? 0) - (a.metrics?.auc.value ?? 0),
    );
}

/** Every split that any version was measured on; the one that decides comes first. */
export function splitsOf({ models, comparedOn }: Models): readonly string[] {
  const names = [...new Set(models.flatMap((model) => Object.keys(model.metrics)))];
  return names.sort((a, b) => Number(b === comparedOn) - Number(a === comparedOn));
}
