import { z } from 'zod';
import { intervalSchema, isoTime, pageQuery } from './common.ts';

export const fraudSignalSchema = z.object({
  id: z.string(),
  kind: z.string(),
  text: z.string(),
  /** Other borrowers, or times the usual. */
  value: z.number(),
  evidence: z.number().min(0).max(1),
});

/** Suspicion of application fraud, apart from credit risk. */
export const fraudAssessmentSchema = z.object({
  /** 0 to 1, more = more suspicious; no probability. */
  score: z.number().min(0).max(1),
  band: z.enum(['low', 'look', 'high']),
  /** Strongest first. */
  signals: z.array(fraudSignalSchema),
});

export const fraudVerdictSchema = z.enum(['confirmed', 'cleared', 'unsure']);
export type FraudVerdictDto = z.infer<typeof fraudVerdictSchema>;

/** A suspicious application that a person looks into. */
export const fraudCaseSchema = z.object({
  applicationId: z.string(),
  /** As assessed when it was first taken. */
  score: z.number().min(0).max(1),
  band: z.enum(['low', 'look', 'high']),
  status: z.enum(['open', 'claimed', 'decided']),
  claimedBy: z.string().nullable(),
  leasedUntil: isoTime.nullable(),
  verdict: fraudVerdictSchema.nullable(),
  note: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: isoTime.nullable(),
  dwellMs: z.int().nullable(),
});
export type FraudCaseDto = z.infer<typeof fraudCaseSchema>;

const counts = {
  confirmed: z.int(),
  cleared: z.int(),
  unsure: z.int(),
  /** Confirmed over confirmed and cleared; null where too few are settled. */
  precision: intervalSchema.nullable(),
};

export const fraudResultsSchema = z.object({
  /** Of the first `capacity` of the queue, by what people found. */
  capacities: z.array(z.object({ capacity: z.int(), ...counts })),
  signals: z.array(z.object({ signal: z.string(), ...counts })),
});
export type FraudResultsDto = z.infer<typeof fraudResultsSchema>;

/** Application fraud: a queue of its own, apart from credit risk. */
export const fraudQueueSchema = z.object({
  state: z.enum(['ready', 'empty', 'not_configured']),
  scanned: z.int(),
  bands: z.object({ low: z.int(), look: z.int(), high: z.int() }),
  rows: z.array(
    z.object({
      applicationId: z.string(),
      borrowerId: z.string(),
      appliedAt: isoTime,
      /** 0 to 1, more = more suspicious; no probability. */
      score: z.number().min(0).max(1),
      band: z.enum(['low', 'look', 'high']),
      signals: z.array(fraudSignalSchema),
      /** null: nobody took it up. */
      case: fraudCaseSchema.nullable(),
    }),
  ),
  total: z.int(),
});
export type FraudQueueDto = z.infer<typeof fraudQueueSchema>;

export const fraudOperations = {
  getFraudQueue: {
    method: 'GET',
    path: '/fraud/queue',
    tag: 'fraud',
    status: 200,
    summary:
      'Applications that share what they should not, or state an income that does not fit; most suspicious first',
    query: z.strictObject(pageQuery),
    response: fraudQueueSchema,
  },
  getFraudResults: {
    method: 'GET',
    path: '/fraud/results',
    tag: 'fraud',
    status: 200,
    summary:
      'How often the fraud queue is right, by what people found: at the length they can look into, and by signal',
    response: fraudResultsSchema,
  },
  claimFraudCase: {
    method: 'POST',
    path: '/fraud/cases/:applicationId/claim',
    tag: 'fraud',
    status: 200,
    summary: 'Take up a suspicious application, or renew the lease',
    body: z.strictObject({}),
    response: fraudCaseSchema,
  },
  releaseFraudCase: {
    method: 'POST',
    path: '/fraud/cases/:applicationId/release',
    tag: 'fraud',
    status: 200,
    summary: 'Give a fraud case back',
    body: z.strictObject({}),
    response: fraudCaseSchema,
  },
  decideFraudCase: {
    method: 'POST',
    path: '/fraud/cases/:applicationId/decide',
    tag: 'fraud',
    status: 200,
    summary: 'Say what was found, and why; a label of fraud, apart from whether the loan is repaid',
    body: z.strictObject({
      verdict: fraudVerdictSchema,
      /** Why; a sentence, not a dot. */
      note: z.string().trim().min(10).max(4000),
    }),
    response: fraudCaseSchema,
  },
} as const;
