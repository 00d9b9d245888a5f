import type { DataClass } from './data-class.ts';

/**
 * The feature language: a feature is data, defined once; compilers turn it into DuckDB SQL, Spark SQL and the online
 * evaluation. Every feature is evaluated for one loan application (the spine) at its `applied_at` = asOf, and sees only
 * rows of its source with eventTime < asOf and knownTime < asOf.
 */
export type FeatureDefinition = {
  /** snake_case; the column name everywhere. */
  readonly name: string;
  readonly title: string;
  /** 'minor units', 'days', 'count', 'ratio', 'category', 'share' … */
  readonly unit: string;
  /** What a missing value means, in words: 'no transactions in the window'. */
  readonly nullMeaning: string;
  readonly type: 'numeric' | 'categorical';
  readonly definition: FeatureExpression;
  /** Reason-code dictionary entry: what to tell a borrower when this feature lowers the score. */
  readonly reason: ReasonText;
  /** Known direction of pd in this feature; used as a monotone constraint. Unset: free. */
  readonly monotone?: 'increasing' | 'decreasing';
  /** Overrides upward only: the compiler takes the stricter of this and what lineage gives. */
  readonly dataClass?: DataClass;
};

export type ReasonText = {
  /** Features with one code are one reason (their attributions are summed). */
  readonly code: string;
  /** Plain language, as on an adverse-action notice: 'Account balance too low in the last 90 days'. */
  readonly text: string;
};

export type FeatureExpression =
  /** A column of the loan application itself. */
  | { readonly kind: 'attribute'; readonly column: string }
  /** A column of a table joined by key, e.g. borrowers by borrower_id, then districts by district_id. Latest row known before asOf. */
  | { readonly kind: 'lookup'; readonly path: readonly LookupStep[]; readonly column: string }
  | AggregateExpression
  /** Arithmetic over other features, by name. Null in any operand gives null, unless inside coalesce. */
  | { readonly kind: 'derived'; readonly expression: Arithmetic };

export type LookupStep = { readonly table: string; readonly on: string };

export type AggregateExpression = {
  readonly kind: 'aggregate';
  /** Table with an eventTime and a borrower_id column. */
  readonly source: string;
  readonly aggregate: Aggregate;
  readonly where?: readonly Condition[];
  /** Only rows with asOf - windowDays <= eventTime < asOf; unset: all history. */
  readonly windowDays?: number;
  /** Shifts the window into the past: rows with asOf - offset - window <= eventTime < asOf - offset. Default 0. */
  readonly offsetDays?: number;
};

export type Aggregate =
  | { readonly fn: 'count' } // 0 when there are no rows
  | { readonly fn: 'count_distinct'; readonly column: string } // 0 when none
  | { readonly fn: 'count_distinct_months' } // months of eventTime with at least one row; 0 when none
  | { readonly fn: 'sum'; readonly column: string } // exact integer; 0 when none
  | { readonly fn: 'sum_absolute'; readonly column: string } // sum of |column|; 0 when none
  | { readonly fn: 'mean' | 'stddev' | 'min' | 'max'; readonly column: string } // null when none (stddev: population; null below 2 rows)
  | { readonly fn: 'slope_per_day'; readonly column: string } // least squares against whole days before asOf; null below 2 distinct days
  | { readonly fn: 'days_since_last' | 'days_since_first' } // whole days, null when none
  | { readonly fn: 'first' | 'last'; readonly column: string } // by eventTime, then key; null when none
  | { readonly fn: 'mode'; readonly column: string }; // most frequent text, ties by smallest text; null when none

export type Condition =
  | { readonly column: string; readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly value: number | string }
  | { readonly column: string; readonly op: 'in' | 'not in'; readonly value: readonly (number | string)[] };

export type Arithmetic =
  | { readonly op: 'feature'; readonly name: string }
  | { readonly op: 'number'; readonly value: number }
  | { readonly op: 'add' | 'subtract' | 'multiply'; readonly left: Arithmetic; readonly right: Arithmetic }
  /** Null when the divisor is 0. */
  | { readonly op: 'divide'; readonly left: Arithmetic; readonly right: Arithmetic }
  | { readonly op: 'absolute' | 'negate'; readonly of: Arithmetic }
  | { readonly op: 'least' | 'greatest'; readonly left: Arithmetic; readonly right: Arithmetic }
  | { readonly op: 'coalesce'; readonly of: Arithmetic; readonly otherwise: Arithmetic }
  /** Whole days between a date/timestamp column of the application or a lookup and asOf. */
  | { readonly op: 'days_before_as_of'; readonly of: Extract<FeatureExpression, { kind: 'attribute' | 'lookup' }> };

/** A catalog: every feature of a portfolio, with the tables they may read. */
export type FeatureCatalog = { readonly features: readonly FeatureDefinition[] };
