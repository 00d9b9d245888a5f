import type { EstimatorName, Frame, InputColumn } from '../domain/index.ts';

/** Labelled rows. `target`: 1 = defaulted. `weights`: one per row, mean about 1; unset = all 1. */
export type TrainingSet = { readonly frame: Frame; readonly target: Uint8Array; readonly weights?: Float64Array };

export type FitProgress = { readonly done: number; readonly total: number; readonly note?: string };

export type FitContext = {
  readonly seed: number;
  /** Threads for native code; always passed on. */
  readonly nthread: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Known direction of pd by feature name. */
  readonly monotone?: Readonly<Record<string, 'increasing' | 'decreasing'>>;
};

/**
 * What every estimator gives back: plain data that survives JSON (the payload of an artifact), and from it, through
 * `compileEstimator`, the margin and attribution functions.
 */
export type FittedScorecard = {
  readonly kind: 'scorecard';
  readonly inputs: readonly InputColumn[];
  readonly intercept: number;
  readonly characteristics: readonly Characteristic[];
  readonly convergence: Convergence;
};

/** One scored feature: its bins, in order; the row's contribution to the margin is coefficient * woe of its bin. */
export type Characteristic = {
  readonly feature: string;
  readonly coefficient: number;
  readonly standardError: number;
  readonly iv: number;
  readonly bins: readonly Bin[];
};

/** WoE is ln(share of defaults / share of non-defaults): above 0 = riskier than average. */
export type Bin = {
  readonly rule: /** lower <= x < upper; null = open. */
    | { readonly kind: 'interval'; readonly lower: number | null; readonly upper: number | null }
    | { readonly kind: 'levels'; readonly levels: readonly string[] }
    | { readonly kind: 'special'; readonly values: readonly number[] }
    | { readonly kind: 'missing' };
  readonly count: number;
  readonly defaults: number;
  readonly woe: number;
};

/** Values a fit gave to parameters that were left to the data (null), by name; noted in the manifest, absent on a reopened artifact. */
export type SettledParameters = Readonly<Record<string, number>>;

export type FittedLogistic = {
  readonly kind: 'logistic';
  readonly inputs: readonly InputColumn[];
  readonly intercept: number;
  /** Terms of the design, each a numeric transform of one input or a dummy of a level. */
  readonly terms: readonly LogisticTerm[];
  readonly convergence: Convergence;
  readonly settled?: SettledParameters;
};

export type LogisticTerm = {
  readonly feature: string;
  readonly transform: /** (clamp(x, lower, upper) - mean) / scale; missing takes `missing` before scaling. */
    | {
        readonly kind: 'standardized';
        /** ln(1 + x) of the clamped value; `mean`, `scale` and `missing` are then on that scale, `lower` and `upper` on x's. */
        readonly log1p: boolean;
        readonly lower: number;
        readonly upper: number;
        readonly mean: number;
        readonly scale: number;
        readonly missing: number;
      }
    | { readonly kind: 'is_missing' }
    | { readonly kind: 'is_level'; readonly level: string };
  readonly coefficient: number;
  readonly standardError: number;
  /** Mean of the term over the training rows: the attribution reference. */
  readonly trainingMean: number;
};

export type Convergence = { readonly converged: boolean; readonly iterations: number; readonly gradientNorm: number };

export type FittedTrees = {
  readonly kind: 'trees';
  readonly estimator: 'boosted' | 'forest';
  readonly inputs: readonly InputColumn[];
  /** XGBoost's own JSON model, as text, opened by stock XGBoost. */
  readonly modelJson: string;
  readonly rounds: number;
  readonly settled?: SettledParameters;
};

export type FittedEstimator = FittedScorecard | FittedLogistic | FittedTrees;

export interface Estimator<Parameters> {
  readonly name: EstimatorName;
  readonly defaults: Parameters;
  /**
   * Fits on `train`; `validation` is for early stopping only.
   * @throws AssayError bad_input for one class only, no usable column; cancelled when the signal fires.
   */
  fit(
    train: TrainingSet,
    options: { parameters?: Partial<Parameters>; validation?: TrainingSet; context: FitContext },
  ): Promise<FittedEstimator>;
}

/** A fitted estimator made ready to score encoded rows (see `encodeRow`). Pure, synchronous, no allocation per row where possible. */
export type CompiledEstimator = {
  readonly inputs: readonly InputColumn[];
  /** Log-odds of default. For trees: bit-equal (float32) to libxgboost's margin. */
  margin(row: Float64Array): number;
  /**
   * Exact attributions in log-odds, one per input, written into `out`; returns the reference margin (bias).
   * bias + sum(out) = margin (to 1e-6 for trees, 1e-12 else). Above 0 = raises pd against the reference.
   */
  attribute(row: Float64Array, out: Float64Array): number;
};
