import { type BorrowerFeatures, describeCatalog, tablesOf } from '../../features/index.ts';
import type { BorrowerFeaturesDto } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type BorrowerHandlers = Pick<Handlers, 'getBorrowerFeatures'>;

export function borrowerHandlers({ portfolio, clock, borrowerFeatures }: ApiDependencies): BorrowerHandlers {
  const described = describeCatalog(portfolio.features, tablesOf(portfolio));
  return {
    getBorrowerFeatures: async ({ parameters, query }) => {
      const { asOf, over: overDays, points } = query;
      const until = asOf ?? clock.now();
      return featuresDto(
        described,
        await borrowerFeatures({ borrowerId: parameters.borrowerId, until, overDays, points }),
      );
    },
  };
}

function featuresDto(
  described: ReturnType<typeof describeCatalog>,
  { borrowerId, streamedFacts, rows }: BorrowerFeatures,
): BorrowerFeaturesDto {
  return {
    borrowerId,
    streamedFacts,
    instants: rows.map(({ asOf, applicationId }) => ({ asOf: `${asOf}Z`, applicationId })),
    features: described.map(({ name, title, unit, type, group }) => ({
      ...{ name, title, unit, type, group },
      values: rows.map(({ features }) => features[name] ?? null),
    })),
  };
}
