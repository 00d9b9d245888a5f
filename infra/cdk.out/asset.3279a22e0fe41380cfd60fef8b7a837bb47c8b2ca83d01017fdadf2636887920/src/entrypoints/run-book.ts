import { join } from 'node:path';
import {
  bookSteps,
  type PipelineDependencies,
  type PipelineEvent,
  PipelineStore,
  runPipeline,
} from '../pipeline/index.ts';
import { type Clock, hashSources, openSealedZone } from '../platform/index.ts';
import type { PortfolioOptions } from './portfolio-options.ts';
import type { System } from './system.ts';

export type BookRun = {
  readonly trigger: string;
  readonly signal: AbortSignal;
  readonly from?: string;
  readonly onEvent?: (event: PipelineEvent) => void;
  readonly onStart?: (runId: string) => void;
};

/** What the steps of a book work with, from an opened system. */
export function pipelineDependencies(system: System, options: PortfolioOptions, clock: Clock): PipelineDependencies {
  const { policyInForce, lake, warehouse, registry, online, signer, engine, config } = system;
  const portfolio = { ...system.portfolio, policy: policyInForce };
  return {
    portfolio,
    dataDirectory: options.data,
    sourcesDirectory: join(config.home, 'sources'),
    generate: { seed: options.seed, borrowers: options.borrowers },
    sealed: openSealedZone({ lake, home: config.home }),
    ...{ lake, warehouse, registry, online, signer, engine, clock },
    nthread: config.nthread,
    codeHash: hashSources,
  };
}

/** The pipeline of one book, wired to an opened system: call it to run the main job once. */
export function bookPipeline(system: System, options: PortfolioOptions, clock: Clock) {
  const { portfolio, database } = system;
  const store = new PipelineStore(database, clock);
  const steps = bookSteps(pipelineDependencies(system, options, clock));
  const run = (request: BookRun) =>
    runPipeline({ portfolio: portfolio.name, estimators: portfolio.estimators, steps, store, clock, ...request });
  return { store, run };
}
