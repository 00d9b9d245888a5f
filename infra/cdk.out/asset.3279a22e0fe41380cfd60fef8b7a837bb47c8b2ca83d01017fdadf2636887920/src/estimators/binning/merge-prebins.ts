import { ivOf, type Tally } from './information-value.ts';

/** Shape of the default rate over the bins in order. */
export const TRENDS = ['ascending', 'descending', 'peak', 'valley', 'none'] as const;
export type Trend = (typeof TRENDS)[number];

export type MergeOptions = {
  readonly trend: Trend;
  readonly maxBins: number;
  /** Least rows in a bin. */
  readonly minBinCount: number;
  /** Least defaults, and least non-defaults, in a bin; at least 1 keeps every WoE finite. */
  readonly minBinEvents: number;
  /** Taken off the IV for every bin: a bin must bring more than this. */
  readonly binCost: number;
};

export type Merge = {
  /** Index after the last prebin of each bin; the last is the number of prebins. */
  readonly ends: readonly number[];
  /** IV less the cost of the bins: what was maximised. */
  readonly value: number;
};

/** Directions of the default rate, phase by phase: +1 rises, -1 falls, 0 free. */
const PHASES: Readonly<Record<Trend, readonly number[]>> = {
  ascending: [1],
  descending: [-1],
  peak: [1, -1],
  valley: [-1, 1],
  none: [0],
};

const IMPOSSIBLE = Number.NEGATIVE_INFINITY;

/**
 * The contiguous merge of ordered prebins with the largest IV under the trend and the size limits: the exact optimum, by
 * dynamic programming over (number of bins, phase, first and last prebin of the last bin). Time n^3 * maxBins for n prebins.
 * Equal values prefer fewer bins. Undefined when not even the single bin of everything meets the limits.
 */
export function mergePrebins(prebins: readonly Tally[], total: Tally, options: MergeOptions): Merge | undefined {
  const cells = candidateBins(prebins, total, options);
  const search = createSearch(cells, options);
  let best: { layer: number; value: number; state: number } | undefined;
  for (let layer = 0; layer < search.layers.length; layer++) {
    fillLayer(search, layer);
    const state = bestEnd(search, layer);
    const value = state < 0 ? IMPOSSIBLE : search.layers[layer]!.value[state]!;
    if (value > (best?.value ?? IMPOSSIBLE) + 1e-12) best = { layer, value, state };
  }
  return best && { ends: trace(search, best.layer, best.state), value: best.value };
}

/** Every bin from prebin `first` to prebin `last`, at first * n + last: its worth (or impossible) and default rate. */
type Cells = { readonly n: number; readonly worth: Float64Array; readonly rate: Float64Array };

function candidateBins(prebins: readonly Tally[], total: Tally, options: MergeOptions): Cells {
  const n = prebins.length;
  const worth = new Float64Array(n * n).fill(IMPOSSIBLE);
  const rate = new Float64Array(n * n);
  for (let first = 0; first < n; first++) {
    let count = 0;
    let defaults = 0;
    for (let last = first; last < n; last++) {
      count += prebins[last]!.count;
      defaults += prebins[last]!.defaults;
      const at = first * n + last;
      rate[at] = defaults / count;
      const fewest = Math.min(defaults, count - defaults);
      const isLarge = count >= options.minBinCount && fewest >= options.minBinEvents;
      if (isLarge) worth[at] = ivOf({ count, defaults }, total) - options.binCost;
    }
  }
  return { n, worth, rate };
}

/** One layer per number of bins; a state is phase * n * n + first * n + last of the last bin. */
type Layer = { readonly value: Float64Array; readonly previous: Int32Array };
type Search = { readonly cells: Cells; readonly phases: readonly number[]; readonly layers: readonly Layer[] };

function createSearch(cells: Cells, options: MergeOptions): Search {
  const phases = PHASES[options.trend];
  const size = phases.length * cells.n * cells.n;
  const layers = Array.from({ length: Math.min(options.maxBins, cells.n) }, () => ({
    value: new Float64Array(size).fill(IMPOSSIBLE),
    previous: new Int32Array(size).fill(-1),
  }));
  return { cells, phases, layers };
}

function fillLayer(search: Search, layer: number): void {
  const { n, worth } = search.cells;
  for (let first = 0; first < n; first++) {
    for (let last = first; last < n; last++) {
      if (worth[first * n + last] === IMPOSSIBLE) continue;
      for (let phase = 0; phase < search.phases.length; phase++) settle(search, layer, phase, first, last);
    }
  }
}

/** The best way to have `first..last` as the last bin of this layer, in this phase. */
function settle(search: Search, layer: number, phase: number, first: number, last: number): void {
  const { cells, layers, phases } = search;
  const { n, worth, rate } = cells;
  const cell = first * n + last;
  const state = phase * n * n + cell;
  const { value, previous } = layers[layer]!;
  if (layer === 0) {
    if (first === 0) value[state] = worth[cell]!;
    return;
  }
  const before = layers[layer - 1]!.value;
  const direction = phases[phase]!;
  for (let from = 0; from < first; from++) {
    const left = from * n + first - 1;
    if (direction !== 0 && !(direction * (rate[cell]! - rate[left]!) > 0)) continue;
    for (let earlier = Math.max(0, phase - 1); earlier <= phase; earlier++) {
      const candidate = before[earlier * n * n + left]! + worth[cell]!;
      if (candidate <= value[state]!) continue;
      value[state] = candidate;
      previous[state] = earlier * n * n + left;
    }
  }
}

/** State that ends at the last prebin with the largest value; -1 when there is none. */
function bestEnd(search: Search, layer: number): number {
  const { n } = search.cells;
  const { value } = search.layers[layer]!;
  let best = -1;
  for (let state = n - 1; state < value.length; state += n) {
    if (value[state]! > (best < 0 ? IMPOSSIBLE : value[best]!)) best = state;
  }
  return best;
}

function trace(search: Search, layer: number, state: number): number[] {
  const { n } = search.cells;
  const ends: number[] = [];
  for (let at = layer, current = state; at >= 0; at--) {
    ends.unshift((current % n) + 1);
    current = search.layers[at]!.previous[current]!;
  }
  return ends;
}
