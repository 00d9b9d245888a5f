import { createRandom } from '../bank/random.ts';

/** Two halves of the applicants, as how often each row counts in each. */
export type Halves = { readonly setting: Uint16Array; readonly judging: Uint16Array };

/**
 * Draw 0 splits the applicants at random into two halves, each row once. Every later draw splits anew and takes as many rows as
 * each half has, with replacement: so the interval holds the chance of the applicants and that of the split.
 */
export function drawHalves(rowCount: number, seed: number, draw: number): Halves {
  const random = createRandom(seed, draw);
  const half = new Uint8Array(rowCount);
  const members: [number[], number[]] = [[], []];
  for (let row = 0; row < rowCount; row++) {
    half[row] = random.uniform() < 0.5 ? 0 : 1;
    members[half[row] === 0 ? 0 : 1].push(row);
  }
  const weights = { setting: new Uint16Array(rowCount), judging: new Uint16Array(rowCount) };
  for (const [rows, into] of [
    [members[0], weights.setting],
    [members[1], weights.judging],
  ] as const) {
    for (const row of rows) into[draw === 0 ? row : rows[Math.floor(random.uniform() * rows.length)]!]! += 1;
  }
  return weights;
}
