import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromProcess } from './process.ts';

const PROGRAM = fileURLToPath(new URL('./process.ts', import.meta.url));
const IN_FLIGHT = 4;

export type Totals = { accepted: number; duplicates: number; rejected: number; resent: number; failed: number };

/** Sends batches in order to a process that may die at any time, and goes on behind the last acknowledgement of the next one. */
export class Client {
  readonly totals: Totals = { accepted: 0, duplicates: 0, rejected: 0, resent: 0, failed: 0 };
  readonly #environment: NodeJS.ProcessEnv;
  readonly #batches: number;
  readonly #eventsOf: (batch: number) => readonly unknown[];
  #child: ChildProcess | undefined;
  #acknowledged = new Set<number>();
  #firstOpen = 0;
  #furthest = 0;

  constructor(options: {
    home: string;
    batches: number;
    eventsOf: (batch: number) => readonly unknown[];
    environment?: Record<string, string>;
  }) {
    this.#environment = { ...process.env, ASSAY_HOME: options.home, ...options.environment };
    this.#batches = options.batches;
    this.#eventsOf = options.eventsOf;
  }

  get acknowledgedBatches(): number {
    return this.#firstOpen;
  }

  get isDone(): boolean {
    return this.#firstOpen >= this.#batches;
  }

  /** One life of the process: until all is acknowledged or it is gone. `shouldKill` is asked after each acknowledgement. */
  async live(shouldKill: (acknowledged: number) => boolean): Promise<'done' | 'killed'> {
    const child = fork(PROGRAM, [], {
      env: this.#environment,
      execArgv: [],
      detached: true,
      serialization: 'advanced',
    });
    this.#child = child;
    const gone = once(child, 'exit').then(() => 'killed' as const);
    let next = this.#firstOpen;
    const done = new Promise<'done'>((resolve) => {
      const send = (): void => {
        while (child.connected && next < this.#batches && next < this.#firstOpen + IN_FLIGHT) {
          if (this.#acknowledged.has(next)) {
            next++;
            continue;
          }
          if (next < this.#furthest) this.totals.resent++;
          this.#furthest = Math.max(this.#furthest, next + 1);
          child.send({ batch: next, events: this.#eventsOf(next) }, () => {});
          next++;
        }
      };
      child.on('message', (message: FromProcess) => {
        if (message === 'ready') return send();
        if ('failed' in message) {
          this.totals.failed++;
          setTimeout(() => child.send({ batch: message.batch, events: this.#eventsOf(message.batch) }, () => {}), 200);
          return;
        }
        this.#acknowledge(message);
        if (shouldKill(this.#firstOpen)) this.kill();
        else if (this.isDone) resolve('done');
        else send();
      });
    });
    return Promise.race([gone, done]);
  }

  #acknowledge(message: Extract<FromProcess, { accepted: number }>): void {
    this.totals.accepted += message.accepted;
    this.totals.duplicates += message.duplicates;
    this.totals.rejected += message.rejected;
    this.#acknowledged.add(message.batch);
    while (this.#acknowledged.delete(this.#firstOpen)) this.#firstOpen++;
  }

  kill(): void {
    if (this.#child?.pid !== undefined) process.kill(this.#child.pid, 'SIGKILL');
  }

  /** Lets the process finish what it holds and end. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child?.connected) return;
    const gone = once(child, 'exit');
    child.send('stop', () => {});
    await gone;
  }
}
