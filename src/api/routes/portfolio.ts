import { AssayError } from '../../domain/index.ts';
import { catalogHash, describeCatalog, tablesOf } from '../../features/index.ts';
import type { Catalog } from '../contract.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

type PortfolioHandlers = Pick<
  Handlers,
  | 'getPortfolio'
  | 'getOverview'
  | 'listApplicants'
  | 'getApplicant'
  | 'listSegmentDimensions'
  | 'getSegments'
  | 'getVintages'
  | 'getProvisions'
  | 'getDataQuality'
  | 'listRejects'
  | 'getCatalog'
>;

export function portfolioHandlers(dependencies: ApiDependencies): PortfolioHandlers {
  const { views } = dependencies;
  return {
    getPortfolio: async () => views.info(await championOf(dependencies)),
    getOverview: () => views.overview(),
    listApplicants: ({ query }) => views.applicants(query),
    getApplicant: ({ parameters }) => views.applicant(parameters.applicationId),
    listSegmentDimensions: () => views.segmentDimensions(),
    getSegments: ({ parameters }) => views.segments(parameters.dimension),
    getVintages: ({ query }) => views.vintages(query),
    getProvisions: ({ query }) => views.provisions({ ...query, ceclDiscounted: query.ceclDiscounted === 'true' }),
    getDataQuality: () => views.dataQuality(),
    listRejects: ({ query }) => views.rejects(query),
    getCatalog: async () => catalogOf(dependencies),
  };
}

/** No champion yet is a state, not a fault. */
async function championOf({ decisions }: ApiDependencies): Promise<string | null> {
  try {
    return (await decisions.models.champion()).manifest.modelVersion;
  } catch (error) {
    if (error instanceof AssayError && error.code === 'unavailable') return null;
    throw error;
  }
}

function catalogOf({ portfolio }: ApiDependencies): Catalog {
  const definitions = new Map(portfolio.features.features.map((feature) => [feature.name, feature.definition]));
  return {
    catalogHash: catalogHash(portfolio.features),
    features: describeCatalog(portfolio.features, tablesOf(portfolio)).map((feature) => ({
      name: feature.name,
      title: feature.title,
      unit: feature.unit,
      type: feature.type,
      dataClass: feature.dataClass,
      group: feature.group,
      formula: feature.formula,
      lineage: [...feature.lineage],
      nullMeaning: feature.nullMeaning,
      reason: feature.reason,
      monotone: feature.monotone,
      definition: definitions.get(feature.name),
    })),
  };
}
