/**
 * Small seeded generator (mulberry32): 32-bit state, period 2^32, enough for bootstrap draws and shuffles of a few
 * hundred million numbers. Same seed, same sequence, on every machine.
 */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` different numbers below `below`, ascending (selection sampling: one pass, no shuffle). */
export function sampleIndices(below: number, count: number, random: Random): Uint32Array {
  const taken = Math.min(below, count);
  const indices = new Uint32Array(taken);
  let found = 0;
  for (let i = 0; i < below && found < taken; i++) {
    if (random() * (below - i) < taken - found) indices[found++] = i;
  }
  return indices;
}
