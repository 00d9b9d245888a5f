import { z } from 'zod';
import { intervalSchema, isoMonth, share } from './common.ts';

const span = z.object({ from: isoMonth, until: isoMonth, applications: z.int() });

export const driftSchema = z.object({
  /** `undated`: all applications of the book fall on one month, so nothing can drift. */
  state: z.enum(['empty', 'undated', 'ready']),
  drift: z
    .object({
      reference: span,
      recent: span,
      months: z.array(z.object({ month: isoMonth, applications: z.int(), meanPd: share, psi: z.number().nullable() })),
      features: z.array(
        z.object({
          feature: z.string(),
          title: z.string(),
          csi: z.number(),
          missingBefore: share,
          missingNow: share,
        }),
      ),
      quarters: z.array(
        z.object({
          quarter: z.string(),
          labelled: z.int(),
          defaults: z.int(),
          meanPd: share,
          observed: intervalSchema.nullable(),
        }),
      ),
      alarms: z.array(
        z.object({ level: z.enum(['watch', 'act']), kind: z.string(), subject: z.string(), text: z.string() }),
      ),
    })
    .nullable(),
});
export type DriftDto = z.infer<typeof driftSchema>;

export const monitoringOperations = {
  getDrift: {
    method: 'GET',
    path: '/monitoring/drift',
    tag: 'models',
    status: 200,
    summary: 'Drift of score and features, calibration over time, alarms',
    response: driftSchema,
  },
} as const;
