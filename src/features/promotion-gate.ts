import {
  AssayError,
  type GroupImpact,
  type LiftEvidence,
  type ModelManifest,
  type Portfolio,
  type ProvenClass,
} from '../domain/index.ts';
import { checkCatalog } from './check-catalog.ts';
import { tablesOf } from './processed-views.ts';

type Book = Pick<Portfolio, 'features' | 'sources' | 'alternativeNeedsLift'>;
type Version = Pick<ModelManifest, 'modelVersion' | 'snapshotHash' | 'inputs'>;

/** What a version reads of a class that must be proven. */
export type ProvenInputs = { readonly dataClass: ProvenClass; readonly features: readonly string[] };

/** Social-network data always; alternative data where the book says so (`alternativeNeedsLift`). */
export function provenInputs(portfolio: Book, { inputs }: Pick<Version, 'inputs'>): ProvenInputs[] {
  const read = new Set(inputs.map(({ name }) => name));
  const classes: ProvenClass[] = portfolio.alternativeNeedsLift
    ? ['alternative', 'social_network']
    : ['social_network'];
  const { features } = checkCatalog(portfolio.features, tablesOf(portfolio));
  return classes.flatMap((dataClass) => {
    const found = features.filter((one) => one.dataClass === dataClass && read.has(one.definition.name));
    return found.length === 0 ? [] : [{ dataClass, features: found.map(({ definition }) => definition.name).sort() }];
  });
}

/**
 * Why evidence does not carry a version: its lift is not shown out of sample, a group is approved less than before beside the
 * largest, or social-network data is used where no group is known. Empty when it may lead.
 *
 * The impact ratio is compared as measured, without an allowance for chance: the rule is that no group's ratio falls.
 */
export function liftRefusals({
  lift,
  groups,
  dataClass,
}: Pick<LiftEvidence, 'lift' | 'groups' | 'dataClass'>): string[] {
  const isSeen = groups.some(({ airWith, airWithout }) => airWith && airWithout);
  return [
    ...(lift.lower > 0 ? [] : [`the interval of the lift (${fixed(lift.lower)} to ${fixed(lift.upper)}) holds 0`]),
    ...(dataClass === 'social_network' && !isSeen ? ['no group is known to see whether it loses'] : []),
    ...groups.flatMap(fallOf),
  ];
}

function fallOf({ trait, name, airWith, airWithout }: GroupImpact): string[] {
  if (!airWithout) return [];
  if (!airWith) return [`nobody of ${name} (${trait}) is approved any more`];
  if (airWith.value >= airWithout.value) return [];
  return [`the impact ratio of ${name} (${trait}) falls from ${fixed(airWithout.value)} to ${fixed(airWith.value)}`];
}

const fixed = (value: number): string => value.toFixed(4);

/**
 * Refuses to make a version the champion whose use of social-network (or, where the book says so, alternative) data is not shown to
 * help out of sample and to harm no group.
 * @param evidence of this version, with signatures checked
 * @throws AssayError forbidden naming the features and what is missing
 */
export function refuseWithoutLift(portfolio: Book, version: Version, evidence: readonly LiftEvidence[]): void {
  for (const { dataClass, features } of provenInputs(portfolio, version)) {
    const found = evidence.find((one) => one.dataClass === dataClass && isOf(one, version, features));
    const refusals = found ? liftRefusals(found) : ['nothing shows what they add'];
    if (refusals.length === 0) continue;
    throw new AssayError('forbidden', {
      what: `this version reads ${dataClass} data, and nothing shows that it may lead with it`,
      given: `${features.join(', ')}: ${refusals.join('; ')}`,
      allowed: 'an interval of the lift out of sample above 0, and no group whose impact ratio falls',
      fix: found
        ? `promote the version without them: ${found.challenger}`
        : `measure it: assay models evidence ${version.modelVersion}`,
    });
  }
}

function isOf(evidence: LiftEvidence, version: Version, features: readonly string[]): boolean {
  const isSame = evidence.modelVersion === version.modelVersion && evidence.snapshotHash === version.snapshotHash;
  return isSame && evidence.features.join() === features.join();
}
