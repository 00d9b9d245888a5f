import { readPolicyCases } from '../../portfolios/index.ts';
import { parsePolicyCases } from '../decisions/index.ts';
import { catalogHash } from '../features/index.ts';
import { loadConfig } from '../platform/index.ts';
import type { CommandContext } from './context.ts';
import { type OpenDecisions, openDecisions, proofFor, registryModels } from './server/index.ts';
import { openSystem, type System } from './system.ts';

/** Opens a book for a command that decides or replays, and closes it afterwards. */
export async function withBookDecisions<T>(
  context: CommandContext,
  portfolioName: string,
  work: (decisions: OpenDecisions, system: System) => Promise<T>,
): Promise<T> {
  const { clock, environment } = context;
  const config = loadConfig(environment, context.workingDirectory);
  const system = await openSystem({ config, portfolio: portfolioName, clock });
  try {
    const { portfolio, database, registry, evidence, signer } = system;
    const catalog = catalogHash(portfolio.features);
    const models = registryModels({
      ...{ registry, signer, clock },
      portfolio: portfolio.name,
      catalogHash: catalog,
      proof: proofFor(portfolio, evidence),
    });
    const policyCases = parsePolicyCases(readPolicyCases(portfolio.name));
    return await work(
      await openDecisions({ home: config.home, portfolio, database, models, clock, environment, policyCases }),
      system,
    );
  } finally {
    await system.close();
  }
}
