/**
 * Fold of each row, stratified by target: rows of each class are shuffled by the seed and dealt out in turn,
 * so that folds differ by at most one row per class.
 */
export function stratifiedFolds(target: Uint8Array, folds: number, seed: number): Uint8Array {
  const random = mulberry32(seed);
  const out = new Uint8Array(target.length);
  let dealt = 0;
  for (const label of [0, 1]) {
    const rows: number[] = [];
    for (let i = 0; i < target.length; i++) if (target[i] === label) rows.push(i);
    for (let i = rows.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [rows[i], rows[j]] = [rows[j]!, rows[i]!];
    }
    for (const row of rows) out[row] = dealt++ % folds;
  }
  return out;
}

/** Small seeded generator of uniform numbers in [0, 1) (Tommy Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
