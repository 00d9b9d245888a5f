import { compareText } from '../../domain/index.ts';

/** A trait with more values is a number (an age, a date of birth), or many groups, of which the largest are looked at. */
export const MAX_GROUPS = 12;

export type Membership = { readonly group: string; readonly isMember: Uint8Array };

/**
 * The groups that the values of a trait make, largest first; of a number those above its median.
 * @returns numbers: the values, where the trait is a number; else null
 */
export function membershipsOf(traits: readonly string[]): {
  readonly memberships: readonly Membership[];
  readonly numbers: Float64Array | null;
} {
  const groups = groupsOf(traits);
  const numbers = groups.length > MAX_GROUPS ? numbersOf(traits) : null;
  const memberships = numbers
    ? [aboveMedian(numbers)]
    : groups.slice(0, MAX_GROUPS).map((group) => ofGroup(group, traits));
  return { memberships, numbers };
}

/** Largest first. */
function groupsOf(traits: readonly string[]): string[] {
  const rows = new Map<string, number>();
  for (const trait of traits) rows.set(trait, (rows.get(trait) ?? 0) + 1);
  return [...rows].sort(([a, m], [b, n]) => n - m || compareText(a, b)).map(([group]) => group);
}

/** Numbers, or days of dates; null when some are neither. */
function numbersOf(traits: readonly string[]): Float64Array | null {
  const numbers = Float64Array.from(traits, (trait) =>
    ISO_DAY.test(trait) ? Date.parse(trait.slice(0, 10)) : Number(trait),
  );
  return numbers.every(Number.isFinite) ? numbers : null;
}
const ISO_DAY = /^\d{4}-\d{2}-\d{2}/;

function ofGroup(group: string, traits: readonly string[]): Membership {
  return { group, isMember: Uint8Array.from(traits, (trait) => (trait === group ? 1 : 0)) };
}

function aboveMedian(numbers: Float64Array): Membership {
  const median = numbers.toSorted()[numbers.length >> 1]!;
  return { group: 'above the median', isMember: Uint8Array.from(numbers, (number) => (number > median ? 1 : 0)) };
}
