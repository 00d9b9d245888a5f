import { z } from 'zod';
import {
  featureValueSchema,
  intervalSchema,
  isoMonth,
  isoTime,
  minorUnits,
  outcomeSchema,
  pageQuery,
  reasonSchema,
  share,
  snapshotSchema,
} from './common.ts';

/** One field of the application form. `in` says where it goes in the request: a member, or inside `attributes`. */
export const applicationFieldSchema = z.object({
  name: z.string(),
  in: z.enum(['application', 'attributes']),
  title: z.string(),
  type: z.enum(['text', 'integer', 'number', 'money', 'date', 'timestamp', 'boolean']),
  required: z.boolean(),
  values: z.array(z.string()).nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  description: z.string().nullable(),
});
export type ApplicationField = z.infer<typeof applicationFieldSchema>;

export const portfolioSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  currency: z.string(),
  defaultDefinition: z.string(),
  outcomeWindowMonths: z.number().nullable(),
  scale: z.object({ baseScore: z.number(), baseOdds: z.number(), pdo: z.number() }),
  creditPolicyVersion: z.string(),
  champion: z.string().nullable(),
  applicationFields: z.array(applicationFieldSchema),
  /** Borrowers with history, to try an application with; empty for portfolios without borrower history. */
  exampleBorrowers: z.array(z.string()),
  /** A complete application as an example. */
  exampleApplication: z.record(z.string(), z.unknown()).nullable(),
  snapshot: snapshotSchema,
});
export type PortfolioInfo = z.infer<typeof portfolioSchema>;

/** A headline figure; `definition` is its exact meaning. */
export const kpiSchema = z.object({
  key: z.string(),
  title: z.string(),
  value: z.number().nullable(),
  unit: z.enum(['count', 'share', 'minor', 'points']),
  definition: z.string(),
});

/** Figures of one group of applications; `observedDefaultRate` is over those whose outcome is known. */
const groupFigures = {
  applications: z.int(),
  share,
  meanPd: share.nullable(),
  labelled: z.int(),
  defaults: z.int(),
  observedDefaultRate: intervalSchema.nullable(),
};

const chartTitleSchema = z.object({ title: z.string(), subtitle: z.string() });

export const overviewSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  currency: z.string(),
  kpis: z.array(kpiSchema),
  outcomes: z.array(z.object({ outcome: outcomeSchema, applications: z.int(), share })),
  grades: z.array(
    z.object({
      grade: z.string(),
      ...groupFigures,
      amountMinor: minorUnits.nullable(),
      /** pd x LGD x amount, summed. */
      expectedLossMinor: minorUnits.nullable(),
    }),
  ),
  months: z.array(
    z.object({
      month: isoMonth,
      ...groupFigures,
      approvedShare: share,
      declinedShare: share,
      referredShare: share,
      counterOfferShare: share,
      amountMinor: minorUnits.nullable(),
    }),
  ),
  /** Share of the loans of a cohort ever 90 days past due, by months on book; only points every loan of the cohort has reached. */
  vintages: z.array(
    z.object({
      cohort: z.string(),
      loans: z.int(),
      points: z.array(z.object({ monthsOnBook: z.int(), defaulted: z.int(), rate: share })),
    }),
  ),
  /** What each chart of the page is called; the dashboard over the marts has the same words. */
  charts: z.object({
    calibrationByMonth: chartTitleSchema,
    outcomes: chartTitleSchema,
    grades: chartTitleSchema,
    expectedLossByGrade: chartTitleSchema,
    outcomesByMonth: chartTitleSchema,
    vintages: chartTitleSchema,
  }),
  assumptions: z.array(z.object({ name: z.string(), value: z.string(), note: z.string() })),
});
export type Overview = z.infer<typeof overviewSchema>;

export const APPLICANT_SORTS = ['appliedAt', 'pd', 'score', 'applicationId', 'borrowerId', 'amount'] as const;
export const applicantsQuerySchema = z.strictObject({
  ...pageQuery,
  /** Part of an application id or borrower id. */
  search: z.string().max(100).optional(),
  sort: z.enum(APPLICANT_SORTS).default('appliedAt'),
  direction: z.enum(['asc', 'desc']).default('desc'),
  grade: z.string().max(20).optional(),
  outcome: outcomeSchema.optional(),
  minPd: z.coerce.number().min(0).max(1).optional(),
  maxPd: z.coerce.number().min(0).max(1).optional(),
  /** Applied at or after / before, YYYY-MM-DD. */
  from: z.iso.date().optional(),
  until: z.iso.date().optional(),
});
export type ApplicantsQuery = z.infer<typeof applicantsQuerySchema>;

export const applicantRowSchema = z.object({
  applicationId: z.string(),
  borrowerId: z.string(),
  appliedAt: isoTime.nullable(),
  amountMinor: minorUnits.nullable(),
  termMonths: z.number().nullable(),
  pd: share,
  score: z.number(),
  grade: z.string(),
  outcome: outcomeSchema,
  topReason: z.string().nullable(),
  /** 1 = defaulted, 0 = not, null = not known. */
  defaulted: z.int().nullable(),
});
export type ApplicantRow = z.infer<typeof applicantRowSchema>;

export const applicantsSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  currency: z.string(),
  rows: z.array(applicantRowSchema),
  total: z.int(),
  grades: z.array(z.string()),
});
export type Applicants = z.infer<typeof applicantsSchema>;

export const applicantSchema = z.object({
  ...applicantRowSchema.shape,
  currency: z.string(),
  modelVersion: z.string(),
  /** Log-odds of default before calibration. */
  margin: z.number(),
  /** Share of the book with a lower pd. */
  pdPercentile: share,
  reasons: z.array(reasonSchema),
  reference: z.string(),
  features: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      unit: z.string(),
      group: z.string(),
      dataClass: z.string(),
      value: featureValueSchema,
      nullMeaning: z.string(),
      /** Share of the book with a lower value; null for categories and missing values. */
      percentile: share.nullable(),
      /** Score points against the reference; below 0 = lowers the score. Null: not an input of the model. */
      points: z.number().nullable(),
    }),
  ),
  /** By month, up to the application; empty where the portfolio has no transactions. */
  transactions: z.array(
    z.object({
      month: isoMonth,
      count: z.int(),
      inflowMinor: minorUnits,
      outflowMinor: minorUnits,
      lowestBalanceMinor: minorUnits.nullable(),
      endBalanceMinor: minorUnits.nullable(),
    }),
  ),
  trace: z.array(
    z.object({
      rule: z.string(),
      kind: z.string(),
      description: z.string(),
      fired: z.boolean(),
      outcome: outcomeSchema,
      saw: z.record(z.string(), featureValueSchema),
    }),
  ),
});
export type Applicant = z.infer<typeof applicantSchema>;

export const segmentDimensionsSchema = z.object({
  state: z.enum(['empty', 'ready']),
  dimensions: z.array(z.object({ name: z.string(), title: z.string(), unit: z.string() })),
});
export type SegmentDimensions = z.infer<typeof segmentDimensionsSchema>;

export const segmentsSchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  currency: z.string(),
  dimension: z.string(),
  title: z.string(),
  unit: z.string(),
  /** Fewer known outcomes, or fewer defaults, than these: no rate and no AUC is shown. */
  minimumLabelled: z.int(),
  minimumDefaults: z.int(),
  segments: z.array(
    z.object({
      /** Category, or interval of a number ('120 to 340', 'missing'). */
      segment: z.string(),
      lower: z.number().nullable(),
      upper: z.number().nullable(),
      ...groupFigures,
      /** Out-of-fold where there is a champion's out-of-fold prediction, else in-sample; see `aucBasis`. */
      auc: intervalSchema.nullable(),
      tooFew: z.boolean(),
    }),
  ),
  aucBasis: z.enum(['out_of_fold', 'in_sample', 'none']),
});
export type Segments = z.infer<typeof segmentsSchema>;

export const rejectsQuerySchema = z.strictObject({
  ...pageQuery,
  source: z.string().max(100).optional(),
  reason: z.string().max(500).optional(),
});
export type RejectsQuery = z.infer<typeof rejectsQuerySchema>;

export const dataQualitySchema = z.object({
  state: z.enum(['empty', 'ready']),
  snapshot: snapshotSchema,
  /** Per source and table: read = excluded + rejected + duplicates + erased + notApplicable + written. */
  funnel: z.array(
    z.object({
      source: z.string(),
      table: z.string(),
      read: z.int(),
      excluded: z.int(),
      rejected: z.int(),
      duplicates: z.int(),
      /** Records that by design give no row for this table. */
      /** Rows of persons who were erased. */
      erased: z.int(),
      notApplicable: z.int(),
      written: z.int(),
    }),
  ),
  rejectReasons: z.array(z.object({ source: z.string(), reason: z.string(), rows: z.int() })),
  tables: z.array(
    z.object({
      table: z.string(),
      description: z.string(),
      layer: z.enum(['processed', 'modeled']),
      rows: z.int(),
      columns: z.array(
        z.object({ name: z.string(), type: z.string(), dataClass: z.string().nullable(), missingShare: share }),
      ),
      bytes: z.int(),
      partitions: z.int(),
      firstEvent: isoTime.nullable(),
      lastEvent: isoTime.nullable(),
    }),
  ),
});
export type DataQuality = z.infer<typeof dataQualitySchema>;

export const rejectsSchema = z.object({
  rows: z.array(
    z.object({
      source: z.string(),
      file: z.string(),
      line: z.int().nullable(),
      field: z.string().nullable(),
      kind: z.string().nullable(),
      reason: z.string(),
      raw: z.string(),
    }),
  ),
  total: z.int(),
});
export type Rejects = z.infer<typeof rejectsSchema>;

export const catalogSchema = z.object({
  catalogHash: z.string(),
  features: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      unit: z.string(),
      type: z.enum(['numeric', 'categorical']),
      dataClass: z.string(),
      group: z.string(),
      /** How it is computed, in words. */
      formula: z.string(),
      /** `table.column` it is made from. */
      lineage: z.array(z.string()),
      nullMeaning: z.string(),
      reason: z.object({ code: z.string(), text: z.string() }),
      monotone: z.enum(['increasing', 'decreasing']).nullable(),
      definition: z.unknown(),
    }),
  ),
});
export type Catalog = z.infer<typeof catalogSchema>;
