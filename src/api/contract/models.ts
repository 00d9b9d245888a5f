import { z } from 'zod';
import { intervalSchema, isoTime, share, snapshotSchema } from './common.ts';

export const estimatorSchema = z.enum(['scorecard', 'logistic', 'forest', 'boosted']);
export const modelStatusSchema = z.enum(['candidate', 'approved', 'champion', 'retired', 'rejected']);

export const metricsSchema = z.object({
  rows: z.int(),
  defaults: z.int(),
  auc: intervalSchema,
  gini: intervalSchema,
  ks: intervalSchema,
  brier: intervalSchema,
  logLoss: z.number(),
  calibrationSlope: intervalSchema,
  calibrationIntercept: z.number(),
  /** Expected calibration error over 10 equal-count bins. */
  ece: z.number(),
});
export type MetricsDto = z.infer<typeof metricsSchema>;

export const modelRowSchema = z.object({
  modelVersion: z.string(),
  estimator: estimatorSchema,
  status: modelStatusSchema,
  createdAt: isoTime,
  inputs: z.int(),
  snapshotHash: z.string(),
  catalogHash: z.string(),
  codeVersion: z.string(),
  seed: z.number(),
  /** By split: 'train', 'validation', 'out_of_time', 'out_of_fold'. */
  metrics: z.record(z.string(), metricsSchema),
  /** The signature and every hash held when they were last checked, at most a minute ago. */
  signatureValid: z.boolean(),
  documentUrl: z.string().nullable(),
});
export type ModelRow = z.infer<typeof modelRowSchema>;

export const modelsSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  /** The split the versions are compared on. */
  comparedOn: z.string().nullable(),
  models: z.array(modelRowSchema),
});
export type Models = z.infer<typeof modelsSchema>;

export const scorecardTableSchema = z.object({
  /** Points every applicant starts with; with the points of the applicant's bins they make the score. */
  basePoints: z.number(),
  baseScore: z.number(),
  baseOdds: z.number(),
  pdo: z.number(),
  characteristics: z.array(
    z.object({
      feature: z.string(),
      title: z.string(),
      iv: z.number(),
      coefficient: z.number(),
      standardError: z.number(),
      bins: z.array(
        z.object({
          label: z.string(),
          count: z.int(),
          share,
          defaults: z.int(),
          badRate: share.nullable(),
          woe: z.number(),
          points: z.number(),
        }),
      ),
    }),
  ),
});
export type ScorecardTable = z.infer<typeof scorecardTableSchema>;

/** What a version gains by features that must be shown to help: beside the same estimator without them. */
export const liftSchema = z.object({
  modelVersion: z.string(),
  snapshotHash: z.string(),
  dataClass: z.enum(['alternative', 'social_network']),
  features: z.array(z.string()),
  challenger: z.string(),
  measuredOn: z.enum(['out_of_time', 'out_of_fold']),
  rows: z.int(),
  defaults: z.int(),
  aucWith: z.number(),
  aucWithout: z.number(),
  lift: intervalSchema,
  approvedShare: share,
  traits: z.array(z.string()),
  groups: z.array(
    z.object({
      trait: z.string(),
      name: z.string(),
      count: z.int(),
      airWith: intervalSchema.nullable(),
      airWithout: intervalSchema.nullable(),
    }),
  ),
  measuredAt: isoTime,
  /** Why it does not carry a promotion; empty when it does. */
  refusals: z.array(z.string()),
});
export type LiftDto = z.infer<typeof liftSchema>;

export const modelSchema = modelRowSchema.extend({
  parameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  inputColumns: z.array(z.object({ name: z.string(), title: z.string(), kind: z.enum(['numeric', 'categorical']) })),
  importance: z.array(z.object({ feature: z.string(), title: z.string(), share: z.number() })),
  calibration: z.object({ kind: z.string(), note: z.string() }),
  scale: z.object({ baseScore: z.number(), baseOdds: z.number(), pdo: z.number() }),
  grades: z.array(z.object({ grade: z.string(), upperPd: share })),
  reference: z.string(),
  /** Scorecards only. */
  scorecard: scorecardTableSchema.nullable(),
  /** Logistic only. */
  coefficients: z
    .array(
      z.object({
        feature: z.string(),
        title: z.string(),
        term: z.string(),
        coefficient: z.number(),
        standardError: z.number(),
        oddsRatio: z.number(),
      }),
    )
    .nullable(),
  /** From out-of-fold predictions on the training applications; null when there are none. */
  curves: z
    .object({
      rows: z.int(),
      defaults: z.int(),
      roc: z.array(z.object({ falsePositiveRate: share, truePositiveRate: share })),
      gains: z.array(z.object({ applicationsShare: share, defaultsShare: share })),
      calibration: z.array(z.object({ count: z.int(), meanPd: share, observed: share, lower: share, upper: share })),
    })
    .nullable(),
  lift: z.array(liftSchema),
  history: z.array(z.object({ at: isoTime, event: z.string(), actor: z.string(), note: z.string().nullable() })),
});
export type Model = z.infer<typeof modelSchema>;
