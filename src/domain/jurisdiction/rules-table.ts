import { placesOf } from './places.ts';
import { longestRetention, RETENTION_RULES, type RetentionRule } from './retention.ts';
import { JURISDICTION_RULES, type JurisdictionRule, type RuleOutput, rulesInForce } from './rules.ts';

/** What holds in a place from a day on, until the next row of the same place. */
export type RulesRow = {
  readonly place: string;
  /** First day; null: from before any rule here begins. */
  readonly from: string | null;
  readonly rules: readonly JurisdictionRule[];
  /** What notices and checks must give out. */
  readonly gives: readonly RuleOutput[];
  readonly kept: RetentionRule | null;
};

/** Places with rules of their own, and one of each union. */
export const RULE_PLACES: readonly string[] = [
  ...new Set(['DE', 'NO', ...JURISDICTION_RULES.map((rule) => rule.jurisdiction).filter((place) => place !== '*')]),
].sort();

/**
 * Jurisdiction by date: for each place one row on each of the days, or, without days, one for each day on which anything changes there
 * (the day after a rule's last counts), retention included.
 * @throws AssayError bad_input for what is no place or no day
 * @example rulesTable({ places: ['DE'], days: ['2026-11-19', '2026-11-20'] }).map(({ gives }) => gives)
 */
export function rulesTable(options: {
  readonly places?: readonly string[];
  readonly days?: readonly string[];
}): RulesRow[] {
  const { places = RULE_PLACES, days } = options;
  return places.flatMap((place) => (days ?? changesOf(place)).map((day) => rowOf(place, day)));
}

/** Before every rule that begins on a day: those alone hold that have no beginning. */
const BEFORE = '1900-01-01';

function changesOf(place: string): string[] {
  const wider = placesOf(place);
  const dated = [
    ...JURISDICTION_RULES.filter((rule) => wider.includes(rule.jurisdiction)),
    ...RETENTION_RULES.filter((rule) => wider.includes(rule.place)),
  ];
  const days = dated.flatMap(({ from, to }) => [...(from ? [from] : []), ...(to ? [dayAfter(to)] : [])]);
  return [...new Set([BEFORE, ...days])].sort();
}

function rowOf(place: string, day: string): RulesRow {
  const rules = rulesInForce(place, day);
  return {
    place,
    from: day === BEFORE ? null : day,
    rules,
    gives: [...new Set(rules.flatMap(({ gives }) => gives))],
    kept: longestRetention(place, day) ?? null,
  };
}

const dayAfter = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
