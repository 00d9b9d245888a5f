/** What happens next, the same for the same seed. */
export type Chance = {
  /** From 0 up to 1. */
  readonly next: () => number;
  readonly happens: (probability: number) => boolean;
  readonly below: (count: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
};

/** mulberry32: every bit of the seed moves the first number already. */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { next, below, happens: (probability) => next() < probability, pick: (from) => from[below(from.length)]! };
}
