import type { CreditPolicy, DecisionOutcome } from '../../domain/index.ts';

export type PolicyStatus = 'draft' | 'shadow' | 'live' | 'retired' | 'rejected';

/** One row of a case table: what an analyst expects of the policy, with the rules that must fire. */
export type PolicyCase = {
  readonly name: string;
  readonly facts: Readonly<Record<string, number | string | null>>;
  readonly expected: { readonly outcome: DecisionOutcome; readonly rules: readonly string[] };
};

export type PolicyVersion = {
  readonly version: string;
  readonly policyHash: string;
  readonly status: PolicyStatus;
  readonly policy: CreditPolicy;
  readonly cases: readonly PolicyCase[];
  readonly proposedBy: string;
  readonly proposedAt: Date;
  readonly approvedBy: string | null;
  readonly changedAt: Date;
};

/** The policy that decides now. */
export type PolicyInForce = { readonly policy: CreditPolicy; readonly policyHash: string };

/** Where decisions get their credit policy from. */
export interface PolicySource {
  live(): Promise<PolicyInForce>;
}
