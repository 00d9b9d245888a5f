import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecisionDependencies } from '../../src/decisions/index.ts';
import { type FeatureDefinition, type Portfolio, transactionsTable } from '../../src/domain/index.ts';
import {
  createLog,
  type Lake,
  loadConfig,
  migrate,
  type OpenDatabase,
  openDatabase,
  openLocalLake,
  REPOSITORY_ROOT,
  systemClock,
} from '../../src/platform/index.ts';
import { tinyPortfolio } from '../../test/flow/support/tiny-book.ts';
import { tinyModels } from '../../test/flow/support/tiny-models.ts';
import { type Mutation, NO_MUTATION } from './collaborators.ts';
import { brokenIn } from './invariants.ts';
import { Broken, World } from './world.ts';

export type Bench = {
  readonly opened: OpenDatabase;
  readonly home: string;
  readonly lake: Lake;
  readonly models: DecisionDependencies['models'];
  readonly close: () => Promise<void>;
};

export type Outcome = {
  readonly seed: number;
  readonly trace: string;
  readonly steps: number;
  readonly broken: readonly string[];
};

const DEFINITIONS: Readonly<Record<string, FeatureDefinition['definition']>> = {
  past_arrears: { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'count' } },
  income: { kind: 'aggregate', source: 'transactions', aggregate: { fn: 'sum_absolute', column: 'amount_minor' } },
};

const FEATURES = {
  features: tinyPortfolio.features.features.map((feature) => ({
    ...feature,
    definition: DEFINITIONS[feature.name] ?? feature.definition,
  })),
};

/** The tiny book with payments, of which two features are made. */
const portfolioNamed = (name: string): Portfolio => ({
  ...tinyPortfolio,
  name,
  features: FEATURES,
  sources: tinyPortfolio.sources.map((source) => ({
    ...source,
    targets: [...source.targets, { table: transactionsTable, map: () => null }],
  })),
});

/**
 * A database for many worlds, each a book of its own. PostgreSQL itself is not killed here, so that it need not wait for its disk
 * at each commit: bench/ingest-kills.ts and bench/torn.ts are about that.
 */
export async function openBench(): Promise<Bench> {
  const home = await mkdtemp(join(tmpdir(), 'assay-faults-'));
  const open = () => openDatabase(loadConfig({ ASSAY_HOME: home }, '/'), { log: createLog({ logLevel: 'silent' }) });
  const first = await open();
  await migrate(first.database, join(REPOSITORY_ROOT, 'sql/migrations'));
  await first.database.query('ALTER ROLE CURRENT_USER SET synchronous_commit = off');
  await first.close();
  const opened = await open();
  const { database } = opened;
  const directory = join(home, 'models');
  const models = await tinyModels({ home, database, directory, clock: systemClock, catalog: FEATURES });
  const close = async (): Promise<void> => {
    await opened.close();
    await rm(home, { recursive: true, force: true });
  };
  return { opened, home, lake: openLocalLake(join(home, 'lake')), models, close };
}

let books = 0;

/** One seed: so many steps on which things go wrong, then rest, then everything that must hold. */
export async function runSeed(
  bench: Bench,
  seed: number,
  steps: number,
  mutation: Mutation = NO_MUTATION,
): Promise<Outcome> {
  const { opened, home, lake, models } = bench;
  const portfolio = portfolioNamed(`sim-${String(++books).padStart(6, '0')}`);
  const world = await World.open(seed, { ...{ home, lake, models, portfolio, mutation }, database: opened.database });
  let step = 0;
  const broken: string[] = [];
  try {
    for (; step < steps; step++) await world.step();
    await world.settle();
    broken.push(...(await brokenIn(world, opened.connection)));
  } catch (error) {
    if (mutation === NO_MUTATION && !(error instanceof Broken)) throw error;
    broken.push(`step ${step}: ${error instanceof Error ? error.message : error}`);
  }
  return { seed, trace: world.trace, steps: step, broken };
}
