import {
  type ApplicationRequest,
  decide,
  explainDecision,
  findDecision,
  replayDecision,
  scoreLoanApplication,
} from '../../decisions/index.ts';
import { AssayError } from '../../domain/index.ts';
import { type DecisionRecordDto, decisionSchema, type ScoreResult } from '../contract.ts';
import { explanationDto } from '../explanation-dto.ts';
import type { Handlers } from '../handlers.ts';
import type { Metrics } from '../metrics.ts';
import type { ApiDependencies } from '../ports.ts';
import { scoreResult } from '../score-result.ts';
import { reviewDto } from './reviews.ts';

const MAX_KEY_CHARS = 200;

type DecisionHandlers = Pick<
  Handlers,
  'createApplication' | 'createScores' | 'listDecisions' | 'getDecision' | 'replayDecision' | 'explainDecision'
>;

export function decisionHandlers({ decisions, reviews, probes }: ApiDependencies, metrics: Metrics): DecisionHandlers {
  const { store } = decisions;
  return {
    createApplication: async ({ body, user, header }) => {
      const idempotencyKey = checkedKey(header('idempotency-key'));
      const answer = await decide(decisions, { application: body, actor: user.username, idempotencyKey });
      if (!answer.repeated) countAnswer(metrics, answer.response);
      return {
        kind: 'raw',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...(answer.repeated ? { 'idempotency-replayed': 'true' } : {}),
        },
        body: answer.response,
      };
    },
    createScores: async ({ body, query, user }) => {
      const reasons = query.reasons !== 'false';
      const score = async (application: ApplicationRequest): Promise<ScoreResult> => {
        await probes?.check(user.username, application);
        return scoreOne(decisions, application, reasons);
      };
      if (!Array.isArray(body)) return score(body);
      const results: ScoreResult[] = [];
      for (const application of body) results.push(await score(application));
      return results;
    },
    listDecisions: async ({ query }) => {
      const { page, pageSize, applicationId, borrowerId } = query;
      const { rows, total } = await store.list({
        applicationId,
        borrowerId,
        limit: pageSize,
        offset: (page - 1) * pageSize,
      });
      return { rows: rows.map((row) => ({ ...row, decidedAt: row.decidedAt.toISOString() })), total };
    },
    getDecision: async ({ parameters }) => {
      const record = await findDecision(store, parameters.decisionId);
      const found = await reviews.ofDecision(parameters.decisionId);
      return { ...recordDto(record), review: found ? reviewDto(found) : null };
    },
    replayDecision: async ({ parameters }) => {
      const replay = await replayDecision(decisions, parameters.decisionId);
      const { features } = replay;
      return {
        ...replay,
        differences: [...replay.differences],
        features: { ...features, differences: [...features.differences] },
        causes: [...replay.causes],
      };
    },
    explainDecision: async ({ parameters }) => {
      return explanationDto(await explainDecision(decisions, parameters.decisionId));
    },
  };
}

function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || (key.trim() !== '' && key.length <= MAX_KEY_CHARS)) return key;
  const message = `must have 1 to ${MAX_KEY_CHARS} characters, not all blank`;
  throw new AssayError('bad_input', {
    what: 'the Idempotency-Key is not usable',
    given: `${key.length} characters`,
    allowed: message,
    issues: [{ path: 'Idempotency-Key', message }],
  });
}

const countedSchema = decisionSchema.pick({ outcome: true, modelVersion: true });

function countAnswer(metrics: Metrics, response: string): void {
  const { outcome, modelVersion } = countedSchema.parse(JSON.parse(response));
  metrics.countDecision(outcome);
  metrics.modelUsed(modelVersion);
}

async function scoreOne(
  decisions: ApiDependencies['decisions'],
  request: ApplicationRequest,
  reasons: boolean,
): Promise<ScoreResult> {
  return scoreResult(await scoreLoanApplication(decisions, request, { reasons }));
}

function recordDto(record: Awaited<ReturnType<typeof findDecision>>): Omit<DecisionRecordDto, 'review'> {
  const { body } = record;
  return {
    decision: decisionSchema.parse(JSON.parse(record.response)),
    application: body.request as DecisionRecordDto['application'],
    features: { ...body.features },
    provenance: { ...body.provenance },
    catalogHash: body.catalogHash,
    actor: body.actor,
    idempotencyKey: body.idempotencyKey,
    requestHash: body.requestHash,
    sequence: body.sequence,
    previousHash: record.previousHash,
    hash: record.hash,
  };
}
