/**
 * What a borrower can move, and how far: the only things a counterfactual may ask for. What no lever names (age, sex, family,
 * where somebody lives, what lies in the past) is never asked for.
 */
export type Lever = {
  readonly id: string;
  /**
   * `request`: part of the loan application, and can be another one today. `conduct`: moves with what the borrower does from
   * now on, and is seen in a new application after `overDays`.
   */
  readonly kind: 'request' | 'conduct';
  /** A column of the loan application, or a feature that is not derived from others. */
  readonly on: { readonly column: string } | { readonly feature: string };
  readonly direction: 'lower' | 'higher';
  /** Never asked to go beyond. Money: minor units. */
  readonly limit: number;
  /** Values asked for are whole multiples of this. */
  readonly step: number;
  /** Features that move by the same difference: a smaller debt order makes the total of all orders smaller. */
  readonly also?: readonly string[];
  /** `conduct` only: days after which a new application shows it. */
  readonly overDays?: number;
  /** What to do, in plain language: 'Ask for a smaller amount'. */
  readonly advice: string;
};
