import { z } from 'zod';
import { isoTime } from './common.ts';

export const runStatusSchema = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']);
export const stepStatusSchema = z.enum([
  'pending',
  'running',
  'succeeded',
  'reused',
  'failed',
  'cancelled',
  'interrupted',
]);

/** The state machine as a graph. A mapped step runs once for each item (say, each estimator). */
export const pipelineDefinitionSchema = z.object({
  startAt: z.string(),
  comment: z.string(),
  states: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      comment: z.string(),
      next: z.array(z.string()),
      /** The Map state this one runs inside of; null at the top level. */
      parent: z.string().nullable(),
    }),
  ),
});
export type PipelineDefinition = z.infer<typeof pipelineDefinitionSchema>;

export const pipelineRunSchema = z.object({
  runId: z.string(),
  portfolio: z.string(),
  status: runStatusSchema,
  trigger: z.string(),
  startedAt: isoTime,
  finishedAt: isoTime.nullable(),
  error: z.string().nullable(),
});
export type PipelineRunDto = z.infer<typeof pipelineRunSchema>;

export const pipelineRunsSchema = z.object({ runs: z.array(pipelineRunSchema) });
export type PipelineRuns = z.infer<typeof pipelineRunsSchema>;

export const pipelineRunDetailSchema = pipelineRunSchema.extend({
  steps: z.array(
    z.object({
      step: z.string(),
      /** '' for a plain step, else the mapped item. */
      item: z.string(),
      position: z.int(),
      status: stepStatusSchema,
      attempt: z.int(),
      startedAt: isoTime.nullable(),
      finishedAt: isoTime.nullable(),
      progressDone: z.number(),
      progressTotal: z.number(),
      note: z.string().nullable(),
      error: z.string().nullable(),
    }),
  ),
});
export type PipelineRunDetail = z.infer<typeof pipelineRunDetailSchema>;

export const startRunSchema = z.strictObject({
  /** Run this step and those after it even if their results stand. */
  from: z.string().max(100).optional(),
});
export type StartRun = z.infer<typeof startRunSchema>;
export const startedRunSchema = z.object({ runId: z.string() });
