import type { InputColumn } from './frame.ts';
import type { ReasonDictionary } from './reason-dictionary.ts';

export const ESTIMATOR_NAMES = ['scorecard', 'logistic', 'forest', 'boosted'] as const;
export type EstimatorName = (typeof ESTIMATOR_NAMES)[number];

/** points = baseScore + factor * (ln(good/bad odds) - ln(baseOdds)), factor = pdo / ln 2. Higher is safer. */
export type ScoreScale = { readonly baseScore: number; readonly baseOdds: number; readonly pdo: number };

/** Maps a raw margin (log-odds of default) to a calibrated pd. */
export type Calibration =
  | { readonly kind: 'identity' }
  /** pd = 1 / (1 + exp(-(intercept + slope * margin))) */
  | { readonly kind: 'platt'; readonly intercept: number; readonly slope: number }
  /** Piecewise linear in margin between knots, clamped outside; pds non-decreasing and strictly inside (0, 1). */
  | { readonly kind: 'isotonic'; readonly margins: readonly number[]; readonly pds: readonly number[] };

/** A grade holds pds with lower < pd <= upper; bands are in order of risk and cover (0, 1]. */
export type GradeBand = { readonly grade: string; readonly upperPd: number };

export type Interval = { readonly value: number; readonly lower: number; readonly upper: number };

/** Discrimination and calibration of predictions on one data set. Intervals are 95 %. */
export type Metrics = {
  readonly rows: number;
  readonly defaults: number;
  readonly auc: Interval; // DeLong
  readonly gini: Interval;
  readonly ks: Interval; // bootstrap
  readonly brier: Interval; // bootstrap
  readonly logLoss: number;
  readonly calibrationSlope: Interval;
  readonly calibrationIntercept: number;
  /** Expected calibration error over 10 equal-count bins. */
  readonly ece: number;
};

export type FeatureImportance = { readonly feature: string; readonly share: number };

/** What a model version is: written once, signed, never changed. Files lie beside it. */
export type ModelManifest = {
  readonly format: 'assay-model/1';
  /** `<portfolio>-<estimator>-<first 12 hex of the content hash>` */
  readonly modelVersion: string;
  readonly portfolio: string;
  readonly estimator: EstimatorName;
  /** ISO time, from the clock. */
  readonly createdAt: string;
  readonly snapshotHash: string;
  readonly catalogHash: string;
  readonly codeVersion: string;
  readonly seed: number;
  readonly inputs: readonly InputColumn[];
  readonly parameters: Readonly<Record<string, number | string | boolean | null>>;
  readonly calibration: Calibration;
  readonly scale: ScoreScale;
  readonly grades: readonly GradeBand[];
  /** By split: 'train', 'validation', 'out_of_time', 'out_of_fold'. */
  readonly metrics: Readonly<Record<string, Metrics>>;
  readonly importance: readonly FeatureImportance[];
  /** What attributions are measured against; named in the model document. */
  readonly reference: { readonly kind: 'average_approved' | 'maximum_points' | 'training_mean'; readonly note: string };
  /** feature -> reason code and text, as of training. */
  readonly reasons: ReasonDictionary;
  /** Version of `reasons`; see `reasonDictionaryHash`. Absent from versions trained before it was kept. */
  readonly reasonsHash?: string | undefined;
  readonly payload: {
    readonly file: string;
    readonly sha256: string;
    readonly format: 'xgboost-json' | 'assay-scorecard/1' | 'assay-logistic/1';
  };
};
