import { AssayError } from '../errors.ts';
import { placesOf } from './places.ts';
import pack from './rules.json' with { type: 'json' };

/** What a rule makes a notice or a check hold; see `decisions/notices`. */
export const RULE_OUTPUTS = [
  'ecoa_statement',
  'statement_of_reasons',
  'fcra_report',
  'risk_based_pricing',
  'disparate_impact',
  'automated_decision',
  'human_review',
  'explanation',
  'counterfactual',
  'database_consulted',
  'debt_advice',
  'correction',
  'opt_out',
  'consent',
  'no_social_network',
] as const;
export type RuleOutput = (typeof RULE_OUTPUTS)[number];

/** One rule of one place and time. Dates are days, both included; null: no bound. */
export type JurisdictionRule = {
  readonly id: string;
  readonly jurisdiction: string;
  readonly title: string;
  readonly citation: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly source: 'primary' | 'secondary';
  readonly gives: readonly RuleOutput[];
  /** Where the software does it, and the test that shows it. */
  readonly control: string;
  readonly test: string;
};

export type Agency = {
  readonly id: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly text: string;
};

/** Every rule, those of the past and those still to come included. */
export const JURISDICTION_RULES = pack.rules as readonly JurisdictionRule[];
/** Laws that were made and replaced before they applied: never cited as current. */
export const NEVER_IN_FORCE: readonly { readonly citation: string; readonly replacedBy: string }[] = pack.neverInForce;

/**
 * The rules of a place on a day, those of the wider places it lies in included, in the order of the pack.
 * @throws AssayError bad_input for what is no place or no day
 * @example rulesInForce('DE', '2026-11-25').map((rule) => rule.id) // ['eu-gdpr-22', …, 'eu-ccd-2023', …]
 */
export function rulesInForce(jurisdiction: string, day: string): JurisdictionRule[] {
  assertPlace(jurisdiction);
  assertDay(day);
  const places = placesOf(jurisdiction);
  return JURISDICTION_RULES.filter((rule) => places.includes(rule.jurisdiction) && isWithin(rule, day));
}

/** Name and address of a federal agency as notices of that day give it. @throws AssayError bad_input for an unknown one */
export function agencyText(id: string, day: string): string {
  const found = pack.agencies.find((agency) => agency.id === id && isWithin(agency, day));
  if (found) return found.text;
  throw new AssayError('bad_input', {
    what: 'no such agency',
    given: id,
    allowed: [...new Set(pack.agencies.map((agency) => agency.id))].join(', '),
    fix: "correct the lender's agencies in the portfolio",
  });
}

function isWithin({ from, to }: { readonly from: string | null; readonly to: string | null }, day: string): boolean {
  return (from === null || from <= day) && (to === null || day <= to);
}

function assertPlace(jurisdiction: string): void {
  if (/^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$/.test(jurisdiction)) return;
  throw new AssayError('bad_input', {
    what: 'not a jurisdiction',
    given: jurisdiction,
    allowed: 'a country (US, DE, UK), EU, EEA, or a state of a country (US-CO)',
    issues: [{ path: 'jurisdiction', message: 'must be a country, EU, EEA, or a state such as US-CO' }],
  });
}

function assertDay(day: string): void {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)) return;
  const message = 'must be a day, YYYY-MM-DD';
  throw new AssayError('bad_input', {
    what: 'not a day',
    given: day,
    allowed: 'YYYY-MM-DD',
    issues: [{ path: 'on', message }],
  });
}
