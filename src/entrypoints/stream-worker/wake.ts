/** Ends a wait early when something happened, also when it happened just before the wait began. */
export class Wake {
  #fired = false;
  #end: (() => void) | undefined;

  fire(): void {
    this.#fired = true;
    this.#end?.();
  }

  /** One waits at a time. */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#fired || signal.aborted) {
      this.#fired = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#end = undefined;
        this.#fired = false;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end, { once: true });
      this.#end = end;
    });
  }
}
