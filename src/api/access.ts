import { type OperationId, operations, type Role } from './contract.ts';

/** Operations that need no session. */
export const PUBLIC_OPERATIONS: readonly OperationId[] = ['signIn'];

const EVERYONE: readonly Role[] = [
  'modeller',
  'validator',
  'underwriter',
  'portfolio_manager',
  'compliance',
  'data_engineer',
  'admin',
];
/** Those who see single borrowers: the others work with figures of groups. */
const BORROWER_DATA: readonly Role[] = ['underwriter', 'portfolio_manager', 'compliance', 'validator', 'admin'];
/** Those who decide cases; the second person is another of them. */
const REVIEWERS: readonly Role[] = ['underwriter', 'portfolio_manager'];
const MODEL_WORK: readonly Role[] = ['modeller', 'validator', 'portfolio_manager', 'compliance', 'admin'];
const SQL_READERS: readonly Role[] = [...MODEL_WORK, 'data_engineer'];

/**
 * Who may do what: one row an operation, the only place that says so. `admin` may do everything but decide on loans and
 * approve models: those who run the system are not those who take its decisions.
 */
export const ACCESS: Readonly<Record<Exclude<OperationId, 'signIn'>, readonly Role[]>> = {
  getSession: EVERYONE,
  signOut: EVERYONE,

  createApplication: ['underwriter'],
  createScores: ['underwriter', 'modeller', 'validator', 'portfolio_manager', 'admin'],
  listDecisions: BORROWER_DATA,
  getDecision: BORROWER_DATA,
  replayDecision: BORROWER_DATA,
  explainDecision: BORROWER_DATA,
  getNotice: BORROWER_DATA,
  listRules: EVERYONE,

  getPortfolio: EVERYONE,
  getOverview: EVERYONE,
  getBorrowerFeatures: BORROWER_DATA,
  listApplicants: BORROWER_DATA,
  getApplicant: BORROWER_DATA,
  listSegmentDimensions: EVERYONE,
  getSegments: EVERYONE,
  getVintages: EVERYONE,
  getProvisions: EVERYONE,
  getDataQuality: EVERYONE,
  /** Rejected rows hold what a borrower sent. */
  listRejects: ['data_engineer', 'compliance', 'admin'],
  getCatalog: EVERYONE,

  listModels: EVERYONE,
  getModel: EVERYONE,
  getModelDocument: MODEL_WORK,
  /** Maker and checker: who builds a model does not approve it. */
  approveModel: ['validator'],
  rejectModel: ['validator'],
  promoteModel: ['portfolio_manager'],

  getStrategyBook: MODEL_WORK,
  /** Protected attributes: to those who answer for fairness, not to those who build or steer. */
  getStrategyGroups: ['compliance', 'validator'],
  listFairnessTraits: ['compliance', 'validator'],
  getFairnessGroups: ['compliance', 'validator'],
  getFairnessSearch: ['compliance', 'validator'],
  getFraudQueue: ['underwriter', 'compliance', 'admin'],
  getFraudResults: ['underwriter', 'compliance', 'validator', 'admin'],
  claimFraudCase: ['underwriter', 'compliance'],
  releaseFraudCase: ['underwriter', 'compliance'],
  decideFraudCase: ['underwriter', 'compliance'],
  getClaims: MODEL_WORK,
  getDrift: EVERYONE,
  /** Maker and checker: a portfolio manager proposes, compliance approves, and never the same person. */
  listPolicies: EVERYONE,
  getPolicy: EVERYONE,
  comparePolicies: EVERYONE,
  checkPolicy: ['portfolio_manager', 'compliance', 'validator'],
  proposePolicy: ['portfolio_manager'],
  proposePolicyAgain: ['portfolio_manager'],
  shadowPolicy: ['portfolio_manager'],
  approvePolicy: ['compliance'],
  rejectPolicy: ['portfolio_manager', 'compliance'],

  /** Those who feed the system; a feed signs in as one of them. */
  createEvents: ['data_engineer', 'admin'],
  getStream: EVERYONE,
  listRecentEvents: BORROWER_DATA,
  listDeadLetters: ['data_engineer', 'compliance', 'admin'],
  redriveDeadLetters: ['data_engineer', 'admin'],
  /** What a person may ask for is done by compliance; a correction decides, so an underwriter does it. */
  getPerson: ['compliance', 'underwriter'],
  exportPerson: ['compliance'],
  correctPerson: ['underwriter'],
  erasePerson: ['compliance'],
  listConsents: ['compliance', 'underwriter'],
  grantConsent: ['underwriter', 'compliance'],
  revokeConsent: ['underwriter', 'compliance'],
  holdPerson: ['compliance', 'admin'],
  liftHold: ['compliance', 'admin'],

  getAudit: ['compliance', 'validator', 'portfolio_manager', 'admin'],
  listAuditEntries: ['compliance', 'validator', 'portfolio_manager', 'admin'],
  proveDecision: ['compliance', 'validator', 'admin'],

  listReviews: BORROWER_DATA,
  getReview: BORROWER_DATA,
  contestDecision: ['underwriter', 'compliance'],
  claimReview: REVIEWERS,
  releaseReview: REVIEWERS,
  decideReview: REVIEWERS,
  secondReview: REVIEWERS,
  listNotices: BORROWER_DATA,
  issueNotice: ['compliance', 'underwriter'],
  getIssuedNotice: BORROWER_DATA,
  listReviewers: ['portfolio_manager', 'compliance', 'validator'],

  /** Rows under pseudonyms: for those who work with the data; underwriters have the persons themselves. */
  listSqlTables: SQL_READERS,
  runSql: SQL_READERS,

  getPipelineDefinition: EVERYONE,
  listRuns: EVERYONE,
  getRun: EVERYONE,
  startRun: ['data_engineer', 'modeller', 'admin'],
  cancelRun: ['data_engineer', 'modeller', 'admin'],
};

export function mayCall(role: Role, operation: OperationId): boolean {
  return operation === 'signIn' || ACCESS[operation].includes(role);
}

export function permissionsOf(role: Role): OperationId[] {
  return operationIds().filter((operation) => mayCall(role, operation));
}

export function operationIds(): OperationId[] {
  return Object.keys(operations).filter((id): id is OperationId => id in operations);
}
