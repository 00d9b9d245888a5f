/** Credit policy as data: versioned JSON, rules with stable ids. Evaluated in order; the strictest outcome wins. */
export type DecisionOutcome = 'approved' | 'declined' | 'referred' | 'counter_offer';

export type PolicyCondition =
  | { readonly all: readonly PolicyCondition[] }
  | { readonly any: readonly PolicyCondition[] }
  | { readonly not: PolicyCondition }
  /** `fact` is 'pd', 'score', 'grade', 'amountMinor', 'termMonths', 'fraud.score', 'fraud.band', 'fraud.signals', or 'feature.<name>' / 'attribute.<name>'. Missing facts match only 'is_missing'. */
  | { readonly fact: string; readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly value: number | string }
  | { readonly fact: string; readonly op: 'in'; readonly value: readonly (number | string)[] }
  | { readonly fact: string; readonly op: 'is_missing' };

export type PolicyRule = {
  readonly id: string;
  readonly kind: 'knock_out' | 'cut_off' | 'referral';
  readonly description: string;
  readonly when: PolicyCondition;
  readonly outcome: Exclude<DecisionOutcome, 'approved'>;
  readonly reason: { readonly code: string; readonly text: string };
};

export type CreditPolicy = {
  readonly format: 'assay-policy/1';
  readonly version: string;
  readonly status: 'draft' | 'shadow' | 'live';
  readonly description: string;
  /** Largest loan by grade, minor units; above it: counter-offer at the limit. A grade not listed has no limit. */
  readonly limits: readonly { readonly grade: string; readonly maxAmountMinor: number }[];
  /** Annual percentage rate by grade. */
  readonly pricing: readonly { readonly grade: string; readonly annualRatePercent: number }[];
  /** Above this amount a person's answer needs a second person's; minor units. */
  readonly secondApprovalAboveMinor?: number | undefined;
  readonly rules: readonly PolicyRule[];
};
