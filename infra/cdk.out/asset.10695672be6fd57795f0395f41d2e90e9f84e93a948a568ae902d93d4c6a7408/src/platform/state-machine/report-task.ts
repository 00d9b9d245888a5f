import type { JsonValue } from './state-machine.ts';

export type TaskOutcome =
  | { readonly kind: 'succeeded'; readonly output: JsonValue }
  /** `error` is what Retry and Catch of the waiting state match on. */
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string };

/** What Step Functions takes of a cause. */
const MAX_CAUSE_CHARS = 32_768;

/** Tells a state that waits for a task token how its work ended. */
export async function reportTask(taskToken: string, outcome: TaskOutcome): Promise<void> {
  const { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient } = await import('@aws-sdk/client-sfn');
  const client = new SFNClient();
  try {
    if (outcome.kind === 'succeeded') {
      await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(outcome.output) }));
    } else {
      const cause = outcome.cause.slice(0, MAX_CAUSE_CHARS);
      await client.send(new SendTaskFailureCommand({ taskToken, error: outcome.error, cause }));
    }
  } finally {
    client.destroy();
  }
}
