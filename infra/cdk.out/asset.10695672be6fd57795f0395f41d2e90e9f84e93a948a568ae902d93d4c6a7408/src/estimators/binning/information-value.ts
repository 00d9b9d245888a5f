/** Rows and defaults of a bin; sums of weights when rows are weighted. */
export type Tally = { readonly count: number; readonly defaults: number };

/**
 * Weight of evidence, ln(share of defaults / share of non-defaults): above 0 = riskier than average.
 * A bin without defaults (or without non-defaults) counts half a row of what it lacks, so that it stays finite.
 */
export function woeOf(bin: Tally, total: Tally): number {
  const { defaults, others } = atLeastHalf(bin);
  return Math.log(defaults / total.defaults) - Math.log(others / (total.count - total.defaults));
}

/** A bin's part of the information value: (share of defaults - share of non-defaults) * WoE; 0 for an empty bin. */
export function ivOf(bin: Tally, total: Tally): number {
  if (bin.count === 0) return 0;
  const { defaults, others } = atLeastHalf(bin);
  return (defaults / total.defaults - others / (total.count - total.defaults)) * woeOf(bin, total);
}

function atLeastHalf(bin: Tally): { defaults: number; others: number } {
  const others = bin.count - bin.defaults;
  return { defaults: bin.defaults > 0 ? bin.defaults : 0.5, others: others > 0 ? others : 0.5 };
}

/**
 * WoE of a bin that could not be merged with a neighbour (missing, special codes), drawn towards 0 as if it held so many
 * more rows of average risk that they bring `priorDefaults` defaults (or non-defaults, where those are rarer).
 */
export function shrunkWoe(bin: Tally, total: Tally, priorDefaults: number): number {
  if (bin.count === 0) return 0;
  const rate = total.defaults / total.count;
  const rows = priorDefaults / Math.min(rate, 1 - rate);
  return woeOf({ count: bin.count + rows, defaults: bin.defaults + rows * rate }, total);
}

/**
 * What one more bin is worth by chance: a bin without information adds about 1/D + 1/G to the IV (D defaults, G others),
 * as IV / (1/D + 1/G) is near a chi-square with one degree of freedom per split.
 */
export function chanceIv(total: Tally): number {
  return 1 / total.defaults + 1 / (total.count - total.defaults);
}
