import {
  AssayError,
  type Column,
  type FieldIssue,
  type Frame,
  type ProtectedAttribute,
  selectRows,
} from '../../domain/index.ts';
import { readSnapshot } from '../../features/index.ts';
import { type FairnessContext, readTraits } from './book-data.ts';
import { MAX_GROUPS, type Membership, membershipsOf } from './memberships.ts';
import { proxiesOf } from './proxy-scan.ts';

/**
 * A feature whose AUC for a protected group has its lower end above this is the trait under another name: renamed, recoded, or
 * worked out from a number that holds it. Far above what a feature with a meaning of its own reaches.
 */
export const DISGUISE_AUC = 0.97;
const FOLDS = 3;
/** The other way round, a few values that the trait tells (a flag of those above 62): so well only what was made from it. */
export const TOLD_AUC = 0.99;

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
  const ofKnown = Array.from(rows, (row) => traits[row]!);
  const { memberships, numbers } = membershipsOf(ofKnown);
  const told = [
    ...memberships.flatMap((membership) => tellersOf(known, membership)),
    ...(numbers ? known.columns.flatMap((column) => toldBy(numbers, column)) : []),
  ];
  const issues = new Map<string, FieldIssue>();
  for (const { feature, group, auc } of told) {
    const message = `tells ${title.toLowerCase()} (${group}) with an AUC of ${auc.toFixed(3)}`;
    if (!issues.has(feature)) issues.set(feature, { path: feature, message });
  }
  return [...issues.values()];
}

type Told = { readonly feature: string; readonly group: string; readonly auc: number };

/** Features that tell who belongs to the group. */
function tellersOf(frame: Frame, { group, isMember }: Membership): Told[] {
  const fold = Array.from(isMember, (_, row) => row % FOLDS);
  return proxiesOf(frame, { group, isMember, fold, folds: FOLDS }).flatMap(({ feature, auc }) =>
    auc.lower > DISGUISE_AUC ? [{ feature, group, auc: auc.value }] : [],
  );
}

/** Values of a feature that a number tells from the others: a band of ages tells those within it, wherever its bounds are. */
function toldBy(numbers: Float64Array, column: Column): Told[] {
  const values: ArrayLike<number> = column.kind === 'numeric' ? column.values : column.codes;
  const distinct = [...new Set(Array.from(values))];
  if (distinct.length > MAX_GROUPS) return [];
  const trait: Column = { kind: 'numeric', name: column.name, values: numbers };
  return distinct.flatMap((value): Told[] => {
    const isMember = Uint8Array.from(values, (other) => (Object.is(other, value) ? 1 : 0));
    const [found] = proxiesOf(
      { rowCount: numbers.length, columns: [trait] },
      { group: '', isMember, fold: [], folds: 1 },
    );
    if (!found || found.auc.lower <= TOLD_AUC) return [];
    const group = column.kind === 'numeric' ? String(value) : (column.levels[value] ?? 'missing');
    return [{ feature: column.name, group: `where it is ${group}`, auc: found.auc.value }];
  });
}
