import { z } from 'zod';
import { intervalSchema, outcomeSchema, share, snapshotSchema } from './common.ts';

/** A column of numbers, little-endian, as base64. */
const packed = z.string();

export const strategyBookSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  currency: z.string(),
  assumedLgd: share,
  /** Applications, safest first; every column is in this order. */
  rows: z.int(),
  /** What the codes of `columns.decision` mean. */
  decisions: z.array(outcomeSchema),
  columns: z.object({
    /** Uint16: pd x 65535. */
    pd: packed,
    /** Float32, minor units; 0 = not known. */
    amountMinor: packed,
    /** Uint8: 0 repaid, 1 defaulted, 2 not known. */
    outcome: packed,
    /** Uint8: what the credit policy says today. */
    decision: packed,
    /** Uint16: interest by the policy's price over the life of the loan, share of its amount x 10000; 65535 = no price. */
    interest: packed,
  }),
  /** What the book can be narrowed by: a Uint8 code a row into `levels`. */
  dimensions: z.array(
    z.object({ name: z.string(), title: z.string(), unit: z.string(), levels: z.array(z.string()), codes: packed }),
  ),
});
export type StrategyBook = z.infer<typeof strategyBookSchema>;

/** Protected groups in the order of the strategy book, for adverse impact ratios only. */
export const strategyGroupsSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  /** Fewer applicants than these in a group: no ratio. */
  minimumGroup: z.int(),
  attributes: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      groups: z.array(z.string()),
      /** Uint8 into `groups`; 255 = not known. */
      codes: packed,
    }),
  ),
});
export type StrategyGroups = z.infer<typeof strategyGroupsSchema>;

const maybe = intervalSchema.nullable();

const cutSchema = z.object({
  approvedShare: share,
  modelBadRate: maybe,
  incumbentBadRate: maybe,
  /** 1 - bad rate (model) / bad rate (incumbent) among the approved. */
  cut: maybe,
  cutAgainstAll: maybe,
});

const beforeAfter = {
  shareBefore: maybe,
  shareAfter: maybe,
  badRateBefore: maybe,
  badRateAfter: maybe,
  badRateChange: maybe,
};

export const populationClaimsSchema = z.object({
  population: z.enum(['out_of_time', 'out_of_fold', 'truth']),
  description: z.string(),
  applicants: z.int(),
  defaults: z.int(),
  badRate: share,
  aucModel: share,
  aucIncumbent: share,
  headline: z.array(cutSchema),
  curve: z.array(cutSchema),
  declinedShareFor25: maybe,
  threeWay: z.object({ approved: share, declined: share }),
  review: z.array(
    z.object({
      form: z.enum(['loose', 'strict']),
      referredBefore: maybe,
      referredAfter: maybe,
      reduction: maybe,
      approved: z.object(beforeAfter),
      declined: z.object(beforeAfter),
      reviewers: z.array(z.object({ quality: z.enum(['perfect', 'incumbent', 'coin']), ...beforeAfter })),
      breakEvenAccuracy: maybe,
    }),
  ),
  swap: z.object({
    approvedShare: share,
    swappedShare: maybe,
    swappedInBadRate: maybe,
    swappedOutBadRate: maybe,
    breakEvenFactor: maybe,
  }),
});
export type PopulationClaimsDto = z.infer<typeof populationClaimsSchema>;

/** What `assay simulate` prints. */
export const claimsSchema = z.object({
  state: z.enum(['empty', 'ready', 'no_incumbent', 'too_few']),
  claims: z
    .object({
      portfolio: z.string(),
      title: z.string(),
      estimator: z.string(),
      incumbent: z.object({ title: z.string(), source: z.string() }),
      draws: z.int(),
      seed: z.int(),
      populations: z.array(populationClaimsSchema),
      rejectInference: z
        .object({
          approvedShare: share,
          applicants: z.int(),
          declined: z.int(),
          widest: z.object({ lower: maybe, upper: maybe }),
          assumed: z.object({ lower: maybe, upper: maybe, oddsFactor: z.number() }),
          truth: maybe,
        })
        .nullable(),
    })
    .nullable(),
});
export type ClaimsDto = z.infer<typeof claimsSchema>;

export const strategyOperations = {
  getStrategyBook: {
    method: 'GET',
    path: '/strategy/book',
    tag: 'strategy',
    status: 200,
    summary: 'The whole book by column, for a strategy recomputed in the browser',
    response: strategyBookSchema,
  },
  getStrategyGroups: {
    method: 'GET',
    path: '/strategy/groups',
    tag: 'strategy',
    status: 200,
    summary: 'Protected groups of the book, for adverse impact ratios',
    response: strategyGroupsSchema,
  },
  getClaims: {
    method: 'GET',
    path: '/strategy/claims',
    tag: 'strategy',
    status: 200,
    summary: 'The two outcome claims against the incumbent rule',
    response: claimsSchema,
  },
} as const;
