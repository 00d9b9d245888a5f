import { z } from 'zod';

/** Integer minor units (cents) of the portfolio's currency; never a float. */
export const minorUnits = z.int();
/** A share or a probability between 0 and 1. */
export const share = z.number().min(0).max(1);
/** ISO 8601 in UTC. */
export const isoTime = z.string();
/** YYYY-MM. */
export const isoMonth = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/);

/** A figure with its 95 % interval. */
export const intervalSchema = z.object({ value: z.number(), lower: z.number(), upper: z.number() });
export type IntervalDto = z.infer<typeof intervalSchema>;

/** RFC 9457. `errors` names the fields at fault; `code` is one of Assay's error codes. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().optional(),
  code: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const PAGE_SIZE_LIMIT = 200;
export const pageQuery = {
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(PAGE_SIZE_LIMIT).default(25),
};

export const outcomeSchema = z.enum(['approved', 'declined', 'referred', 'counter_offer']);
export type OutcomeDto = z.infer<typeof outcomeSchema>;

/** A feature's value as a record carries it. */
export const featureValueSchema = z.union([z.number(), z.string(), z.null()]);

export const reasonSchema = z.object({
  code: z.string(),
  /** Plain language, as on an adverse-action notice. */
  text: z.string(),
  /** The strongest feature behind the reason. */
  feature: z.string(),
  /** Score points lost against the stated reference; above 0 = lowers the score. */
  points: z.number(),
});
export type ReasonDto = z.infer<typeof reasonSchema>;

/** What an answer computed from the lake was computed from; null when nothing has been built yet. */
export const snapshotSchema = z.object({ id: z.string(), builtAt: isoTime }).nullable();
