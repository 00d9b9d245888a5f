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
  /**
   * As few as one column less agrees: a key for each column left out, so that a copy with one thing changed is seen. For three
   * columns or more.
   */
  readonly allButOne?: true;
  /**
   * In the queue of the book those who came later count too: a ring's first member is seen when the others have come. Not for
   * what can be taken from its owner, who did nothing. A decision knows only what came before.
   */
  readonly later?: true;
  /**
   * Counts, both ways in time, what is above the usual of the key itself in the year around: a workplace of many applicants is
   * none of it. Needs to look back, so the queue of the book has it and a decision does not.
   */
  readonly burst?: true;
  /** Applications this many days before count. */
  readonly windowDays: number;
  /** Links that are ordinary: a workplace, a village. Only what is above them counts. */
  readonly ordinary: number;
  /** Evidence of one link above the ordinary, 0 to 1. */
  readonly weight: number;
  /** Evidence of however many, for what alone is no more than a reason to look. Default 1. */
  readonly most?: number;
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
