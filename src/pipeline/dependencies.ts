import type { Portfolio } from '../domain/index.ts';
import type { FraudLinkStore } from '../fraud/index.ts';
import type { Consented } from '../ingestion/index.ts';
import type {
  Clock,
  ErasedPersons,
  Lake,
  ModelEvidence,
  ModelRegistry,
  OnlineStore,
  SealedZone,
  Signer,
  Warehouse,
  XgboostEngine,
} from '../platform/index.ts';
import type { JsonObject } from './step.ts';

/** Output of a training job: the files of the signed version, and its predictions by file name. */
export type FetchedTraining = {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly predictions: Readonly<Record<string, Uint8Array>>;
};

/** Everything the steps of one portfolio's pipeline work with; wired in entrypoints/. */
export type PipelineDependencies = {
  readonly portfolio: Portfolio;
  /** Where a real book's files lie (`--data DIR`); a simulated book is written under `sourcesDirectory`. */
  readonly dataDirectory: string;
  readonly sourcesDirectory: string;
  readonly generate: { readonly seed: number; readonly borrowers: number };
  readonly lake: Lake;
  /** Where protected columns go; unset: they are not kept at all. */
  readonly sealed?: SealedZone | undefined;
  /** Whose rows go no further than the raw zone; unset: nobody's. */
  readonly erased?: (() => Promise<ErasedPersons>) | undefined;
  /** Who agreed to social-network columns in development; unset: nobody. */
  readonly consented?: (() => Promise<Consented>) | undefined;
  readonly warehouse: Warehouse;
  readonly registry: ModelRegistry;
  /** What shows that versions may lead with data that must be proven. */
  readonly evidence: ModelEvidence;
  readonly online: OnlineStore;
  /** Keys that decisions look at for fraud; unset: the book has no such checks, or decisions are made elsewhere. */
  readonly links?: FraudLinkStore | undefined;
  readonly signer: Signer;
  /** libxgboost in its child process; asked for only when a step trains. */
  readonly engine: () => Promise<XgboostEngine>;
  /** Fetches what a training job made elsewhere; unset: versions are trained here. */
  readonly fetchTrained?: ((job: JsonObject) => Promise<FetchedTraining>) | undefined;
  /** Puts a registered version where other services read it, and says where; unset: nowhere. */
  readonly packVersion?: ((modelVersion: string) => Promise<JsonObject>) | undefined;
  readonly nthread: number;
  readonly clock: Clock;
  /** Hash of the source code under these folders: what makes a changed program run again. */
  readonly codeHash: (folders: readonly string[]) => Promise<string>;
};
