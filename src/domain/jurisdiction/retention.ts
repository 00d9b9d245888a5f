import { placesOf } from './places.ts';
import retention from './retention.json' with { type: 'json' };

export type RetentionRule = {
  readonly id: string;
  readonly place: string;
  /** First and last day in force; null: before anything kept here, and still. */
  readonly from: string | null;
  readonly to: string | null;
  readonly months: number;
  readonly what: string;
  readonly source: string;
  /** Whether the text itself was read; `secondary` is to be confirmed before it is quoted. */
  readonly read: 'primary' | 'secondary';
};

export const RETENTION_RULES = retention.rules as readonly RetentionRule[];

/**
 * The rule that keeps a decision longest: of the places the lender's place lies in, those in force on the day of the decision.
 * Undefined where none is.
 * @example longestRetention('US-CO', '2027-03-01')?.months // 36
 */
export function longestRetention(jurisdiction: string, day: string): RetentionRule | undefined {
  const places = placesOf(jurisdiction);
  return RETENTION_RULES.filter(({ place, from, to }) => {
    const isInForce = (from === null || from <= day) && (to === null || day <= to);
    return isInForce && places.includes(place);
  }).reduce<RetentionRule | undefined>(
    (longest, rule) => (rule.months > (longest?.months ?? 0) ? rule : longest),
    undefined,
  );
}
