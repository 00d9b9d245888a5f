import type { PipelinePort } from '../../api/index.ts';
import type { Ask, CallHandlers } from './calls.ts';

/** A worker's pipeline: the history is read here, runs are started and cancelled in the primary, which outlives the workers. */
export function primaryPipeline(history: Pick<PipelinePort, 'definition' | 'runs' | 'run'>, ask: Ask): PipelinePort {
  return {
    ...history,
    start: async (request, actor) => ({ runId: String(await ask('startRun', request, actor)) }),
    cancel: async (runId, actor) => void (await ask('cancelRun', runId, actor)),
  };
}

/** The primary's side of it. */
export function pipelineCalls(pipeline: Pick<PipelinePort, 'start' | 'cancel'>): CallHandlers {
  return {
    startRun: async (request: { from?: string }, actor: string) => (await pipeline.start(request, actor)).runId,
    cancelRun: (runId: string, actor: string) => pipeline.cancel(runId, actor),
  };
}
