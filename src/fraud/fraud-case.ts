/** What a person found: fraud, none, or neither could be shown. */
export type FraudVerdict = 'confirmed' | 'cleared' | 'unsure';

/** A suspicious application that a person looks into. */
export type FraudCase = {
  readonly applicationId: string;
  /** As assessed when the case was first taken. */
  readonly score: number;
  readonly band: 'low' | 'look' | 'high';
  readonly signals: readonly string[];
  readonly status: 'open' | 'claimed' | 'decided';
  readonly claimedBy: string | null;
  readonly leasedUntil: Date | null;
  readonly verdict: FraudVerdict | null;
  /** Why; of an erased person it is gone. */
  readonly note: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly dwellMs: number | null;
};

/** A label of fraud: apart from whether the loan was repaid, which it says nothing about. */
export type FraudLabel = {
  readonly applicationId: string;
  readonly verdict: FraudVerdict;
  readonly signals: readonly string[];
};
