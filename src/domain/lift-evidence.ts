import type { DataClass } from './data-class.ts';
import type { Interval } from './model.ts';

/** Classes of features whose use must be shown to help, and to harm no group, before a version leads with them. */
export type ProvenClass = Extract<DataClass, 'alternative' | 'social_network'>;

/** What a version is worth beside the same estimator without the features of one class, on the same rows and folds. */
export type LiftEvidence = {
  readonly format: 'assay-lift/1';
  readonly modelVersion: string;
  readonly snapshotHash: string;
  readonly dataClass: ProvenClass;
  /** What the version reads of that class, sorted. */
  readonly features: readonly string[];
  /** The version trained without them: same estimator, rows, folds, parameters and seed. */
  readonly challenger: string;
  /** Rows that neither model saw: the test split where the plan has one, else every training row in its fold. */
  readonly measuredOn: 'out_of_time' | 'out_of_fold';
  readonly rows: number;
  readonly defaults: number;
  readonly aucWith: number;
  readonly aucWithout: number;
  /** AUC with minus AUC without, 95 % by DeLong's paired test. */
  readonly lift: Interval;
  /** Both approve this share of the rows, those with the lowest pd. */
  readonly approvedShare: number;
  /** Protected traits that impact ratios were measured by; none where the book keeps none. */
  readonly traits: readonly string[];
  readonly groups: readonly GroupImpact[];
  /** ISO time, from the clock. */
  readonly measuredAt: string;
};

export type GroupImpact = {
  readonly trait: string;
  readonly name: string;
  readonly count: number;
  /** Approval rate over that of the largest group; null for a group too small to say, and where one approved nobody. */
  readonly airWith: Interval | null;
  readonly airWithout: Interval | null;
};
