import { z } from 'zod';
import { featureValueSchema, isoTime, minorUnits, outcomeSchema, reasonSchema, share } from './common.ts';
import { fraudAssessmentSchema } from './fraud.ts';
import { reviewSchema } from './reviews.ts';

const identifier = z.string().regex(/\S/, 'must not be blank').max(100);

/**
 * A loan application. Which of the optional members are mandatory, and which `attributes` there are, differs by portfolio:
 * see `applicationFields` of `GET /portfolio`. Mandatory data that is missing gives `referred`, never `approved`.
 */
export const loanApplicationSchema = z.strictObject({
  /** The caller's own id; unset: one is given. */
  applicationId: identifier.optional(),
  borrowerId: identifier,
  amountMinor: minorUnits.min(1).max(1e15).optional(),
  /** ISO 4217; must be the portfolio's. */
  currency: z.string().length(3).optional(),
  termMonths: z.int().min(1).max(480).optional(),
  attributes: z
    .record(z.string().max(100), z.union([z.number(), z.string().max(10_000), z.boolean(), z.null()]))
    .optional(),
});
export type LoanApplicationDto = z.infer<typeof loanApplicationSchema>;

/** One rule of the credit policy and what it saw. */
export const traceEntrySchema = z.object({
  rule: z.string(),
  kind: z.enum(['mandatory_data', 'knock_out', 'cut_off', 'referral', 'segment', 'limit']),
  description: z.string(),
  fired: z.boolean(),
  outcome: outcomeSchema,
  /** The facts the rule read, with their values; null = missing. */
  saw: z.record(z.string(), featureValueSchema),
});
export type TraceEntryDto = z.infer<typeof traceEntrySchema>;

export const scoredSchema = z.object({
  pd: share,
  score: z.number(),
  grade: z.string(),
  reasons: z.array(reasonSchema),
  modelVersion: z.string(),
  /** Facts strictly before this time were used. */
  asOf: isoTime,
});
export type Scored = z.infer<typeof scoredSchema>;

/** Answer of `POST /applications`. */
export const decisionSchema = scoredSchema.extend({
  decisionId: z.string(),
  applicationId: z.string(),
  borrowerId: z.string(),
  decidedAt: isoTime,
  outcome: outcomeSchema,
  /** Why this outcome, from the rules that fired: code and plain text. */
  outcomeReasons: z.array(z.object({ code: z.string(), text: z.string() })),
  creditPolicyVersion: z.string(),
  /** What would be granted: the amount asked for or the limit; null when not approved. */
  offer: z
    .object({
      amountMinor: minorUnits.nullable(),
      currency: z.string(),
      termMonths: z.int().nullable(),
      annualRatePercent: z.number().nullable(),
    })
    .nullable(),
  /** Mandatory data that was missing. */
  missing: z.array(z.string()),
  trace: z.array(traceEntrySchema),
  /** Null: no fraud check is configured for this portfolio. */
  fraud: fraudAssessmentSchema.nullable(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** The stored record of a decision. */
export const decisionRecordSchema = z.object({
  decision: decisionSchema,
  /** The request as it came, without what the portfolio does not know. */
  application: loanApplicationSchema,
  features: z.record(z.string(), featureValueSchema),
  provenance: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  catalogHash: z.string(),
  actor: z.string(),
  idempotencyKey: z.string().nullable(),
  requestHash: z.string(),
  sequence: z.int(),
  previousHash: z.string(),
  hash: z.string(),
  /** The case a person decides, where the decision has one; decided, its outcome is the final one. */
  review: reviewSchema.nullable(),
});
export type DecisionRecordDto = z.infer<typeof decisionRecordSchema>;

export const decisionListSchema = z.object({
  rows: z.array(
    z.object({
      decisionId: z.string(),
      applicationId: z.string(),
      borrowerId: z.string(),
      decidedAt: isoTime,
      outcome: outcomeSchema,
      pd: share,
      score: z.number(),
      grade: z.string(),
      modelVersion: z.string(),
      actor: z.string(),
    }),
  ),
  total: z.int(),
});
export type DecisionList = z.infer<typeof decisionListSchema>;

const replayDifferenceSchema = z.object({ field: z.string(), recorded: z.string(), recomputed: z.string() });
export const replaySchema = z.object({
  decisionId: z.string(),
  /** True when every recomputed value has the same bits as the recorded one. */
  identical: z.boolean(),
  recordHashValid: z.boolean(),
  compared: z.int(),
  differences: z.array(replayDifferenceSchema),
  /** The features as of then, computed again from the facts known then. */
  features: z.object({
    identical: z.boolean(),
    sameCatalog: z.boolean(),
    compared: z.int(),
    differences: z.array(replayDifferenceSchema),
  }),
  /** What the differences come from; empty: the same bits everywhere. */
  causes: z.array(z.enum(['record', 'model', 'policy', 'fraud', 'feature', 'data'])),
});
export type Replay = z.infer<typeof replaySchema>;

export const counterfactualSchema = z.object({
  text: z.string(),
  /** The fewest that suffice. */
  changes: z.array(
    z.object({
      /** `amountMinor`, `termMonths`, `attributes.<name>` of a loan application, or `feature.<name>`. */
      field: z.string(),
      /** `request`: can be another today; `conduct`: seen in a new application after `overDays`. */
      kind: z.enum(['request', 'conduct']),
      from: z.number(),
      to: z.number(),
      advice: z.string(),
      overDays: z.number().nullable(),
    }),
  ),
  /** Fields that another amount or term brings with it. */
  follows: z.array(z.object({ field: z.string(), to: z.number() })),
  outcome: outcomeSchema,
  pd: share,
  score: z.number(),
  grade: z.string(),
});

export const explanationSchema = z.object({
  decisionId: z.string(),
  summary: z.string(),
  paragraphs: z.array(z.string()),
  /** What raised the estimated risk, in order, with the value seen. */
  factors: z.array(
    z.object({
      code: z.string(),
      text: z.string(),
      feature: z.string(),
      featureTitle: z.string(),
      value: featureValueSchema,
      unit: z.string(),
      points: z.number(),
    }),
  ),
  reference: z.string(),
  /** Version of the reason dictionary of the model that decided; null for records from before it was kept. */
  reasonsVersion: z.string().nullable(),
  /** Log-odds of default before calibration: `reference` and all attributions sum to `value`. */
  margin: z.object({ reference: z.number(), value: z.number() }),
  /** By reason code, largest first; above 0 = raised the pd. */
  attributions: z.array(
    z.object({ code: z.string(), text: z.string(), attribution: z.number(), features: z.array(z.string()) }),
  ),
  /** What is not true of the recorded reasons; empty when they hold. */
  faults: z.array(z.string()),
  /** What would have led to approval, scored again by the same model and credit policy; none when nothing a borrower can move would. */
  counterfactuals: z.array(counterfactualSchema),
});
export type Explanation = z.infer<typeof explanationSchema>;

/** `POST /scores`: one application or an array of them; nothing is stored. */
export const SCORE_BATCH_LIMIT = 1000;
/** `reasons=false`: pd, score and grade alone, many times quicker. */
export const scoreQuerySchema = z.strictObject({ reasons: z.enum(['true', 'false']).optional() });
export const scoreRequestSchema = z.union([
  loanApplicationSchema,
  z.array(loanApplicationSchema).min(1).max(SCORE_BATCH_LIMIT),
]);
export const scoreResultSchema = scoredSchema.extend({
  applicationId: z.string().nullable(),
  borrowerId: z.string(),
  /** What the credit policy would say; nothing is decided. */
  indicativeOutcome: outcomeSchema,
  missing: z.array(z.string()),
  /** Null: not looked at, because the portfolio has no fraud checks or scoring has no database. */
  fraud: fraudAssessmentSchema.nullable(),
});
export type ScoreResult = z.infer<typeof scoreResultSchema>;
/** One result for one application, an array for an array. */
export const scoreResponseSchema = z.union([scoreResultSchema, z.array(scoreResultSchema)]);
