import type { OpenModel } from '../../decisions/index.ts';
import { CHAMPION_CHANNEL, type Clock, type Listen } from '../../platform/index.ts';

/** Who the champion is, is believed for so long without asking again. */
const BELIEVED_MS = 1_000;
/** A server that watches asks this often, beside being told: a promotion is in effect everywhere well within a second. */
const WATCH_MS = 250;

export type Champion = {
  /** @throws AssayError unavailable when no version is the champion */
  readonly current: () => Promise<OpenModel>;
  /** The next decision asks again. */
  readonly forget: () => void;
  /** Keeps it current without a decision waiting for it. */
  readonly watch: (listen: Listen) => Promise<{ stop(): Promise<void> }>;
};

/** The champion of a portfolio, opened. `load` asks who it is and opens it; a decision takes the model it is given as a whole. */
export function followChampion(options: {
  readonly portfolio: string;
  readonly clock: Clock;
  readonly load: () => Promise<OpenModel>;
}): Champion {
  const nowMs = (): number => options.clock.now().getTime();
  let known: { readonly atMs: number; readonly model: OpenModel } | undefined;
  const refresh = oneAfterAnother(async (): Promise<OpenModel> => {
    const atMs = nowMs();
    const model = await options.load();
    // the first score plans the attributions: not at a borrower's expense
    if (model !== known?.model) model.scorer.score({});
    known = { atMs, model };
    return model;
  });
  return {
    current: async () => (known && Math.abs(nowMs() - known.atMs) < BELIEVED_MS ? known.model : refresh()),
    forget: () => {
      known = undefined;
    },
    watch: async (listen) => {
      // a failure is told to the decision that needs the champion
      const look = (): void => void refresh().catch(() => {});
      const listening = await listen(CHAMPION_CHANNEL, (changed) => changed === options.portfolio && look());
      const timer = setInterval(look, WATCH_MS).unref();
      return {
        stop: async () => {
          clearInterval(timer);
          await listening.stop();
        },
      };
    },
  };
}

/** One at a time; who asks while one is under way gets the next, which has seen all that was there when they asked. */
function oneAfterAnother<T>(work: () => Promise<T>): () => Promise<T> {
  let [running, next]: [Promise<T> | undefined, Promise<T> | undefined] = [undefined, undefined];
  const start = (): Promise<T> => {
    const started = work().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  };
  return () => {
    if (!running) return start();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}
