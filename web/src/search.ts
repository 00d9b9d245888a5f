import { z } from 'zod';
import { APPLICANT_SORTS, dutyFilterSchema, outcomeSchema, reviewStatusSchema, SQL_LIMITS } from './contract.ts';

// What each page keeps in its address. A value that makes no sense is dropped, never an error: people edit addresses.
const text = z.coerce.string().max(200).optional().catch(undefined);
const positive = z.coerce.number().int().min(1).optional().catch(undefined);
const share = z.coerce.number().min(0).max(1).optional().catch(undefined);
const date = z.iso.date().optional().catch(undefined);
const flag = z.boolean().optional().catch(undefined);

export const signInSearch = z.object({ redirect: text, expired: flag });

export const overviewSearch = z.object({
  table: z.enum(['grades', 'months', 'vintages']).optional().catch(undefined),
});

export const applicantsSearch = z.object({
  page: positive,
  pageSize: positive,
  search: text,
  sort: z.enum(APPLICANT_SORTS).optional().catch(undefined),
  direction: z.enum(['asc', 'desc']).optional().catch(undefined),
  grade: text,
  outcome: outcomeSchema.optional().catch(undefined),
  minPd: share,
  maxPd: share,
  from: date,
  until: date,
});
export type ApplicantsSearch = z.infer<typeof applicantsSearch>;

export const scoreSearch = z.object({ decision: text, borrower: text });
export const decisionsSearch = z.object({ page: positive, pageSize: positive, applicationId: text, borrowerId: text });
export const segmentsSearch = z.object({ dimension: text });
export const fairnessSearch = z.object({ trait: text, reference: text });
export const fraudSearch = z.object({ page: positive, pageSize: positive, case: text });
const number = z.coerce.number().min(0).optional().catch(undefined);
export const strategySearch = z.object({
  tab: z.enum(['bench', 'claims']).optional().catch(undefined),
  population: z.enum(['truth', 'out_of_time', 'out_of_fold']).optional().catch(undefined),
  approve: share,
  decline: share,
  filter: text,
  amountFrom: number,
  amountTo: number,
  margin: share,
  earned: z.enum(['margin', 'prices']).optional().catch(undefined),
  costs: share,
  lgd: share,
  reviewCost: number,
  accuracy: share,
});
export type StrategySearch = z.infer<typeof strategySearch>;
const month = z
  .string()
  .regex(/^\d{4}-\d{2}$/)
  .optional()
  .catch(undefined);
export const vintagesSearch = z.object({
  days: z.coerce.number().optional().catch(undefined),
  from: month,
  until: month,
});
const shift = z.coerce.number().min(-5).max(5).optional().catch(undefined);
export const provisionsSearch = z.object({
  lgd: share,
  prepayment: share,
  adverseShift: shift,
  severeShift: shift,
  adverseWeight: share,
  severeWeight: share,
  forecastMonths: number,
  reversionMonths: number,
  sicrDays: number,
  sicrPdFactor: number,
  cureMonths: positive,
  ceclDiscounted: z.enum(['true', 'false']).optional().catch(undefined),
});
export type ProvisionsSearch = z.infer<typeof provisionsSearch>;
export const liveSearch = z.object({
  borrower: text,
  letters: z.enum(['waiting', 'redriven']).optional().catch(undefined),
  feature: text,
  /** Days. */
  over: positive,
  page: positive,
  pageSize: positive,
});
export const reviewsSearch = z.object({
  page: positive,
  pageSize: positive,
  status: reviewStatusSchema.optional().catch(undefined),
});
export const noticesSearch = z.object({
  page: positive,
  pageSize: positive,
  state: dutyFilterSchema.optional().catch(undefined),
});
export const auditSearch = z.object({ page: positive, pageSize: positive, kind: text, subject: text });
export const modelsSearch = z.object({ split: text });
export const modelSearch = z.object({ characteristic: text });
export const pipelineSearch = z.object({
  tab: z.enum(['runs', 'quality', 'lake', 'sql']).optional().catch(undefined),
  run: text,
  step: text,
  page: positive,
  source: text,
  reason: text,
  table: text,
  sql: z.string().max(SQL_LIMITS.chars).optional().catch(undefined),
});
