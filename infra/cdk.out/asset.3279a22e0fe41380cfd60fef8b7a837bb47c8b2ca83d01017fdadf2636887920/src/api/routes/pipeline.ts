import { AssayError } from '../../domain/index.ts';
import type { Handlers } from '../handlers.ts';
import type { ApiDependencies } from '../ports.ts';

const RUNS_LISTED = 50;

type PipelineHandlers = Pick<Handlers, 'getPipelineDefinition' | 'listRuns' | 'getRun' | 'startRun' | 'cancelRun'>;

export function pipelineHandlers({ pipeline }: ApiDependencies): PipelineHandlers {
  return {
    getPipelineDefinition: () => pipeline.definition(),
    listRuns: async () => ({ runs: await pipeline.runs(RUNS_LISTED) }),
    getRun: async ({ parameters }) => {
      const run = await pipeline.run(parameters.runId);
      if (run) return run;
      throw new AssayError('not_found', { what: 'no such pipeline run', given: parameters.runId });
    },
    startRun: ({ body, user }) => pipeline.start(body, user.username),
    cancelRun: async ({ parameters, user }) => {
      await pipeline.cancel(parameters.runId, user.username);
      return { runId: parameters.runId };
    },
  };
}
