import type { GroupImpact, ProtectedAttribute } from '../../domain/index.ts';
import { type Approvals, adverseImpactRatio, approveLowest, MINIMUM_GROUP_SIZE } from '../../training/index.ts';
import { type FairnessContext, readTraits } from './book-data.ts';
import { membershipsOf } from './memberships.ts';

/** Two ways of ranking the same applications. */
export type RankedTwice = {
  readonly applicationIds: readonly string[];
  readonly pdWith: ArrayLike<number>;
  readonly pdWithout: ArrayLike<number>;
  /** Both approve so many, those with the lowest pd. */
  readonly approvedShare: number;
};

/** Impact ratios of every group of every trait that the portfolio keeps, under both rankings; nothing of a trait leaves but these. */
export async function groupImpacts(context: FairnessContext, ranked: RankedTwice): Promise<GroupImpact[]> {
  const impacts: GroupImpact[] = [];
  for (const attribute of context.portfolio.protectedAttributes) {
    const traits = await readTraits(context, attribute);
    impacts.push(...impactsBy(attribute, ranked, traits));
  }
  return impacts;
}

function impactsBy(
  { column: trait }: Pick<ProtectedAttribute, 'column'>,
  { applicationIds, pdWith, pdWithout, approvedShare }: RankedTwice,
  traits: ReadonlyMap<string, string>,
): GroupImpact[] {
  const known = applicationIds.flatMap((id, row) => ((traits.get(id) ?? '') === '' ? [] : [row]));
  const groups = groupsOf(
    known,
    known.map((row) => traits.get(applicationIds[row]!)!),
  );
  const largest = [...groups].sort((a, b) => b.rows.length - a.rows.length || (a.name < b.name ? -1 : 1))[0];
  const [granted, grantedWithout] = [approveLowest(pdWith, approvedShare), approveLowest(pdWithout, approvedShare)];
  return groups
    .filter((group) => group !== largest)
    .map(({ name, rows }) => {
      const ratio = (approved: Uint8Array) =>
        rows.length < MINIMUM_GROUP_SIZE || !largest
          ? null
          : adverseImpactRatio(approvalsOf(rows, approved), approvalsOf(largest.rows, approved));
      return { trait, name, count: rows.length, airWith: ratio(granted), airWithout: ratio(grantedWithout) };
    });
}

type Group = { readonly name: string; readonly rows: readonly number[] };

/** Those of no group (a number's lower half) are one, too. */
function groupsOf(known: readonly number[], traits: readonly string[]): Group[] {
  const { memberships } = membershipsOf(traits);
  const groups = memberships.map(({ group, isMember }) => ({
    name: group,
    rows: known.filter((_, i) => isMember[i] === 1),
  }));
  const others = known.filter((_, i) => memberships.every(({ isMember }) => isMember[i] === 0));
  return others.length === 0 ? groups : [...groups, { name: 'all others', rows: others }];
}

const approvalsOf = (rows: readonly number[], approved: Uint8Array): Approvals => ({
  approved: rows.reduce((sum, row) => sum + approved[row]!, 0),
  count: rows.length,
});
