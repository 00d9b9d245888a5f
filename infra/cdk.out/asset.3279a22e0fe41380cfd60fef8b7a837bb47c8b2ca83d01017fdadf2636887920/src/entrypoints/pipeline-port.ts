import type { PipelinePort, PipelineRunDetail, PipelineRunDto } from '../api/index.ts';
import { AssayError } from '../domain/index.ts';
import {
  describeStateMachine,
  type PipelineEvent,
  type PipelineRun,
  type PipelineRunStep,
  type PipelineStore,
} from '../pipeline/index.ts';

/** Runs the pipeline once; settles when it has ended, with its process gone. `onStart`: it is in the history. */
export type PipelineRunner = (request: RunnerRequest) => Promise<{ runId: string }>;

export type RunnerRequest = {
  readonly trigger: string;
  readonly from?: string | undefined;
  readonly signal: AbortSignal;
  readonly onStart: (runId: string) => void;
  readonly onEvent?: (event: PipelineEvent) => void;
};

type Begun = { readonly runId: string; readonly done: Promise<unknown> };
type Under = { readonly controller: AbortController; readonly done: Promise<unknown> };

/** The API's port, and the same door for the entry point, so that what it runs can be cancelled from the page too. */
export type BookRuns = PipelinePort & {
  /** Settles as soon as the run is in the history, or with why it could not start. */
  begin(request: Omit<RunnerRequest, 'onStart' | 'signal'>): Promise<Begun>;
  /** Cancels what is under way and waits for its end. */
  close(): Promise<void>;
};

/** Brings the pipeline's history to the API's routes. */
export function pipelineHistory(
  portfolio: string,
  store: PipelineStore,
): Pick<PipelinePort, 'definition' | 'runs' | 'run'> {
  return {
    definition: async () => {
      const { startAt, comment, states } = await describeStateMachine();
      return { startAt, comment, states: states.map((state) => ({ ...state, next: [...state.next] })) };
    },
    runs: async (limit) => (await store.listRuns(portfolio, limit)).map(runDto),
    run: async (runId) => {
      const found = await store.findRun(runId);
      return found && { ...runDto(found), steps: (await store.stepsOf(runId)).map(stepDto) };
    },
  };
}

/** Brings the pipeline's history and runner to the API's routes. */
export function pipelinePort(portfolio: string, store: PipelineStore, run: PipelineRunner): BookRuns {
  const underWay = new Map<string, Under>();
  const begin: BookRuns['begin'] = (request) =>
    new Promise((resolve, reject) => {
      const controller = new AbortController();
      const onStart = (runId: string): void => {
        const settled = done.catch((error: unknown) => closeHistory(store, runId, error));
        underWay.set(runId, { controller, done: settled.finally(() => underWay.delete(runId)) });
        resolve({ runId, done });
      };
      const done = run({ ...request, signal: controller.signal, onStart });
      done.catch(reject);
    });
  return {
    ...pipelineHistory(portfolio, store),
    begin,
    start: async ({ from }, actor) => ({ runId: (await begin({ trigger: actor, from })).runId }),
    cancel: async (runId, actor) => {
      const found = underWay.get(runId);
      if (!found) {
        throw new AssayError('not_found', {
          what: 'this server is not running that pipeline run',
          given: runId,
          fix: 'cancel it where it was started',
        });
      }
      found.controller.abort(new AssayError('cancelled', { what: `the run was cancelled by ${actor}` }));
    },
    close: async () => {
      const runs = [...underWay.values()];
      for (const { controller } of runs) {
        controller.abort(new AssayError('cancelled', { what: 'the server was stopped' }));
      }
      await Promise.allSettled(runs.map(({ done }) => done));
    },
  };
}

/** A run whose process was killed could not write its own end; one that did is left as it is. */
async function closeHistory(store: PipelineStore, runId: string, error: unknown): Promise<void> {
  const isCancelled = error instanceof AssayError && error.code === 'cancelled';
  const text = error instanceof Error ? error.message : String(error);
  await store.finishRun(runId, isCancelled ? 'cancelled' : 'interrupted', text).catch(() => {});
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
