import type { ErrorParts } from '../../domain/index.ts';

/** What engine and child say to each other. Numbers by the million travel in files, never in messages. */
export type MatrixFile = {
  readonly path: string;
  readonly rowCount: number;
  readonly columnCount: number;
  readonly featureNames: readonly string[];
  readonly featureTypes: readonly ('q' | 'c')[];
  readonly hasLabels: boolean;
  readonly hasWeights: boolean;
};

export type TrainJob = {
  readonly kind: 'train';
  readonly train: MatrixFile;
  readonly validation?: MatrixFile;
  readonly parameters: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly earlyStoppingRounds?: number;
  readonly nthread: number;
  /** Where the JSON model goes. */
  readonly resultPath: string;
};

export type PredictJob = {
  readonly kind: 'margins' | 'contributions';
  readonly modelPath: string;
  readonly matrix: MatrixFile;
  readonly nthread: number;
  /** Where the 32-bit floats go. */
  readonly resultPath: string;
};

export type Job = TrainJob | PredictJob;

export type RoundEvaluation = { readonly round: number; readonly train: number; readonly validation?: number };

export type ChildMessage =
  | { readonly kind: 'ready'; readonly version: string }
  | { readonly kind: 'unusable'; readonly parts: ErrorParts }
  | { readonly kind: 'progress'; readonly round: number; readonly rounds: number }
  | { readonly kind: 'done'; readonly rounds: number; readonly evaluations: readonly RoundEvaluation[] }
  | { readonly kind: 'failed'; readonly message: string };
