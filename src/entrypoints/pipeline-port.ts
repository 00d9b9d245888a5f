import type { PipelinePort, PipelineRunDetail, PipelineRunDto } from '../api/index.ts';
import { AssayError } from '../domain/index.ts';
import { describeStateMachine, type PipelineRun, type PipelineRunStep, type PipelineStore } from '../pipeline/index.ts';

/** Starts a run and gives its id as soon as it is under way; `done` settles when it ends. */
export type RunStarter = (request: {
  from?: string;
  trigger: string;
  signal: AbortSignal;
}) => Promise<{ runId: string; done: Promise<unknown> }>;

/** Brings the pipeline's history and runner to the API's routes. */
export function pipelinePort(portfolio: string, store: PipelineStore, start: RunStarter): PipelinePort {
  const cancellers = new Map<string, AbortController>();
  return {
    definition: async () => {
      const { startAt, comment, states } = await describeStateMachine();
      return { startAt, comment, states: states.map((state) => ({ ...state, next: [...state.next] })) };
    },
    runs: async (limit) => (await store.listRuns(portfolio, limit)).map(runDto),
    run: async (runId) => {
      const run = await store.findRun(runId);
      return run && { ...runDto(run), steps: (await store.stepsOf(runId)).map(stepDto) };
    },
    start: async (request, actor) => {
      const controller = new AbortController();
      const { runId, done } = await start({
        trigger: actor,
        signal: controller.signal,
        ...(request.from === undefined ? {} : { from: request.from }),
      });
      cancellers.set(runId, controller);
      // the run's own history says how it ended
      done.catch(() => {}).finally(() => cancellers.delete(runId));
      return { runId };
    },
    cancel: async (runId, actor) => {
      const controller = cancellers.get(runId);
      if (!controller) {
        throw new AssayError('not_found', {
          what: 'this server is not running that pipeline run',
          given: runId,
          fix: 'cancel it where it was started',
        });
      }
      controller.abort(new AssayError('cancelled', { what: `the run was cancelled by ${actor}` }));
    },
  };
}

function runDto(run: PipelineRun): PipelineRunDto {
  const { runId, portfolio, status, trigger, error } = run;
  return {
    runId,
    portfolio,
    status,
    trigger,
    error,
    startedAt: run.startedAt.toISOString(),
    finishedAt: isoOf(run.finishedAt),
  };
}

function stepDto(step: PipelineRunStep): PipelineRunDetail['steps'][number] {
  const { output, ...rest } = step;
  return { ...rest, startedAt: isoOf(step.startedAt), finishedAt: isoOf(step.finishedAt) };
}

const isoOf = (date: Date | null): string | null => date?.toISOString() ?? null;
