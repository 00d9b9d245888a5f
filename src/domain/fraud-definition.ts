/**
 * What a portfolio looks at for application fraud: keys that applications of different borrowers should not share, and how its
 * stated income can be held against evidence. Data, read alike by the batch scan and by every decision.
 */
export type FraudDefinition = {
  readonly links: readonly FraudLink[];
  readonly income?: FraudIncome;
};

export type FraudLink = {
  readonly id: string;
  readonly kind: 'identity' | 'device' | 'phone' | 'email' | 'address' | 'employer' | 'pattern';
  /** Columns of the loan application that make the key together; a missing one makes none. */
  readonly columns: readonly string[];
  /**
   * Columns that would agree if it were the same person or record coming again: only applications that differ in one of them
   * count. Unset: all do.
   */
  readonly differs?: readonly string[];
  /** Applications this many days before count. */
  readonly windowDays: number;
  /** Links that are ordinary: a workplace, a village. Only what is above them counts. */
  readonly ordinary: number;
  /** Evidence of one link above the ordinary, 0 to 1. */
  readonly weight: number;
  /** What is said: 'Same device as applications of other borrowers'. */
  readonly text: string;
};

export type FraudIncome = {
  /** Stated income, minor units. */
  readonly column: string;
  /** A feature with income that was seen, in the same period; unset: held against applicants alike. */
  readonly evidenceFeature?: string;
  /** Columns that tell what income is usual: numbers and categories. */
  readonly usual: readonly string[];
};
