import { z } from 'zod';
import { isoTime, pageQuery } from './common.ts';

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
} as const;
