import { StateMachine } from 'aws-local-stepfunctions';
import { AssayError } from '../../domain/index.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** Runs one Task state: gets the state's input, gives its result. Throws to make Retry and Catch act. */
export type TaskHandler = (input: JsonValue) => Promise<JsonValue>;

export type StateMachineRun = {
  /** The Amazon States Language document, with `${Name}` placeholders for resources. */
  readonly definition: string;
  readonly input: JsonValue;
  /** By the name of the Task state. */
  readonly handlers: Readonly<Record<string, TaskHandler>>;
  readonly signal?: AbortSignal;
  /** Pause between retries of a state, by its name; the document's own intervals otherwise. */
  readonly retryIntervalsMs?: Readonly<Record<string, number>>;
};

/**
 * Runs an Amazon States Language document on this machine: the same file that Step Functions runs.
 * @returns the output of the execution
 * @throws AssayError cancelled when the signal fires; otherwise the error the execution failed with
 */
export async function runStateMachine(run: StateMachineRun): Promise<JsonValue> {
  assertHandled(run);
  const machine = new StateMachine(JSON.parse(withLocalResources(run.definition)));
  const execution = machine.run(run.input, {
    overrides: { taskResourceLocalHandlers: { ...run.handlers }, retryIntervalOverrides: { ...run.retryIntervalsMs } },
  });
  const onAbort = () => execution.abort();
  run.signal?.addEventListener('abort', onAbort, { once: true });
  if (run.signal?.aborted) onAbort();
  try {
    return await execution.result;
  } catch (error) {
    if (run.signal?.aborted)
      throw new AssayError('cancelled', { what: 'the state machine was cancelled' }, { cause: error });
    throw error;
  } finally {
    run.signal?.removeEventListener('abort', onAbort);
  }
}

/** `${Name}` becomes a well-formed resource name; no call ever goes there, since every Task has a local handler. */
function withLocalResources(definition: string): string {
  return definition.replace(/\$\{(\w+)\}/g, 'arn:aws:lambda:us-east-1:000000000000:function:$1');
}

/** The runner calls AWS for a Task without a local handler, and ends one without a timeout after 60 s: refuse both first. */
function assertHandled(run: StateMachineRun): void {
  const tasks = taskStates(JSON.parse(run.definition));
  const unhandled = tasks.filter((task) => run.handlers[task.name] === undefined);
  if (unhandled.length > 0) {
    throw new AssayError('internal', { what: 'Task states without a local handler', given: namesOf(unhandled) });
  }
  const untimed = tasks.filter((task) => task.timeoutSeconds === undefined);
  if (untimed.length > 0)
    throw new AssayError('internal', { what: 'Task states without TimeoutSeconds', given: namesOf(untimed) });
}

const namesOf = (tasks: readonly TaskState[]): string => tasks.map((task) => task.name).join(', ');

type TaskState = { readonly name: string; readonly timeoutSeconds: number | undefined };

type StateDocument = {
  readonly States?: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly TimeoutSeconds?: number;
        readonly Iterator?: StateDocument;
        readonly ItemProcessor?: StateDocument;
        readonly Branches?: readonly StateDocument[];
      }
    >
  >;
};

/** All Task states of a document, those inside Map and Parallel too, in document order. */
export function taskStates(document: StateDocument): TaskState[] {
  return Object.entries(document.States ?? {}).flatMap(([name, state]) => [
    ...(state.Type === 'Task' ? [{ name, timeoutSeconds: state.TimeoutSeconds }] : []),
    ...[state.Iterator, state.ItemProcessor, ...(state.Branches ?? [])].flatMap((inner) =>
      inner ? taskStates(inner) : [],
    ),
  ]);
}
