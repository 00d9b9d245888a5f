export { isInEea, placeOf, placesOf } from './places.ts';
export { longestRetention, RETENTION_RULES, type RetentionRule } from './retention.ts';
export {
  type Agency,
  agencyText,
  JURISDICTION_RULES,
  type JurisdictionRule,
  NEVER_IN_FORCE,
  RULE_OUTPUTS,
  type RuleOutput,
  rulesInForce,
} from './rules.ts';
export { RULE_PLACES, type RulesRow, rulesTable } from './rules-table.ts';
