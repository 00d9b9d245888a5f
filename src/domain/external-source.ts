/**
 * A source outside that is asked for one borrower while a decision waits (a credit bureau). Its address is configuration:
 * ASSAY_SOURCE_<NAME>_URL, its host must be in ASSAY_SOURCE_HOSTS.
 */
export type ExternalSource = {
  /** Lower-case letters, digits and underscores. */
  readonly name: string;
  /** Table of the book that its rows are of; it must have borrower_id. */
  readonly table: string;
  /** Without its answer an application is referred. */
  readonly mandatory: boolean;
  readonly deadlineMs: number;
  readonly maxBytes: number;
  /** A report that is older when it comes is no report. Unset: of any age. */
  readonly maxAgeDays?: number;
};
