import type { ApiLog } from '../../api/index.ts';

const EVERY_MS = 1_000;

/** Work that follows decisions and is never in the way of an answer: each about once a second, one run at a time, until stopped. */
export function startEverySecond(
  works: Readonly<Record<string, () => Promise<unknown>>>,
  log: ApiLog,
): { readonly stop: () => Promise<void> } {
  let running: Promise<unknown> | undefined;
  const run = async (): Promise<void> => {
    for (const [name, work] of Object.entries(works)) {
      await work().catch((error: unknown) => log.error({ error, work: name }, 'work that follows decisions failed'));
    }
  };
  const timer = setInterval(() => {
    running ??= run().finally(() => {
      running = undefined;
    });
  }, EVERY_MS);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
