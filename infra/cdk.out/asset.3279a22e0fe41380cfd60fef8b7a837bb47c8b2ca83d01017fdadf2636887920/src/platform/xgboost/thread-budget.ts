/** Threads of the machine, lent to jobs in the order they came. */
export type ThreadBudget = {
  /** Does `work` once `threads` of them (at most all) are free. */
  with<T>(threads: number, work: () => Promise<T>): Promise<T>;
};

/** A job waits until the ones before it have begun, so that a wide one is not overtaken for ever by narrow ones. */
export function openThreadBudget(total: number): ThreadBudget {
  let free = total;
  const waiting: { readonly threads: number; readonly begin: () => void }[] = [];
  const lend = (): void => {
    for (let first = waiting[0]; first && first.threads <= free; first = waiting[0]) {
      waiting.shift();
      free -= first.threads;
      first.begin();
    }
  };
  return {
    async with(wanted, work) {
      const threads = Math.max(1, Math.min(total, wanted));
      await new Promise<void>((begin) => {
        waiting.push({ threads, begin });
        lend();
      });
      try {
        return await work();
      } finally {
        free += threads;
        lend();
      }
    },
  };
}
