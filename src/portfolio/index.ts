import type { ModelSource } from '../decisions/index.ts';
import type { CreditPolicy } from '../domain/index.ts';
import type { SealedZone } from '../platform/index.ts';
import { readApplicant } from './applicant.ts';
import { type ApplicantsQuery, searchApplicants } from './applicants.ts';
import type { BookContext } from './book-views.ts';
import { listRejects, type RejectsQuery, readDataQuality } from './data-quality.ts';
import { knownOutcomes } from './known-outcomes.ts';
import { MartReader } from './mart-reader.ts';
import { listModels, type ModelCatalog, readModel } from './models.ts';
import { readOverview } from './overview.ts';
import { readPortfolioInfo } from './portfolio-info.ts';
import { type ProvisionQuery, readProvisions } from './provisions.ts';
import { readVintagesAndRolls } from './roll-rates.ts';
import { listSegmentDimensions, readSegments } from './segments.ts';
import { readStrategyBook } from './strategy-book.ts';
import { readStrategyGroups } from './strategy-groups.ts';

export type { ApplicantsQuery } from './applicants.ts';
export type { BookContext } from './book-views.ts';
export { buildMarts, MARTS, MARTS_MANIFEST_KEY, type MartName, type MartsManifest, martKey } from './build-marts.ts';
export * from './credit-loss/index.ts';
export type { RejectsQuery } from './data-quality.ts';
export type { ModelCatalog, ModelEvent, ModelStatus, RegisteredModel } from './models.ts';
export { openSqlConsole, type SqlConsole, sqlSaltOf } from './sql-console.ts';
export { type SqlTable, sqlTables } from './sql-tables.ts';

/** What the pages show of one portfolio: every figure from the lake, by SQL. */
export type PortfolioViews = ReturnType<typeof openPortfolioViews>;

/**
 * Read models of one portfolio. `warehouse` is read from only; `models` opens the version a score was made with,
 * `catalog` lists them all.
 */
export function openPortfolioViews(
  context: BookContext & {
    readonly models: ModelSource;
    readonly catalog: ModelCatalog;
    /** The credit policy that decides now; unset: the portfolio's own. */
    readonly policyInForce?: (() => Promise<CreditPolicy>) | undefined;
    /** Protected traits, for those who answer for fairness; unset: none are shown. */
    readonly sealed?: SealedZone | undefined;
  },
) {
  const reader = new MartReader(context);
  const { models, catalog } = context;
  const policyInForce = context.policyInForce ?? (async () => context.portfolio.policy);
  return {
    info: async (champion: string | null) => readPortfolioInfo(reader, champion, await policyInForce()),
    overview: () => readOverview(reader),
    applicants: (query: ApplicantsQuery) => searchApplicants(reader, query),
    applicant: async (applicationId: string) =>
      readApplicant(reader, { models, policy: await policyInForce() }, applicationId),
    knownOutcomes: (applicationIds: readonly string[]) => knownOutcomes(context, applicationIds),
    segmentDimensions: () => listSegmentDimensions(reader),
    segments: (dimension: string) => readSegments(reader, dimension),
    strategyBook: () => readStrategyBook(reader),
    strategyGroups: () => readStrategyGroups(reader, context.sealed),
    vintages: (query: { from?: string | undefined; until?: string | undefined }) => readVintagesAndRolls(reader, query),
    provisions: (query: ProvisionQuery) => readProvisions(reader, query),
    dataQuality: () => readDataQuality(reader),
    rejects: (query: RejectsQuery) => listRejects(reader, query),
    models: () => listModels(reader, catalog),
    model: (modelVersion: string) => readModel(reader, catalog, modelVersion),
    modelDocument: (modelVersion: string) => catalog.document(modelVersion),
    approveModel: (modelVersion: string, actor: string, note: string) => catalog.approve(modelVersion, actor, note),
    promoteModel: (modelVersion: string, actor: string, note: string) => catalog.promote(modelVersion, actor, note),
    rejectModel: (modelVersion: string, actor: string, note: string) => catalog.reject(modelVersion, actor, note),
  };
}
