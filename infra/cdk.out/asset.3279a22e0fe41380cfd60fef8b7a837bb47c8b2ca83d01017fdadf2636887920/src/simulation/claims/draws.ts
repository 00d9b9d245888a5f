import { setImmediate } from 'node:timers/promises';
import { AssayError, type Interval } from '../../domain/index.ts';
import { percentileInterval } from '../../training/index.ts';

/** Figures of every draw by name; draw 0 is the figure itself, the others its bootstrap. */
export class DrawnFigures {
  readonly #values = new Map<string, Float64Array>();
  readonly #draws: number;

  constructor(draws: number) {
    this.#draws = draws;
  }

  set(name: string, draw: number, value: number): void {
    const values = this.#values.get(name) ?? new Float64Array(this.#draws + 1).fill(Number.NaN);
    values[draw] = value;
    this.#values.set(name, values);
  }

  /**
   * The figure with its 95 % percentile interval; null when it is not defined, or not in most draws.
   * @throws RangeError for a name that was never set
   */
  interval(name: string): Interval | null {
    const values = this.#values.get(name);
    if (!values) throw new RangeError(`no figure "${name}"`);
    const drawn = values.slice(1).filter(Number.isFinite);
    if (!Number.isFinite(values[0]) || drawn.length < this.#draws / 2) return null;
    return percentileInterval(values[0]!, drawn);
  }
}

export type DrawOptions = {
  /** Bootstrap draws; at least 2. */
  readonly draws: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** After each draw. */
  readonly onDraw?: (() => void) | undefined;
};

/** Runs `draw` for 0 (the figure) and 1..draws (its bootstrap); the event loop gets a turn after each. */
export async function forEachDraw(options: DrawOptions, draw: (index: number) => void): Promise<void> {
  for (let index = 0; index <= options.draws; index++) {
    if (options.signal?.aborted) throw new AssayError('cancelled', { what: 'the simulation was cancelled' });
    draw(index);
    options.onDraw?.();
    await setImmediate();
  }
}
