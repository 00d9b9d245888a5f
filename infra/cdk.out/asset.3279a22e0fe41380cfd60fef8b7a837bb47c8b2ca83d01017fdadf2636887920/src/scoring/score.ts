/** What scoring one borrower gives. */
export type Score = {
  /** Calibrated probability of default, 0 to 1. */
  readonly pd: number;
  /** Points on the model's scale; higher is safer. */
  readonly score: number;
  readonly grade: string;
  /** Raw log-odds of default, before calibration. */
  readonly margin: number;
  /** At most MAX_REASONS, largest first; empty when not asked for or when nothing raises the pd against the reference. */
  readonly reasons: readonly Reason[];
  readonly modelVersion: string;
};

export const MAX_REASONS = 4;

/** Why a score is lower than the reference's. Features that share a code are one reason. */
export type Reason = {
  readonly code: string;
  readonly text: string;
  /** The feature with the largest share in this reason. */
  readonly feature: string;
  /** Score points lost against the reference; above 0 = lowers the score. */
  readonly points: number;
  /** Sum of the exact attributions of the code's features, in log-odds before calibration; above 0. */
  readonly attribution: number;
};
