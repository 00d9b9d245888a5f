import type { AssayErrorCode, ErrorParts } from '../../domain/index.ts';
import type { PipelineEvent } from '../../pipeline/index.ts';
import type { PortfolioOptions } from '../portfolio-options.ts';

/** What the server asks of the process that runs a pipeline. */
export type RunOrder = {
  readonly kind: 'run';
  readonly options: PortfolioOptions;
  readonly trigger: string;
  readonly from?: string;
};
export type ParentMessage = RunOrder | { readonly kind: 'cancel'; readonly what: string };

/** What it says on the way. */
export type ChildMessage =
  | { readonly kind: 'started'; readonly runId: string }
  | { readonly kind: 'event'; readonly event: PipelineEvent }
  | { readonly kind: 'done'; readonly runId: string }
  | { readonly kind: 'failed'; readonly code: AssayErrorCode; readonly parts: ErrorParts };
