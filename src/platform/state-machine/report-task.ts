import type { JsonValue } from './state-machine.ts';

export type TaskOutcome =
  | { readonly kind: 'succeeded'; readonly output: JsonValue }
  /** `error` is what Retry and Catch of the waiting state match on. */
  | { readonly kind: 'failed'; readonly error: string; readonly cause: string }
  /** Still waited for: without it the state ends at its heartbeat. */
  | { readonly kind: 'waiting' };

/** What Step Functions takes of a cause. */
const MAX_CAUSE_CHARS = 32_768;
/** Nobody waits for this token any more. */
const GONE = ['TaskTimedOut', 'TaskDoesNotExist'];

/**
 * Tells a state that waits for a task token how its work ended, or that it goes on.
 * @returns false when nobody waits any more
 */
export async function reportTask(taskToken: string, outcome: TaskOutcome): Promise<boolean> {
  const { SendTaskFailureCommand, SendTaskHeartbeatCommand, SendTaskSuccessCommand, SFNClient } = await import(
    '@aws-sdk/client-sfn'
  );
  const client = new SFNClient();
  try {
    switch (outcome.kind) {
      case 'succeeded':
        await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(outcome.output) }));
        return true;
      case 'failed': {
        const cause = outcome.cause.slice(0, MAX_CAUSE_CHARS);
        await client.send(new SendTaskFailureCommand({ taskToken, error: outcome.error, cause }));
        return true;
      }
      case 'waiting':
        await client.send(new SendTaskHeartbeatCommand({ taskToken }));
        return true;
    }
  } catch (error) {
    if (error instanceof Error && GONE.includes(error.name)) return false;
    throw error;
  } finally {
    client.destroy();
  }
}
