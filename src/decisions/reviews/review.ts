import type { DecisionOutcome } from '../../domain/index.ts';
import { strictest } from '../evaluate-policy.ts';
import type { DecisionBody } from '../record.ts';

export type ReviewStatus = 'open' | 'claimed' | 'second' | 'decided';
export type ReviewOutcome = Exclude<DecisionOutcome, 'referred'>;

/** Why a person decided as they did. Codes are for counting, the note is for reading; both are mandatory. */
export const REVIEW_CODES = {
  INCOME_VERIFIED: 'Income verified by documents',
  INCOME_NOT_VERIFIED: 'Income could not be verified',
  BURDEN_ACCEPTABLE: 'Obligations acceptable after review',
  BURDEN_TOO_HIGH: 'Obligations too high after review',
  HISTORY_EXPLAINED: 'Past arrears explained and settled',
  HISTORY_ADVERSE: 'Adverse history not in the data',
  COLLATERAL: 'Security or guarantor offered',
  DATA_CORRECTED: 'Data was wrong and has been corrected',
  DATA_MISSING: 'Information asked for was not given',
  FRAUD_SUSPECTED: 'Suspicion of fraud, passed on',
  SCORE_STANDS: 'The reasons of the score stand',
  POLICY_EXCEPTION: 'Exception from the policy, reasons in the note',
} as const;
export type ReviewCode = keyof typeof REVIEW_CODES;

/**
 * What a borrower is told for a code that speaks against them. A decline for one of the others needs a policy that leans the same way,
 * or the reasons of the score: "an exception" or "internal standards" is no reason (12 CFR 1002.9(b)(2)).
 */
export const ADVERSE_TEXTS: Readonly<Partial<Record<ReviewCode, string>>> = {
  INCOME_NOT_VERIFIED: 'Unable to verify income',
  BURDEN_TOO_HIGH: 'Obligations too high in relation to income',
  HISTORY_ADVERSE: 'Past or present credit obligations not paid as agreed',
  DATA_MISSING: 'Information that was asked for was not given',
  FRAUD_SUSPECTED: 'Unable to verify information stated in the application',
};

/** One application that a person decides. */
export type ReviewCase = {
  readonly caseId: string;
  readonly decisionId: string;
  readonly applicationId: string;
  readonly origin: 'referred' | 'contested';
  /** Why somebody contests the decision. */
  readonly request: string | null;
  readonly openedAt: Date;
  readonly priorityMinor: number;
  readonly amountMinor: number | null;
  readonly submittedBy: string;
  readonly lean: ReviewOutcome;
  readonly needsSecond: boolean;
  readonly status: ReviewStatus;
  readonly claimedBy: string | null;
  readonly claimedAt: Date | null;
  readonly leasedUntil: Date | null;
  readonly outcome: ReviewOutcome | null;
  /** Amount of a counter-offer that the person made; null: that of the policy, or none. */
  readonly offerMinor: number | null;
  readonly code: ReviewCode | null;
  readonly note: string | null;
  readonly firstBy: string | null;
  readonly firstAt: Date | null;
  readonly dwellMs: number | null;
  readonly secondBy: string | null;
  readonly decidedAt: Date | null;
};

export type ReviewAnswer = {
  readonly outcome: ReviewOutcome;
  readonly code: ReviewCode;
  readonly note: string;
  /** Of a counter-offer; unset: the amount the policy offers. */
  readonly offerMinor?: number | undefined;
};

/**
 * What the policy says when referral rules and missing data are left out: the answer a machine would have given. A person who answers
 * otherwise overrides it.
 */
export function leanOf({ result }: Pick<DecisionBody, 'result'>): ReviewOutcome {
  const fired = result.trace.filter(
    ({ fired, kind }) => fired && !['segment', 'referral', 'mandatory_data'].includes(kind),
  );
  const outcome = strictest(fired.map((entry) => entry.outcome).filter((one) => one !== 'referred'));
  return outcome === 'referred' ? 'approved' : outcome;
}

/** Whether an answer goes against the lean of the policy; above it (`high`), money is lent that the policy would not lend. */
export function overrideOf(lean: ReviewOutcome, outcome: ReviewOutcome): 'none' | 'high' | 'low' {
  if (lean === outcome) return 'none';
  return strictest([lean, outcome]) === lean ? 'high' : 'low';
}

/**
 * Whether an answer needs a second person: the amount is above the policy's limit, it lends against the policy, or it is about an
 * application that the same person submitted.
 */
export function needsSecondPerson(
  one: Pick<ReviewCase, 'needsSecond' | 'lean' | 'submittedBy'>,
  answer: Pick<ReviewAnswer, 'outcome'>,
  actor: string,
): boolean {
  return one.needsSecond || overrideOf(one.lean, answer.outcome) === 'high' || one.submittedBy === actor;
}
