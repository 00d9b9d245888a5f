import type { Frame, Portfolio } from '../domain/index.ts';
import type { Clock } from '../platform/index.ts';
import type { AnyEstimator } from './fit-calibrated.ts';

/** Labelled rows as frozen by the feature step, in order of source row (see `readSnapshot` of features/). */
export type TrainingSnapshot = {
  readonly frame: Frame;
  /** 1 = defaulted. */
  readonly target: Uint8Array;
  /** Fold of each row. */
  readonly fold: ArrayLike<number>;
  /** 1 = row of the test split, kept from every fit. */
  readonly isTest: Uint8Array;
  readonly applicationIds: readonly string[];
  /** When each application was made: ISO UTC text without a zone; '' where unknown. */
  readonly asOf: readonly string[];
  readonly manifest: {
    readonly snapshotHash: string;
    readonly catalogHash: string;
    readonly unlabelledRows: number;
  };
};

export type TrainingRequest = {
  readonly portfolio: Pick<
    Portfolio,
    'name' | 'title' | 'description' | 'defaultDefinition' | 'features' | 'split' | 'scale' | 'estimators'
  >;
  readonly estimator: AnyEstimator;
  readonly snapshot: TrainingSnapshot;
  /** Over the estimator's own defaults. */
  readonly parameters?: Readonly<Record<string, number | string | boolean | null>>;
  readonly seed: number;
  readonly nthread: number;
  /** Hash of the code that computes the model (see `hashSources`). */
  readonly codeVersion: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Share of the whole, 0..1. */
  readonly onProgress?: (share: number, note: string) => void;
};
