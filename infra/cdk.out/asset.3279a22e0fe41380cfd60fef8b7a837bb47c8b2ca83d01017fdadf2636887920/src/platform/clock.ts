import type { Clock } from './contract.ts';

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still until it is moved; for tests and replays. */
export function fixedClock(
  start: string | Date,
): Clock & { set(to: string | Date): void; advance(byMs: number): void } {
  let now = new Date(start);
  return {
    now: () => new Date(now),
    set: (to) => {
      now = new Date(to);
    },
    advance: (byMs) => {
      now = new Date(now.getTime() + byMs);
    },
  };
}
