import type { JsonValue } from '../platform/index.ts';

export type JsonObject = { [key: string]: JsonValue };

export type StepProgress = (done: number, total: number, note?: string) => void;

export type StepRequest = {
  /** The input of the state, as the state machine gives it. */
  readonly input: JsonObject;
  readonly signal: AbortSignal;
  readonly onProgress: StepProgress;
};

/** One Task state of the state machine: idempotent, resumable, and found again by the hash of what it depends on. */
export type PipelineStep = {
  /** The name of the Task state in credit-risk.asl.json. */
  readonly state: string;
  readonly title: string;
  /** '' for a plain step; the mapped item (say, the estimator) otherwise. */
  readonly itemOf?: (input: JsonObject) => string;
  /** Hash over everything the output depends on: data, options, and the code that computes it. */
  readonly inputHash: (input: JsonObject) => Promise<string>;
  readonly run: (request: StepRequest) => Promise<JsonObject>;
  /** Whether an earlier output still stands, i.e. the files it names are there. */
  readonly stands: (output: JsonObject) => Promise<boolean>;
};
