/**
 * What must be there before social-network data may be looked at in a book. Off by default: unset means refused. Never opens the EU
 * and EEA; see features/social-network-gate.ts.
 */
export type SocialNetworkGate = {
  readonly enabled: boolean;
  /** Every place where the lender lends or has a branch, beside its own: each must allow it. */
  readonly jurisdictions: readonly string[];
  /** Column of loan_applications that says where a borrower lives: nobody in the EEA, or of whom it is not known, is asked about. */
  readonly residenceColumn?: string;
  /** Who vouches that the platform's terms allow credit decisions; each platform for itself. */
  readonly attestations: readonly {
    readonly platform: string;
    readonly attestedBy: string;
    readonly attestedOn: string;
  }[];
};
