export { isInEea, placesOf } from './places.ts';
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
