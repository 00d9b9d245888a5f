import {
  AssayError,
  type CreditPolicy,
  canonicalJson,
  type DecisionOutcome,
  type FeatureRow,
  type Portfolio,
  reasonDictionaryHash,
  sha256Hex,
} from '../domain/index.ts';
import type { FraudAssessment, FraudCheck, FraudLinkStore } from '../fraud/index.ts';
import type { Clock } from '../platform/index.ts';
import { type ApplicationRequest, type LoanApplication, parseLoanApplication } from './application.ts';
import { claimKey } from './claim-key.ts';
import {
  evaluatePolicy,
  namedFacts,
  type PolicyFacts,
  type PolicyFraud,
  type PolicyResult,
  type TraceEntry,
} from './evaluate-policy.ts';
import { type ExternalAnswer, type ExternalData, missingSources } from './external-data.ts';
import type { ModelSource, OpenModel } from './model.ts';
import type { PolicyInForce, PolicySource } from './policies/policy-version.ts';
import type { DecisionBody, DecisionResult, Offer, Provenance } from './record.ts';
import { NO_PROFILE, type SocialNetwork } from './social-network/index.ts';
import { type StepTimer, untimed } from './steps.ts';
import type { DecisionStore, IdempotencyKey, NewDecision } from './store.ts';

/** What was known of an applicant. */
export type KnownFeatures = {
  /** Every feature of the catalog. */
  readonly features: FeatureRow;
  /** Where they came from: rows read, last event, lake snapshot. */
  readonly provenance: Provenance;
  /** Mandatory data the source does not have, by name; such an application is referred. */
  readonly missing: readonly string[];
  /** Facts strictly before it were seen: now, by the time of the book. */
  readonly asOf: Date;
};

/** Where decisions get feature values from; the same catalog as in training. */
export interface FeatureSource {
  readonly catalogHash: string;
  /** What is known now. Calls made at once share one read. */
  featuresFor(application: LoanApplication, now: Date): Promise<KnownFeatures>;
  /** What was known strictly before an earlier time. */
  featuresAsOf(
    application: Pick<LoanApplication, 'applicationId' | 'borrowerId' | 'columns'>,
    asOf: Date,
  ): Promise<FeatureRow>;
}

export type DecisionDependencies = {
  readonly portfolio: Portfolio;
  readonly models: ModelSource;
  readonly features: FeatureSource;
  readonly store: DecisionStore;
  readonly policies: PolicySource;
  readonly clock: Clock;
  /** Unset: nobody outside is asked. */
  readonly external?: ExternalData | undefined;
  /** Unset, as by default: no social network is asked. */
  readonly social?: SocialNetwork | undefined;
  /** Unset: nothing is looked at for application fraud. */
  readonly fraud?: FraudLinkStore | undefined;
  readonly time?: StepTimer | undefined;
  /** A new unique id, sortable by time where possible. */
  readonly newId: () => string;
};

export type DecisionRequest = {
  readonly application: ApplicationRequest;
  readonly actor: string;
  readonly idempotencyKey?: string | undefined;
};

/** `response` is the JSON text to answer, byte for byte; `repeated`: it was answered before. */
export type DecisionAnswer = { readonly response: string; readonly repeated: boolean };

/** What scoring without deciding gives. */
export type ScoredApplication = {
  readonly application: LoanApplication;
  readonly known: KnownFeatures;
  readonly asOf: Date;
  readonly model: OpenModel;
  readonly inForce: PolicyInForce;
  readonly missing: readonly string[];
  readonly fraud: FraudCheck | null;
  readonly result: DecisionResult;
};

/**
 * Decides a loan application: features as known now, score and reasons, credit policy, durable record, answer.
 * With an idempotency key the same request gets the same bytes again, also after a crash between commit and reply.
 * @throws AssayError bad_input (application or key not valid), conflict (same key: still running, or another request),
 *   unavailable (no champion model)
 */
export async function decide(dependencies: DecisionDependencies, request: DecisionRequest): Promise<DecisionAnswer> {
  const requestHash = sha256Hex(canonicalJson(request.application));
  if (request.idempotencyKey === undefined) {
    const entry = await makeDecision(dependencies, request, requestHash);
    return { response: (await append(dependencies, entry)).response, repeated: false };
  }
  const key: IdempotencyKey = { actor: request.actor, key: request.idempotencyKey, requestHash };
  return decideOnce(dependencies, request, key);
}

/** Same key, other request: HTTP answers 422, not 409. */
export class IdempotencyMismatch extends AssayError {
  constructor(key: string) {
    super('bad_input', {
      what: 'this Idempotency-Key was used before with another request',
      given: key,
      fix: 'use a new key for a new request',
      issues: [{ path: 'Idempotency-Key', message: 'was used before with another request' }],
    });
    this.name = 'IdempotencyMismatch';
  }
}

async function decideOnce(
  dependencies: DecisionDependencies,
  request: DecisionRequest,
  key: IdempotencyKey,
): Promise<DecisionAnswer> {
  const { store } = dependencies;
  const { applicationId } = request.application;
  const claim = await claimKey(store, key, { newId: dependencies.newId, applicationId });
  if (claim.kind === 'done') return { response: claim.response, repeated: true };
  if (claim.kind === 'other_request') throw new IdempotencyMismatch(key.key);
  if (claim.kind === 'running') {
    throw new AssayError('conflict', {
      what: 'a request with this Idempotency-Key is still running',
      given: key.key,
      fix: 'wait a moment and send it again',
    });
  }
  try {
    const entry = await makeDecision(dependencies, request, key.requestHash);
    const record = await append(dependencies, { ...entry, claim: { key, lease: claim.lease } });
    return { response: record.response, repeated: false };
  } catch (error) {
    await store.release(key, claim.lease);
    throw error;
  }
}

function append({ store, time = untimed }: DecisionDependencies, entry: NewDecision) {
  return time('record', () => store.append(entry));
}

async function makeDecision(
  dependencies: DecisionDependencies,
  request: DecisionRequest,
  requestHash: string,
): Promise<NewDecision> {
  const { portfolio, clock, newId } = dependencies;
  const decisionId = newId();
  const profile = await askProfile(dependencies, request.application, decisionId);
  const external = [...(await askOutside(dependencies, request.application, decisionId)), ...profile.answers];
  const scored = await scoreLoanApplication(dependencies, request.application, {
    newApplicationId: decisionId,
    external,
    profile: profile.columns,
    onValid: ({ borrowerId }) => dependencies.store.expect(borrowerId),
  });
  const decidedAt = clock.now().toISOString();
  const response = responseText({ decisionId, decidedAt, scored });
  const body: Omit<DecisionBody, 'sequence'> = {
    format: 'assay-decision/1',
    portfolio: portfolio.name,
    currency: portfolio.currency,
    decisionId,
    decidedAt,
    actor: request.actor,
    idempotencyKey: request.idempotencyKey ?? null,
    requestHash,
    application: withoutMissing(scored.application),
    request: request.application,
    missing: scored.missing,
    asOf: scored.asOf.toISOString(),
    features: scored.known.features,
    provenance: scored.known.provenance,
    ...(external.length > 0 && { external }),
    ...(scored.fraud && { fraud: scored.fraud }),
    catalogHash: dependencies.features.catalogHash,
    modelVersion: scored.model.manifest.modelVersion,
    reasonsHash: reasonDictionaryHash(scored.model.manifest.reasons),
    policyVersion: scored.inForce.policy.version,
    policyHash: scored.inForce.policyHash,
    result: scored.result,
    responseHash: sha256Hex(response),
  };
  const links = dependencies.fraud?.linksOf(fraudApplication(scored.application, scored.asOf));
  return { body, response, links };
}

/** Checked first: nobody is asked about an application that is not valid. */
async function askOutside(
  { portfolio, external, time = untimed }: DecisionDependencies,
  request: ApplicationRequest,
  newApplicationId: string,
): Promise<readonly ExternalAnswer[]> {
  if (!external) return [];
  const application = parseLoanApplication(portfolio, request, request.applicationId ?? newApplicationId);
  return time('outside', () => external.ask(application));
}

async function askProfile(
  { portfolio, social, time = untimed }: DecisionDependencies,
  request: ApplicationRequest,
  newApplicationId: string,
) {
  if (!social) return NO_PROFILE;
  const application = parseLoanApplication(portfolio, request, request.applicationId ?? newApplicationId);
  return time('outside', () => social.ask(application));
}

const withoutMissing = ({ missing: _, ...application }: LoanApplication) => application;

export type ScoreApplicationOptions = {
  /** For a request that has none. */
  readonly newApplicationId?: string;
  readonly external?: readonly ExternalAnswer[];
  /** Columns that a social network filled, under a consent. */
  readonly profile?: LoanApplication['columns'];
  /** Default true. */
  readonly reasons?: boolean;
  /** Told of an application that passed the checks of its form, before anything is read for it. */
  readonly onValid?: (application: LoanApplication) => void;
};

/**
 * Scores an application and says what the policy would decide; stores nothing.
 * @throws AssayError as `decide`
 */
export async function scoreLoanApplication(
  dependencies: Pick<
    DecisionDependencies,
    'portfolio' | 'models' | 'features' | 'policies' | 'clock' | 'fraud' | 'time'
  >,
  request: ApplicationRequest,
  { newApplicationId = '', external = [], profile = {}, reasons = true, onValid }: ScoreApplicationOptions = {},
): Promise<ScoredApplication> {
  const { portfolio, models, features, policies, clock, time = untimed } = dependencies;
  const submitted = parseLoanApplication(portfolio, request, request.applicationId ?? newApplicationId);
  const application = { ...submitted, columns: { ...submitted.columns, ...profile } };
  onValid?.(application);
  const model = await models.champion();
  const inForce = await policies.live();
  const known = await time('features', () => features.featuresFor(application, clock.now()));
  const missing = [...application.missing, ...known.missing, ...missingSources(external)];
  const fraud = await checkFraud(dependencies, application, known);
  const input = { policy: inForce.policy, model, application, features: known.features, missing, reasons };
  const result = await time('score', async () =>
    decisionResult({ ...input, fraud: fraud?.assessment, currency: portfolio.currency }),
  );
  return { application, known, asOf: known.asOf, model, inForce, missing, fraud, result };
}

async function checkFraud(
  { fraud, time = untimed }: Pick<DecisionDependencies, 'fraud' | 'time'>,
  application: LoanApplication,
  known: KnownFeatures,
): Promise<FraudCheck | null> {
  if (!fraud) return null;
  return time('fraud', () => fraud.check(fraudApplication(application, known.asOf), known.features));
}

/** As fraud checks see it: made at the time that features are seen from. */
const fraudApplication = ({ applicationId, borrowerId, columns }: LoanApplication, appliedAt: Date) => ({
  applicationId,
  borrowerId,
  columns,
  appliedAt,
});

/** What follows from inputs and versions, and from nothing else: the part of a decision that a replay computes again. */
export function decisionResult(input: {
  readonly policy: CreditPolicy;
  readonly model: OpenModel;
  readonly application: Pick<LoanApplication, 'columns'>;
  readonly features: FeatureRow;
  readonly missing: readonly string[];
  /** For the credit policy; no part of pd, score or reasons. */
  readonly fraud?: FraudAssessment | undefined;
  readonly currency: string;
  /** Default true; a decision always has them. */
  readonly reasons?: boolean;
}): DecisionResult {
  const { margin, pd, score, grade, reasons } = input.model.scorer.score(input.features, {
    reasons: input.reasons ?? true,
  });
  const policy = evaluatePolicy(input.policy, policyFacts(input.policy, { pd, score, grade, ...input }));
  const trace = [...mandatoryDataTrace(input.missing), ...policy.trace];
  const outcome = outcomeWith(policy.outcome, input.missing);
  return {
    margin,
    pd,
    score,
    grade,
    reasons: reasons.map(({ code, text, feature, points }) => ({ code, text, feature, points })),
    outcome,
    outcomeReasons: input.missing.length === 0 ? policy.reasons : [MISSING_REASON],
    offer: offerOf(outcome, policy, input.application, input.currency),
    trace,
  };
}

/** What a policy may look at, of one application: the facts it names, and those every policy has. */
export function policyFacts(
  policy: CreditPolicy,
  input: {
    readonly pd: number;
    readonly score: number;
    readonly grade: string;
    readonly application: Pick<LoanApplication, 'columns'>;
    readonly features: FeatureRow;
    /** Unset: these facts are missing. */
    readonly fraud?: PolicyFraud | undefined;
    /** For amounts in texts. */
    readonly currency?: string | undefined;
  },
): PolicyFacts {
  const { columns } = input.application;
  const facts: Record<string, PolicyFacts[string]> = {
    pd: input.pd,
    score: input.score,
    grade: input.grade,
    amountMinor: columns['amount_minor'] ?? null,
    termMonths: columns['term_months'] ?? null,
    currency: input.currency ?? null,
    'fraud.score': input.fraud?.score ?? null,
    'fraud.band': input.fraud?.band ?? null,
    'fraud.signals': input.fraud?.signals.length ?? null,
  };
  for (const { fact, of, name } of namedFacts(policy)) {
    const values = of === 'attribute' ? columns : input.features;
    if (Object.hasOwn(values, name)) facts[fact] = values[name];
  }
  return facts;
}

const MISSING_REASON = { code: 'MISSING_DATA', text: 'Information needed for a decision is missing' };

/**
 * Missing mandatory data refers, whatever the rules say: what is not known is not approved, and a decline would give the
 * borrower reasons that are only the absence of data (no income seen where nothing was seen).
 */
export function outcomeWith(outcome: DecisionOutcome, missing: readonly string[]): DecisionOutcome {
  return missing.length === 0 ? outcome : 'referred';
}

function mandatoryDataTrace(missing: readonly string[]): TraceEntry[] {
  return [
    {
      rule: 'mandatory_data',
      kind: 'mandatory_data',
      description: 'All mandatory data is there; if not, the application is referred',
      fired: missing.length > 0,
      outcome: 'referred',
      saw: Object.fromEntries(missing.map((name) => [name, null])),
    },
  ];
}

function offerOf(
  outcome: DecisionResult['outcome'],
  policy: PolicyResult,
  application: Pick<LoanApplication, 'columns'>,
  currency: string,
): Offer | null {
  if (outcome !== 'approved' && outcome !== 'counter_offer') return null;
  const asked = numberOrNull(application.columns['amount_minor']);
  const limit = policy.limitMinor;
  return {
    amountMinor: asked === null || limit === null ? asked : Math.min(asked, limit),
    currency,
    termMonths: numberOrNull(application.columns['term_months']),
    annualRatePercent: policy.annualRatePercent,
  };
}

const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function responseText(input: {
  readonly decisionId: string;
  readonly decidedAt: string;
  readonly scored: ScoredApplication;
}): string {
  const { scored } = input;
  const { result } = scored;
  return JSON.stringify({
    decisionId: input.decisionId,
    applicationId: scored.application.applicationId,
    borrowerId: scored.application.borrowerId,
    decidedAt: input.decidedAt,
    outcome: result.outcome,
    outcomeReasons: result.outcomeReasons,
    pd: result.pd,
    score: result.score,
    grade: result.grade,
    reasons: result.reasons,
    modelVersion: scored.model.manifest.modelVersion,
    creditPolicyVersion: scored.inForce.policy.version,
    asOf: scored.asOf.toISOString(),
    offer: result.offer,
    missing: scored.missing,
    trace: result.trace,
    fraud: scored.fraud?.assessment ?? null,
  });
}
