import type { ApiLog } from '../../api/index.ts';
import { type DecisionStore, type PolicyStore, runShadows } from '../../decisions/index.ts';
import type { Database } from '../../platform/index.ts';

/** How often policies in shadow are tried on the decisions made meanwhile. */
const EVERY_MS = 1_000;

/** Tries policies in shadow beside the server, never in the way of an answer. */
export function startShadows(options: {
  readonly database: Database;
  readonly store: DecisionStore;
  readonly policies: PolicyStore;
  readonly portfolio: string;
  readonly log: ApiLog;
}): { readonly stop: () => Promise<void> } {
  let running: Promise<unknown> | undefined;
  const tick = (): void => {
    running ??= runShadows(options, options.portfolio)
      .catch((error: unknown) => options.log.error({ error }, 'policies in shadow could not be tried'))
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(tick, EVERY_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
