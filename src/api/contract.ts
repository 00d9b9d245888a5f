import { z } from 'zod';
import { auditOperations } from './contract/audit.ts';
import { borrowerOperations } from './contract/borrowers.ts';
import { pageQuery } from './contract/common.ts';
import { consentOperations } from './contract/consents.ts';
import { creditLossOperations } from './contract/credit-loss.ts';
import {
  decisionListSchema,
  decisionRecordSchema,
  decisionSchema,
  explanationSchema,
  loanApplicationSchema,
  replaySchema,
  scoreQuerySchema,
  scoreRequestSchema,
  scoreResponseSchema,
} from './contract/decision.ts';
import { eventOperations } from './contract/events.ts';
import { fairnessOperations } from './contract/fairness.ts';
import { fraudOperations } from './contract/fraud.ts';
import { liveOperations } from './contract/live.ts';
import { modelSchema, modelsSchema } from './contract/models.ts';
import { monitoringOperations } from './contract/monitoring.ts';
import {
  noticeOperations,
  noticeQuerySchema,
  noticeSchema,
  rulesQuerySchema,
  rulesSchema,
} from './contract/notices.ts';
import { personOperations } from './contract/persons.ts';
import {
  pipelineDefinitionSchema,
  pipelineRunDetailSchema,
  pipelineRunsSchema,
  startedRunSchema,
  startRunSchema,
} from './contract/pipeline.ts';
import { policyOperations } from './contract/policies.ts';
import {
  applicantSchema,
  applicantsQuerySchema,
  applicantsSchema,
  catalogSchema,
  dataQualitySchema,
  overviewSchema,
  portfolioSchema,
  rejectsQuerySchema,
  rejectsSchema,
  segmentDimensionsSchema,
  segmentsSchema,
} from './contract/portfolio.ts';
import { reviewOperations } from './contract/reviews.ts';
import { sessionSchema, signedInSchema, signInSchema } from './contract/session.ts';
import { sqlOperations } from './contract/sql.ts';
import { strategyOperations } from './contract/strategy.ts';

/**
 * Every operation of the HTTP API: the server builds its routes, its checks and its OpenAPI document from this table,
 * and the web app reads its types from it. Runs in a browser: nothing but zod may be imported here.
 */
export type Operation = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Under /api/v1, `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag:
    | 'session'
    | 'decisions'
    | 'portfolio'
    | 'models'
    | 'strategy'
    | 'fairness'
    | 'fraud'
    | 'policies'
    | 'reviews'
    | 'notices'
    | 'persons'
    | 'audit'
    | 'events'
    | 'pipeline';
  readonly status: 200 | 201 | 202 | 204;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Null: the answer is not JSON (204, or a document). */
  readonly response: z.ZodType | null;
};

export const API_PREFIX = '/api/v1';
export const SESSION_COOKIE = 'assay_session';
/**
 * The server puts a fresh nonce in place of this text whenever it sends index.html, and names it in `style-src`; scripts and
 * style sheets must be files. In index.html: `<meta name="csp-nonce" content="__CSP_NONCE__">`; an app that adds `<style>`
 * elements gives them that nonce (MantineProvider: getStyleNonce). Inline style attributes in HTML text are refused; setting
 * `element.style` from script is not.
 */
export const CSP_NONCE_PLACEHOLDER = '__CSP_NONCE__';

export const operations = {
  signIn: {
    method: 'POST',
    path: '/session',
    tag: 'session',
    status: 200,
    summary: 'Sign in',
    body: signInSchema,
    response: signedInSchema,
  },
  getSession: {
    method: 'GET',
    path: '/session',
    tag: 'session',
    status: 200,
    summary: 'Who is signed in, and what they may do',
    response: sessionSchema,
  },
  signOut: { method: 'DELETE', path: '/session', tag: 'session', status: 204, summary: 'Sign out', response: null },

  createApplication: {
    method: 'POST',
    path: '/applications',
    tag: 'decisions',
    status: 201,
    summary: 'Decide a loan application',
    body: loanApplicationSchema,
    response: decisionSchema,
  },
  createScores: {
    method: 'POST',
    path: '/scores',
    tag: 'decisions',
    status: 200,
    summary: 'Score without deciding; nothing is stored',
    query: scoreQuerySchema,
    body: scoreRequestSchema,
    response: scoreResponseSchema,
  },
  listDecisions: {
    method: 'GET',
    path: '/decisions',
    tag: 'decisions',
    status: 200,
    summary: 'Decisions, newest first',
    query: z.strictObject({
      ...pageQuery,
      applicationId: z.string().max(100).optional(),
      borrowerId: z.string().max(100).optional(),
    }),
    response: decisionListSchema,
  },
  getDecision: {
    method: 'GET',
    path: '/decisions/:decisionId',
    tag: 'decisions',
    status: 200,
    summary: 'The record of a decision',
    response: decisionRecordSchema,
  },
  replayDecision: {
    method: 'GET',
    path: '/decisions/:decisionId/replay',
    tag: 'decisions',
    status: 200,
    summary: 'Recompute a decision from its record and compare bit for bit',
    response: replaySchema,
  },
  explainDecision: {
    method: 'GET',
    path: '/decisions/:decisionId/explanation',
    tag: 'decisions',
    status: 200,
    summary: 'A decision in plain language',
    response: explanationSchema,
  },
  getNotice: {
    method: 'GET',
    path: '/decisions/:decisionId/notice',
    tag: 'decisions',
    status: 200,
    summary: 'The notice of a decision, as JSON, HTML or PDF',
    query: noticeQuerySchema,
    response: noticeSchema,
  },
  listRules: {
    method: 'GET',
    path: '/rules',
    tag: 'decisions',
    status: 200,
    summary: 'The rules of a place on a day',
    query: rulesQuerySchema,
    response: rulesSchema,
  },

  getPortfolio: {
    method: 'GET',
    path: '/portfolio',
    tag: 'portfolio',
    status: 200,
    summary: 'The lending book served here, and its application form',
    response: portfolioSchema,
  },
  getOverview: {
    method: 'GET',
    path: '/portfolio/overview',
    tag: 'portfolio',
    status: 200,
    summary: 'Portfolio health',
    response: overviewSchema,
  },
  listApplicants: {
    method: 'GET',
    path: '/portfolio/applicants',
    tag: 'portfolio',
    status: 200,
    summary: 'Search the scored book',
    query: applicantsQuerySchema,
    response: applicantsSchema,
  },
  getApplicant: {
    method: 'GET',
    path: '/portfolio/applicants/:applicationId',
    tag: 'portfolio',
    status: 200,
    summary: 'One application of the scored book',
    response: applicantSchema,
  },
  listSegmentDimensions: {
    method: 'GET',
    path: '/portfolio/segments',
    tag: 'portfolio',
    status: 200,
    summary: 'What the book can be split by',
    response: segmentDimensionsSchema,
  },
  getSegments: {
    method: 'GET',
    path: '/portfolio/segments/:dimension',
    tag: 'portfolio',
    status: 200,
    summary: 'The book split by one dimension',
    response: segmentsSchema,
  },
  getDataQuality: {
    method: 'GET',
    path: '/portfolio/data-quality',
    tag: 'portfolio',
    status: 200,
    summary: 'Rows in, rows out, and the tables of the lake',
    response: dataQualitySchema,
  },
  listRejects: {
    method: 'GET',
    path: '/portfolio/rejects',
    tag: 'portfolio',
    status: 200,
    summary: 'Rows that were refused, with the reason',
    query: rejectsQuerySchema,
    response: rejectsSchema,
  },
  getCatalog: {
    method: 'GET',
    path: '/catalog',
    tag: 'portfolio',
    status: 200,
    summary: 'The feature catalog',
    response: catalogSchema,
  },

  listModels: {
    method: 'GET',
    path: '/models',
    tag: 'models',
    status: 200,
    summary: 'Model versions compared',
    response: modelsSchema,
  },
  getModel: {
    method: 'GET',
    path: '/models/:modelVersion',
    tag: 'models',
    status: 200,
    summary: 'One model version',
    response: modelSchema,
  },
  getModelDocument: {
    method: 'GET',
    path: '/models/:modelVersion/document',
    tag: 'models',
    status: 200,
    summary: 'The model document (HTML)',
    response: null,
  },
  approveModel: {
    method: 'POST',
    path: '/models/:modelVersion/approve',
    tag: 'models',
    status: 200,
    summary: 'Approve a candidate',
    body: z.strictObject({ note: z.string().min(1).max(2000) }),
    response: modelSchema,
  },
  promoteModel: {
    method: 'POST',
    path: '/models/:modelVersion/promote',
    tag: 'models',
    status: 200,
    summary: 'Make an approved version the champion',
    body: z.strictObject({ note: z.string().min(1).max(2000) }),
    response: modelSchema,
  },
  rejectModel: {
    method: 'POST',
    path: '/models/:modelVersion/reject',
    tag: 'models',
    status: 200,
    summary: 'Turn a version down that was never in use',
    body: z.strictObject({ note: z.string().min(1).max(2000) }),
    response: modelSchema,
  },

  ...creditLossOperations,

  ...strategyOperations,
  ...fairnessOperations,
  ...fraudOperations,
  ...policyOperations,
  ...eventOperations,
  ...borrowerOperations,
  ...liveOperations,
  ...monitoringOperations,
  ...reviewOperations,
  ...noticeOperations,
  ...personOperations,
  ...consentOperations,
  ...auditOperations,
  ...sqlOperations,

  getPipelineDefinition: {
    method: 'GET',
    path: '/pipeline',
    tag: 'pipeline',
    status: 200,
    summary: 'The state machine as a graph',
    response: pipelineDefinitionSchema,
  },
  listRuns: {
    method: 'GET',
    path: '/pipeline/runs',
    tag: 'pipeline',
    status: 200,
    summary: 'Runs, newest first',
    response: pipelineRunsSchema,
  },
  getRun: {
    method: 'GET',
    path: '/pipeline/runs/:runId',
    tag: 'pipeline',
    status: 200,
    summary: 'One run with its steps and their progress',
    response: pipelineRunDetailSchema,
  },
  startRun: {
    method: 'POST',
    path: '/pipeline/runs',
    tag: 'pipeline',
    status: 202,
    summary: 'Start a run',
    body: startRunSchema,
    response: startedRunSchema,
  },
  cancelRun: {
    method: 'POST',
    path: '/pipeline/runs/:runId/cancel',
    tag: 'pipeline',
    status: 202,
    summary: 'Cancel a run under way',
    body: z.strictObject({}),
    response: startedRunSchema,
  },
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof operations;
export type ResponseOf<Id extends OperationId> = (typeof operations)[Id]['response'] extends z.ZodType
  ? z.infer<(typeof operations)[Id]['response']>
  : undefined;

export * from './contract/audit.ts';
export * from './contract/borrowers.ts';
export * from './contract/common.ts';
export * from './contract/consents.ts';
export * from './contract/credit-loss.ts';
export * from './contract/decision.ts';
export * from './contract/events.ts';
export * from './contract/fairness.ts';
export * from './contract/fraud.ts';
export * from './contract/live.ts';
export * from './contract/models.ts';
export * from './contract/monitoring.ts';
export * from './contract/notices.ts';
export * from './contract/persons.ts';
export * from './contract/pipeline.ts';
export * from './contract/policies.ts';
export * from './contract/portfolio.ts';
export * from './contract/reviews.ts';
export * from './contract/session.ts';
export * from './contract/sql.ts';
export * from './contract/strategy.ts';
