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

/** Applicants with limits or prices of their own. */
export type PolicySegment = {
  readonly id: string;
  readonly description: string;
  readonly when: PolicyCondition;
};

/** Of a grade; with `segment`, of that segment's applicants in that grade. */
export type GradeLimit = {
  readonly grade: string;
  readonly segment?: string | undefined;
  readonly maxAmountMinor: number;
};
export type GradePrice = {
  readonly grade: string;
  readonly segment?: string | undefined;
  readonly annualRatePercent: number;
};

export type CreditPolicy = {
  readonly format: 'assay-policy/1';
  readonly version: string;
  readonly status: 'draft' | 'shadow' | 'live';
  readonly description: string;
  /** In order: an applicant is of the first whose condition holds, and of none where that cannot be said. */
  readonly segments?: readonly PolicySegment[] | undefined;
  /**
   * Largest loan, minor units; above it: counter-offer at the limit. The entry of the applicant's segment and grade counts before that of the
   * grade alone; where neither is listed there is no limit.
   */
  readonly limits: readonly GradeLimit[];
  /** Annual percentage rate, found as limits are. */
  readonly pricing: readonly GradePrice[];
  /** Above this amount a person's answer needs a second person's; minor units. */
  readonly secondApprovalAboveMinor?: number | undefined;
  readonly rules: readonly PolicyRule[];
};
