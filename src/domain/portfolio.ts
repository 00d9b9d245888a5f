import type { CreditPolicy } from './credit-policy.ts';
import type { ExternalSource } from './external-source.ts';
import type { FeatureCatalog } from './feature.ts';
import type { FraudDefinition } from './fraud-definition.ts';
import type { Incumbent } from './incumbent.ts';
import type { Lender } from './lender.ts';
import type { Lever } from './lever.ts';
import type { EstimatorName, ScoreScale } from './model.ts';
import type { SocialNetworkGate } from './social-network.ts';
import type { SourceFile } from './source.ts';

/** What a lender writes to use Assay on its own book: one folder `portfolios/<name>/`, default export of portfolio.ts. */
export type Portfolio = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly currency: string;
  /** Set for a simulated book: writes its source files into `directory`, deterministically; same options, same bytes. */
  readonly generate?: (options: GenerateOptions) => Promise<void>;
  readonly sources: readonly SourceFile[];
  /**
   * The data ends in the past (a demonstration, a public data set): decisions are made in the book's own time, which goes on
   * from its last fact. Unset: a live book, decided as of now.
   */
  readonly endsWithData?: boolean;
  readonly defaultDefinition: {
    readonly description: string;
    /** Months after the observation point within which a default counts. */
    readonly outcomeWindowMonths: number | null;
  };
  readonly features: FeatureCatalog;
  /** Asked while a decision waits. */
  readonly externalSources?: readonly ExternalSource[];
  /** How model development splits the labelled applications. */
  readonly split: SplitPlan;
  readonly estimators: readonly EstimatorName[];
  /** The estimator whose version is promoted when the pipeline picks; unset: best out-of-fold AUC. */
  readonly championEstimator?: EstimatorName;
  readonly scale: ScoreScale;
  readonly policy: CreditPolicy;
  /** What a counterfactual may ask for. Unset: a smaller amount, where the loan application has one. */
  readonly levers?: readonly Lever[];
  /** What the lender decides by today; `assay simulate` measures a model against it. */
  readonly incumbent?: Incumbent;
  /** Named by notices. Unset: notices cannot be made for this book. */
  readonly lender?: Lender;
  /** What is looked at for application fraud; unset: nothing is. */
  readonly fraud?: FraudDefinition;
  /** Unset, as in every bundled book: social-network data is closed. */
  readonly socialNetwork?: SocialNetworkGate;
  /**
   * Features of class `alternative` lead only when they are shown to help out of sample and to harm no group, as social-network
   * data always must.
   */
  readonly alternativeNeedsLift?: boolean;
  /** Columns of `borrowers` (or of loan_applications) of class `protected`, kept for fairness checks only. */
  readonly protectedAttributes: readonly ProtectedAttribute[];
  /** Feature names the Segments page groups by. */
  readonly segments: readonly string[];
};

export type ProtectedAttribute = {
  readonly table: 'borrowers' | 'loan_applications';
  readonly column: string;
  readonly title: string;
};

export type SplitPlan =
  /** Fold of row i by sha256("<name>:<i>") as in the fold rule; rows in file order. */
  | { readonly kind: 'folds'; readonly name: string; readonly folds: number }
  /** Train on applications before `trainUntil`, test on those from it on; folds by hash inside training. */
  | { readonly kind: 'out_of_time'; readonly trainUntil: string; readonly name: string; readonly folds: number };

export type GenerateOptions = {
  readonly directory: string;
  readonly seed: number;
  readonly borrowers: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
};
