import { AssayError, type FieldIssue, type Frame, type ProtectedAttribute, selectRows } from '../../domain/index.ts';
import { readSnapshot } from '../../features/index.ts';
import { type FairnessContext, readTraits } from './book-data.ts';
import { proxiesOf } from './proxy-scan.ts';

/**
 * A feature whose AUC for a protected group has its lower end above this is the trait under another name: renamed, recoded, or
 * worked out from a number that holds it. Far above what a feature with a meaning of its own reaches.
 */
export const DISGUISE_AUC = 0.97;
const FOLDS = 3;
/** A trait with more values is a number (an age, a year of birth): those above its median are the group. */
const MAX_GROUPS = 12;

/**
 * Looks for protected traits among the features that models are about to be trained on. Lineage refuses what is declared; this
 * finds what a mapper renamed, joined or derived, from the values alone. Traits are those the portfolio keeps in its sealed zone.
 * @throws AssayError forbidden naming each feature and the trait that it tells
 */
export async function assertNoDisguisedTraits(context: FairnessContext): Promise<void> {
  const { protectedAttributes } = context.portfolio;
  if (protectedAttributes.length === 0) return;
  const { frame, applicationIds } = await readSnapshot(context);
  const issues: FieldIssue[] = [];
  for (const attribute of protectedAttributes) {
    const traits = await readTraits(context, attribute);
    issues.push(
      ...disguisesOf(
        frame,
        applicationIds.map((id) => traits.get(id) ?? ''),
        attribute,
      ),
    );
  }
  if (issues.length === 0) return;
  throw new AssayError('forbidden', {
    what: 'features are protected traits under another name',
    given: issues.map(({ path, message }) => `${path}: ${message}`).join('; '),
    allowed: 'features that do not say who belongs to a protected group (Reg B, 12 CFR 1002.4 and 1002.6)',
    fix: "leave these features out of the portfolio's features.ts, and declare their columns protected",
    issues,
  });
}

function disguisesOf(frame: Frame, traits: readonly string[], { title }: ProtectedAttribute): FieldIssue[] {
  const rows = Uint32Array.from(traits.flatMap((trait, row) => (trait === '' ? [] : [row])));
  const known = selectRows(frame, rows);
  const fold = Array.from(rows, (row) => row % FOLDS);
  const issues = new Map<string, FieldIssue>();
  for (const { group, isMember } of membershipsOf(Array.from(rows, (row) => traits[row]!))) {
    for (const { feature, auc } of proxiesOf(known, { group, isMember, fold, folds: FOLDS })) {
      if (auc.lower <= DISGUISE_AUC || issues.has(feature)) continue;
      const message = `tells ${title.toLowerCase()} (${group}) with an AUC of ${auc.value.toFixed(3)}`;
      issues.set(feature, { path: feature, message });
    }
  }
  return [...issues.values()];
}

type Membership = { readonly group: string; readonly isMember: Uint8Array };

function membershipsOf(traits: readonly string[]): Membership[] {
  const groups = [...new Set(traits)].sort();
  const isNumber = groups.length > MAX_GROUPS && groups.every((group) => Number.isFinite(Number(group)));
  if (!isNumber) return groups.slice(0, MAX_GROUPS).map((group) => membership(group, (trait) => trait === group));
  const sorted = traits.map(Number).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1]!;
  return [membership(`above ${median}`, (trait) => Number(trait) > median)];

  function membership(group: string, isOf: (trait: string) => boolean): Membership {
    return { group, isMember: Uint8Array.from(traits, (trait) => (isOf(trait) ? 1 : 0)) };
  }
}
