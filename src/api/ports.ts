import type {
  ConsentStore,
  DecisionDependencies,
  NoticeStore,
  PersonStore,
  PolicyStore,
  ProbeWatch,
  ReviewStore,
} from '../decisions/index.ts';
import type { Portfolio } from '../domain/index.ts';
import type { openBorrowerFeatures } from '../features/index.ts';
import type { FraudCaseStore } from '../fraud/index.ts';
import type { BookEvents } from '../ingestion/index.ts';
import type { FairnessViews, FraudQueue } from '../monitoring/index.ts';
import type { Clock, Database, InclusionProof } from '../platform/index.ts';
import type { PortfolioViews, SqlConsole } from '../portfolio/index.ts';
import type {
  AuditStatusDto,
  ClaimsDto,
  DriftDto,
  PipelineDefinition,
  PipelineRunDetail,
  PipelineRunDto,
  StartRun,
} from './contract.ts';
import type { Metrics, MetricsJson } from './metrics.ts';

/** What the pipeline routes need; pipeline/ is a sibling, so the entry point brings the two together. */
export interface PipelinePort {
  definition(): Promise<PipelineDefinition>;
  runs(limit: number): Promise<PipelineRunDto[]>;
  run(runId: string): Promise<PipelineRunDetail | undefined>;
  /** Starts a run in the background. @throws AssayError conflict when one is under way */
  start(request: StartRun, actor: string): Promise<{ runId: string }>;
  /** @throws AssayError not_found when this server is not running it */
  cancel(runId: string, actor: string): Promise<void>;
}

/** The record as the Audit page shows it. */
export interface AuditView {
  status(): Promise<AuditStatusDto>;
  /** @throws AssayError not_found; conflict when no checkpoint covers it yet; tampered */
  prove(decisionId: string): Promise<InclusionProof>;
}

export interface ApiLog {
  error(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

export type ReadinessCheck = { readonly name: string; readonly ok: boolean; readonly detail?: string };

export type ApiDependencies = {
  readonly portfolio: Portfolio;
  readonly clock: Clock;
  readonly database: Database;
  readonly decisions: DecisionDependencies;
  /** Unset: what-ifs are not counted. */
  readonly probes?: Pick<ProbeWatch, 'check'> | undefined;
  readonly policies: PolicyStore;
  readonly reviews: ReviewStore;
  readonly notices: NoticeStore;
  readonly persons: PersonStore;
  readonly consents: ConsentStore;
  readonly audit: AuditView;
  readonly views: PortfolioViews;
  readonly sql: SqlConsole;
  /** From the online store. */
  readonly borrowerFeatures: ReturnType<typeof openBorrowerFeatures>;
  /** Unset: this server holds no key to the protected traits. */
  readonly fairness?: FairnessViews | undefined;
  /** Unset: no fraud check of the book. */
  readonly fraudQueue?: FraudQueue | undefined;
  readonly fraudCases: FraudCaseStore;
  /** The outcome claims; computed on first demand. */
  readonly claims: () => Promise<ClaimsDto>;
  /** Drift and calibration of the book; computed on first demand. */
  readonly drift: () => Promise<DriftDto>;
  readonly pipeline: PipelinePort;
  readonly events: Pick<BookEvents, 'intake' | 'letters' | 'backlog' | 'status' | 'redrive' | 'clockBehindMs'>;
  readonly log: ApiLog;
  readonly newId: () => string;
  readonly metrics: Metrics;
  /** Figures of all processes that serve together; unset: this one is alone. */
  readonly allMetrics?: (() => Promise<readonly MetricsJson[]>) | undefined;
  readonly readiness: () => Promise<ReadinessCheck[]>;
  /** Directory of the built web app. */
  readonly webDirectory?: string | undefined;
  /** Requests a client (user, or address when not signed in) may send in a minute. */
  readonly rateLimitPerMinute?: number | undefined;
};
