import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AssayError } from '../domain/index.ts';
import {
  type Clock,
  currentOwner,
  type JsonValue,
  ownerState,
  runStateMachine,
  type TaskHandler,
  taskStates,
} from '../platform/index.ts';
import { performStep } from './perform-step.ts';
import type { JsonObject, PipelineStep } from './step.ts';
import type { PipelineStore, StepKey, StepStatus } from './store.ts';

/** A run whose process is on another host counts as dead after this long without a heartbeat. */
const HEARTBEAT_LIMIT_MS = 30_000;
const HEARTBEAT_EVERY_MS = 2_000;
/** Progress is written to the store at most this often for each step. */
const PROGRESS_EVERY_MS = 300;

export type PipelineEvent = {
  readonly step: string;
  readonly title: string;
  readonly item: string;
  readonly status: StepStatus;
  readonly done: number;
  readonly total: number;
  readonly note?: string;
};

export type PipelineRequest = {
  readonly portfolio: string;
  readonly estimators: readonly string[];
  readonly steps: readonly PipelineStep[];
  readonly store: PipelineStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly trigger: string;
  /** Run this step and those after it even if their results stand. */
  readonly from?: string;
  /** Rejected share of rows above which the run fails. Default 5 %. */
  readonly maxRejectedShare?: number;
  readonly onEvent?: (event: PipelineEvent) => void;
  /** The run is in the history and under way. */
  readonly onStart?: (runId: string) => void;
};

export type PipelineOutcome = { readonly runId: string; readonly output: JsonObject };

/**
 * Tasks that are about services beside this system (registry, endpoint and transforms of SageMaker), with what they come to where
 * there are none: nothing is waited for, since the server follows the registry. They are no steps of a run.
 */
export const ELSEWHERE: Readonly<Record<string, JsonObject>> = {
  PackageModel: {},
  AwaitApproval: { decision: 'by_registry' },
  CreateServingModel: {},
  CreateServingConfig: {},
  UpdateEndpoint: {},
  CreateTransformModel: {},
  TransformRows: {},
};

/** The steps of a run, in their order. */
export function stepNames(definition: string): string[] {
  return taskStates(JSON.parse(definition))
    .map(({ name }) => name)
    .filter((name) => ELSEWHERE[name] === undefined);
}

/** The state machine's document, as it is deployed. */
export async function readStateMachine(): Promise<string> {
  return readFile(new URL('credit-risk.asl.json', import.meta.url), 'utf8');
}

/**
 * Runs the state machine once. Steps whose results stand are reused, so a run after a kill goes on where it stopped.
 * @throws AssayError conflict when a run of this portfolio is under way; cancelled; or what a step threw
 */
export async function runPipeline(request: PipelineRequest): Promise<PipelineOutcome> {
  const definition = await readStateMachine();
  const execution = new Execution(request, stepNames(definition));
  await execution.begin();
  request.onStart?.(execution.runId);
  try {
    const output = await runStateMachine({
      definition,
      input: {
        portfolio: request.portfolio,
        estimators: [...request.estimators],
        limits: { rejectedShare: request.maxRejectedShare ?? 0.05 },
      },
      handlers: execution.handlers(),
      signal: request.signal,
    });
    await execution.end('succeeded', null);
    return { runId: execution.runId, output: asObject(output) };
  } catch (error) {
    const cause = execution.failure ?? error;
    const status = request.signal.aborted ? 'cancelled' : 'failed';
    await execution.end(status, textOf(cause));
    throw cause;
  }
}

class Execution {
  readonly runId = randomUUID();
  /** What the failing step threw, before the state machine wrapped it. */
  failure: unknown;
  readonly #request: PipelineRequest;
  readonly #order: readonly string[];
  readonly #fromPosition: number;
  readonly #running = new Set<Promise<unknown>>();
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(request: PipelineRequest, order: readonly string[]) {
    this.#request = request;
    this.#order = order;
    this.#fromPosition = request.from === undefined ? order.length : order.indexOf(request.from);
    if (this.#fromPosition < 0) {
      throw new AssayError('bad_input', {
        what: 'no such pipeline step',
        given: String(request.from),
        allowed: order.join(', '),
      });
    }
  }

  async begin(): Promise<void> {
    const { store, portfolio, trigger } = this.#request;
    await this.#closeInterruptedRun();
    await store.startRun({ runId: this.runId, portfolio, trigger, owner: currentOwner(), steps: this.#order });
    this.#heartbeat = setInterval(() => store.heartbeat(this.runId).catch(() => {}), HEARTBEAT_EVERY_MS);
    this.#heartbeat.unref();
  }

  async #closeInterruptedRun(): Promise<void> {
    const { store, portfolio, clock } = this.#request;
    const running = await store.runningRun(portfolio);
    if (!running) return;
    const silentMs = clock.now().getTime() - running.heartbeatAt.getTime();
    const state = ownerState(running.owner);
    if (state !== 'gone' && silentMs < HEARTBEAT_LIMIT_MS) {
      throw new AssayError('conflict', {
        what: `a pipeline run of ${portfolio} is under way`,
        given: `run ${running.runId}, started ${running.startedAt.toISOString()} by ${running.owner}`,
        fix: 'wait for it, or cancel it, then start again',
      });
    }
    await store.finishRun(running.runId, 'interrupted', 'its process ended before the run did');
  }

  handlers(): Record<string, TaskHandler> {
    const elsewhere = Object.entries(ELSEWHERE).map(([name, output]) => [name, async () => output] as const);
    const steps = this.#request.steps.map(
      (step) => [step.state, (input: JsonValue) => this.#track(step, asObject(input))] as const,
    );
    return Object.fromEntries<TaskHandler>([...elsewhere, ...steps]);
  }

  /** Waits for steps that a cancelled execution left running, so that nothing writes after the run has ended. */
  async end(status: 'succeeded' | 'failed' | 'cancelled', error: string | null): Promise<void> {
    await Promise.allSettled(this.#running);
    clearInterval(this.#heartbeat);
    await this.#request.store.finishRun(this.runId, status, error);
  }

  #track(step: PipelineStep, input: JsonObject): Promise<JsonValue> {
    const running = this.#runStep(step, input);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  async #runStep(step: PipelineStep, input: JsonObject): Promise<JsonObject> {
    const { store, portfolio } = this.#request;
    const item = step.itemOf?.(input) ?? '';
    const position = this.#order.indexOf(step.state);
    const key: StepKey = { runId: this.runId, step: step.state, item };
    await store.startStep(key, position);
    try {
      const repeat = position >= this.#fromPosition;
      const request = { input, signal: this.#request.signal, onProgress: this.#progressOf(step, key) };
      const { status, output } = await performStep({ store, portfolio, step, item, repeat, request });
      return await this.#finish(step, key, status, output);
    } catch (error) {
      throw await this.#fail(step, key, error);
    }
  }

  async #finish(
    step: PipelineStep,
    key: StepKey,
    status: 'succeeded' | 'reused',
    output: JsonObject,
  ): Promise<JsonObject> {
    await this.#request.store.finishStep(key, status, output);
    this.#emit(step, key.item, status, 1, 1);
    return output;
  }

  async #fail(step: PipelineStep, key: StepKey, error: unknown): Promise<Error> {
    const status = this.#request.signal.aborted ? 'cancelled' : 'failed';
    this.failure = error;
    await this.#request.store.failStep(key, status, textOf(error));
    this.#emit(step, key.item, status, 0, 1, textOf(error));
    return new StepError(error);
  }

  #progressOf(step: PipelineStep, key: StepKey): (done: number, total: number, note?: string) => void {
    let lastWriteMs = 0;
    return (done, total, note) => {
      this.#emit(step, key.item, 'running', done, total, note);
      const nowMs = this.#request.clock.now().getTime();
      if (nowMs - lastWriteMs < PROGRESS_EVERY_MS) return;
      lastWriteMs = nowMs;
      const write = this.#request.store.reportProgress(key, done, total, note ?? null).catch(() => {});
      this.#running.add(write);
      write.finally(() => this.#running.delete(write));
    };
  }

  #emit(step: PipelineStep, item: string, status: StepStatus, done: number, total: number, note?: string): void {
    this.#request.onEvent?.({
      step: step.state,
      title: step.title,
      item,
      status,
      done,
      total,
      ...(note === undefined ? {} : { note }),
    });
  }
}

/** Carries the error's code as its name, which is what Retry and Catch of the state machine match on. */
class StepError extends Error {
  /** The runner retries nothing that says it cannot be retried. */
  readonly isRetryable: boolean;

  constructor(cause: unknown) {
    super(textOf(cause), { cause });
    this.name = cause instanceof AssayError ? `Assay.${cause.code}` : 'Assay.internal';
    this.isRetryable = cause instanceof AssayError && cause.code === 'unavailable';
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function asObject(value: JsonValue): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new AssayError('internal', { what: 'a state machine value is not an object', given: JSON.stringify(value) });
  }
  return value;
}
