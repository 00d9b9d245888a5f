import { z } from 'zod';
import { featureValueSchema, isoTime } from './common.ts';

const MAX_OVER_DAYS = 3_660;
const MAX_POINTS = 100;

export const borrowerFeaturesQuerySchema = z.strictObject({
  /** UTC; facts strictly before it count. Unset: as the next decision would see them. */
  asOf: z
    .string()
    .regex(
      /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z?)?$/,
      'must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ss[.ffffff]Z, UTC',
    )
    .optional(),
  /** Days before asOf to begin at; 0: that one instant. */
  over: z.coerce.number().int().min(0).max(MAX_OVER_DAYS).default(0),
  /** Instants in equal steps, both ends counted; only with `over`. */
  points: z.coerce.number().int().min(2).max(MAX_POINTS).default(13),
});

export const borrowerFeaturesSchema = z.object({
  borrowerId: z.string(),
  /** Facts of this borrower that were streamed since the last snapshot. */
  streamedFacts: z.int(),
  instants: z.array(
    z.object({
      asOf: isoTime,
      /** The loan application whose attributes count: the latest made by then. */
      applicationId: z.string().nullable(),
    }),
  ),
  features: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      unit: z.string(),
      type: z.enum(['numeric', 'categorical']),
      group: z.string(),
      /** One an instant. */
      values: z.array(featureValueSchema),
    }),
  ),
});
export type BorrowerFeaturesDto = z.infer<typeof borrowerFeaturesSchema>;

export const borrowerOperations = {
  getBorrowerFeatures: {
    method: 'GET',
    path: '/borrowers/:borrowerId/features',
    tag: 'decisions',
    status: 200,
    summary: "A borrower's features as known at an instant, or over time",
    query: borrowerFeaturesQuerySchema,
    response: borrowerFeaturesSchema,
  },
} as const;
