/** Who lends, where, and whose reports are used: what a notice must name. */
export type Lender = {
  readonly name: string;
  readonly address: string;
  readonly phone?: string;
  /** Where borrowers live: 'US', 'US-CO', 'DE', 'UK' … ; chooses the rules of a notice with the day of the decision. */
  readonly jurisdiction: string;
  /** Federal agencies that administer the ECOA for this creditor (12 CFR 1002, Appendix A). */
  readonly agencies?: readonly ('CFPB' | 'FTC' | 'OCC' | 'FRB' | 'FDIC' | 'NCUA')[];
  /** The consumer reporting agency behind columns of class `bureau`. */
  readonly bureau?: Bureau;
};

export type Bureau = {
  readonly name: string;
  readonly address: string;
  readonly phone: string;
  /** Columns of the loan application; unset where only a report without a score is used. */
  readonly score?: {
    readonly column: string;
    readonly lowest: number;
    readonly highest: number;
    readonly createdOnColumn?: string;
    /** Text column: the key factors of the score as the agency gave them, most important first, between semicolons. */
    readonly keyFactorsColumn?: string;
  };
};
