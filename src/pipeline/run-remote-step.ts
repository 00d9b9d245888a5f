import { AssayError } from '../domain/index.ts';
import type { Clock } from '../platform/index.ts';
import { performStep } from './perform-step.ts';
import { readStateMachine, stepNames } from './run-pipeline.ts';
import type { JsonObject, PipelineStep } from './step.ts';
import type { PipelineStore, StepKey } from './store.ts';

export type RemoteStepRequest = {
  readonly portfolio: string;
  /** The execution's own id: all steps of one execution are one run in the history. */
  readonly executionId: string;
  readonly state: string;
  readonly input: JsonObject;
  readonly steps: readonly PipelineStep[];
  readonly store: PipelineStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** An execution that has not been heard of for longer is over, whatever became of it. */
const EXECUTION_LIMIT_MS = 26 * 3600 * 1000;

/**
 * One Task state of an execution that another machine orchestrates: the same step, results and history as `runPipeline`, with
 * the order of states left to Step Functions. The first state opens the run, the last one ends it, and so does a failure.
 * @throws AssayError conflict when another execution of the portfolio is under way; what the step threw
 */
export async function runRemoteStep(request: RemoteStepRequest): Promise<JsonObject> {
  const { portfolio, executionId, state, input, store, signal } = request;
  const step = request.steps.find((candidate) => candidate.state === state);
  if (step === undefined) throw noSuchStep(state, request.steps);
  const order = stepNames(await readStateMachine());
  await openRun(request, order);
  await enterJob(request, order);
  const item = step.itemOf?.(input) ?? '';
  const key: StepKey = { runId: executionId, step: state, item };
  await store.startStep(key, order.indexOf(state));
  const onProgress = (done: number, total: number, note?: string): void =>
    void store.reportProgress(key, done, total, note ?? null).catch(() => {});
  try {
    const performance = { store, portfolio, step, item, repeat: false, request: { input, signal, onProgress } };
    const { status, output } = await performStep(performance);
    await store.finishStep(key, status, output);
    if (state === order.at(-1)) await store.finishRun(executionId, 'succeeded', null);
    return output;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    await store.failStep(key, 'failed', text);
    // What may be tried again does not end the run.
    if (!(error instanceof AssayError && error.code === 'unavailable'))
      await store.finishRun(executionId, 'failed', text);
    throw error;
  }
}

/** A version that was trained by a job of another service has its place in the history too. */
async function enterJob({ executionId, state, input, steps, store }: RemoteStepRequest, order: readonly string[]) {
  const trained = input['trained'];
  const training = steps.find((step) => step.state === 'TrainEstimator');
  if (state !== 'RegisterModel' || !training || trained === null || typeof trained !== 'object') return;
  if (Array.isArray(trained) || trained['jobName'] === undefined) return;
  const key: StepKey = { runId: executionId, step: training.state, item: training.itemOf?.(input) ?? '' };
  await store.startStep(key, order.indexOf(training.state));
  await store.finishStep(key, 'succeeded', trained);
}

async function openRun(request: RemoteStepRequest, order: readonly string[]): Promise<void> {
  const { portfolio, executionId, store, clock } = request;
  if ((await store.findRun(executionId)) !== undefined) return store.heartbeat(executionId);
  const running = await store.runningRun(portfolio);
  if (running && clock.now().getTime() - running.heartbeatAt.getTime() < EXECUTION_LIMIT_MS) {
    throw new AssayError('conflict', {
      what: `a pipeline run of ${portfolio} is under way`,
      given: `run ${running.runId}, started ${running.startedAt.toISOString()}`,
      fix: 'wait for it, or stop that execution and start this one again',
    });
  }
  if (running) await store.finishRun(running.runId, 'interrupted', 'its execution was not heard of for a day');
  await store.startRun({
    runId: executionId,
    portfolio,
    trigger: 'step-functions',
    owner: 'step-functions',
    steps: order,
  });
}

function noSuchStep(state: string, steps: readonly PipelineStep[]): AssayError {
  return new AssayError('bad_input', {
    what: 'no such pipeline step',
    given: state,
    allowed: steps.map((step) => step.state).join(', '),
  });
}
