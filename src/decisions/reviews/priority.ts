import type { CreditPolicy } from '../../domain/index.ts';
import { ofSegmentAndGrade, segmentOfTrace } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';

/** Share of the amount lost when a loan defaults: the supervisory value for senior unsecured claims (Basel CRE32.6), until a book has its own. */
export const LOSS_GIVEN_DEFAULT = 0.45;
/** Where the policy has no price for the grade, and where no term was asked for. */
const DEFAULT_ANNUAL_RATE_PERCENT = 10;
const DEFAULT_TERM_MONTHS = 24;

/**
 * What a person can change: the expected value of perfect information about one application, in minor units.
 *
 *   min( pd * L, (1 - pd) * G ),   L = LGD * amount,   G = amount * annual rate * years / 2
 *
 * L is lost on a default, G is earned by interest on a loan that is paid back evenly (half of the amount is lent on average). Whoever knew
 * the future would avoid pd * L where the loan is granted, or gain (1 - pd) * G where it is not; the smaller of the two is what
 * knowing adds to the better of both blind answers. It grows with the amount and is largest where the two are equal: uncertainty
 * times loss at stake. An application without an amount has 0.
 * @example priorityMinor({ pd: 0.1, amountMinor: 1_000_000, termMonths: 24, annualRatePercent: 12 }) // 45_000
 */
export function priorityMinor(input: {
  readonly pd: number;
  readonly amountMinor: number | null;
  readonly termMonths: number | null;
  readonly annualRatePercent: number | null;
}): number {
  const amount = input.amountMinor ?? 0;
  const years = (input.termMonths ?? DEFAULT_TERM_MONTHS) / 12;
  const rate = (input.annualRatePercent ?? DEFAULT_ANNUAL_RATE_PERCENT) / 100;
  const lost = input.pd * LOSS_GIVEN_DEFAULT * amount;
  const earned = ((1 - input.pd) * amount * rate * years) / 2;
  return Math.round(Math.min(lost, earned));
}

export function priorityOf({ result, application }: DecisionBody, policy: CreditPolicy): number {
  return priorityMinor({
    pd: result.pd,
    amountMinor: numberOrNull(application.columns['amount_minor']),
    termMonths: numberOrNull(application.columns['term_months']),
    annualRatePercent:
      ofSegmentAndGrade(policy.pricing, segmentOfTrace(result.trace), result.grade)?.annualRatePercent ?? null,
  });
}

export const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
