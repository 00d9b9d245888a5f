import { join } from 'node:path';
import { ConsentStore } from '../decisions/index.ts';
import { admitSocialNetwork, dayOf, socialColumnsOf, tablesOf } from '../features/index.ts';
import { FraudLinkStore } from '../fraud/index.ts';
import {
  bookSteps,
  type PipelineDependencies,
  type PipelineEvent,
  PipelineStore,
  runPipeline,
} from '../pipeline/index.ts';
import {
  type Clock,
  type ErasedRegister,
  hashSources,
  openErasedRegister,
  openPersonVault,
  openSealedZone,
} from '../platform/index.ts';
import type { PortfolioOptions } from './portfolio-options.ts';
import { uuidV7 } from './server/index.ts';
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
  const { policyInForce, lake, warehouse, registry, evidence, online, signer, engine, config } = system;
  const portfolio = { ...system.portfolio, policy: policyInForce };
  admitSocialNetwork(portfolio, dayOf(clock.now()));
  const { database } = system;
  const erased = openErasedRegister({ home: config.home, database, portfolio: portfolio.name, clock });
  return {
    portfolio,
    dataDirectory: options.data,
    sourcesDirectory: join(config.home, 'sources'),
    generate: { seed: options.seed, borrowers: options.borrowers },
    sealed: openSealedZone({ lake, home: config.home }),
    erased: () => erased.current(),
    consented: openConsented(system, clock),
    ...{ lake, warehouse, registry, evidence, online, signer, engine, clock },
    links: openLinks(system, erased, clock),
    nthread: config.nthread,
    codeHash: hashSources,
  };
}

/** Who agreed, for a book with such columns. */
function openConsented({ portfolio, database, config }: System, clock: Clock): PipelineDependencies['consented'] {
  if (socialColumnsOf(tablesOf(portfolio)).length === 0) return undefined;
  const { name } = portfolio;
  const vault = openPersonVault({ home: config.home, database, clock, portfolio: name });
  const consents = new ConsentStore({ database, clock, portfolio: name, vault, newId: () => uuidV7(clock) });
  return () => consents.standing('model_development', clock.now());
}

/** The keys of fraud checks, under the secret of this data directory: decisions made here look at them. */
function openLinks(
  { portfolio, database, config }: System,
  erased: ErasedRegister,
  clock: Clock,
): FraudLinkStore | undefined {
  const { name, fraud: definition } = portfolio;
  if (!definition) return undefined;
  const vault = openPersonVault({ home: config.home, database, clock, portfolio: name });
  return new FraudLinkStore({ database, portfolio: name, definition, vault, erased });
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
