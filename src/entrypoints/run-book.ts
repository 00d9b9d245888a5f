import { join } from 'node:path';
import { bookSteps, type PipelineEvent, PipelineStore, runPipeline } from '../pipeline/index.ts';
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

/** The pipeline of one book, wired to an opened system: call it to run the main job once. */
export function bookPipeline(system: System, options: PortfolioOptions, clock: Clock) {
  const { policyInForce, lake, warehouse, database, registry, online, signer, engine, config } = system;
  const portfolio = { ...system.portfolio, policy: policyInForce };
  const store = new PipelineStore(database, clock);
  const steps = bookSteps({
    portfolio,
    dataDirectory: options.data,
    sourcesDirectory: join(config.home, 'sources'),
    generate: { seed: options.seed, borrowers: options.borrowers },
    lake,
    sealed: openSealedZone({ lake, home: config.home }),
    warehouse,
    registry,
    online,
    signer,
    engine,
    nthread: config.nthread,
    clock,
    codeHash: hashSources,
  });
  const run = (request: BookRun) =>
    runPipeline({ portfolio: portfolio.name, estimators: portfolio.estimators, steps, store, clock, ...request });
  return { store, run };
}
