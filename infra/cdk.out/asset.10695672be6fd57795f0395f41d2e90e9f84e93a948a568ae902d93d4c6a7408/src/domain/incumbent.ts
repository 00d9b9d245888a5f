import type { PolicyCondition } from './credit-policy.ts';

/**
 * The rule a lender decides by before Assay, as data: what a model is compared with. It orders loan applications from safe to
 * risky; its facts are columns of `loan_applications`, written `attribute.<column>`.
 */
export type Incumbent = {
  readonly title: string;
  /** Where the rule is stated. */
  readonly source: string;
  readonly rule: IncumbentRule;
  /** Whom the rule approves today; unset where the book does not say. */
  readonly approves?: PolicyCondition;
  /** Three-way use: the best and the worst share of applicants decided without a person; those between are referred. */
  readonly threeWay: ThreeWayShares;
};

export type IncumbentRule =
  /** The sum of the points whose condition holds; more points, more risk. A condition on a missing fact does not hold. */
  | { readonly kind: 'points'; readonly items: readonly { readonly points: number; readonly when: PolicyCondition }[] }
  /** By the first column, ties by the next; a missing value counts as riskiest. */
  | {
      readonly kind: 'order';
      readonly by: readonly { readonly column: string; readonly riskier: 'higher' | 'lower' }[];
    };

export type ThreeWayShares = { readonly approved: number; readonly declined: number };
