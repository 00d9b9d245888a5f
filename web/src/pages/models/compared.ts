import type { MetricsDto, ModelRow, Models } from '../../contract.ts';

/** A model version with its metrics on one split; null when it was not measured there. */
export type Compared = { readonly model: ModelRow; readonly metrics: MetricsDto | null };

/** The champion first, what is retired last; in between discrimination decides. */
const STATUS_ORDER: Readonly<Record<ModelRow['status'], number>> = {
  champion: 0,
  approved: 1,
  candidate: 1,
  retired: 2,
  rejected: 3,
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

/**
 * Figures of different training snapshots are not of the same applications, so they must not stand in one comparison.
 * `comparable`: the versions of the champion's snapshot, or of the newest version's where there is no champion.
 */
export function bySnapshot(models: readonly ModelRow[]): {
  readonly comparable: readonly ModelRow[];
  readonly others: readonly ModelRow[];
} {
  const newest = [...models].sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  const leader = models.find(({ status }) => status === 'champion') ?? newest;
  const isComparable = (model: ModelRow) => model.snapshotHash === leader?.snapshotHash;
  return { comparable: models.filter(isComparable), others: models.filter((model) => !isComparable(model)) };
}

/** Every split that any version was measured on; the one that decides comes first. */
export function splitsOf({ models, comparedOn }: Models): readonly string[] {
  const names = [...new Set(models.flatMap((model) => Object.keys(model.metrics)))];
  return names.sort((a, b) => Number(b === comparedOn) - Number(a === comparedOn));
}
