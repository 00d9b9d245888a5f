import type { InputColumn } from '../../domain/index.ts';
import type { Bin } from '../contract.ts';

/**
 * Finds the bin of an encoded value (number or category code, NaN = missing); -1 when no bin holds it.
 * A level that training did not see is missing, as everywhere.
 */
export function binLookup(bins: readonly Bin[], input: InputColumn): (value: number) => number {
  const missing = bins.findIndex((bin) => bin.rule.kind === 'missing');
  if (input.kind === 'categorical') {
    const byCode = codesToBins(bins, input.levels, missing);
    return (value) => (Number.isNaN(value) ? missing : (byCode[value] ?? missing));
  }
  const { specials, specialBins } = specialCodes(bins);
  const { uppers, first } = intervalBounds(bins);
  const last = uppers.length;
  return (value) => {
    if (Number.isNaN(value)) return missing;
    for (let i = 0; i < specials.length; i++) if (specials[i] === value) return specialBins[i]!;
    let at = 0;
    while (at < last && value >= uppers[at]!) at++;
    return first < 0 ? missing : first + at;
  };
}

function codesToBins(bins: readonly Bin[], levels: readonly string[], missing: number): Int32Array {
  const byLevel = new Map<string, number>();
  bins.forEach((bin, at) => {
    if (bin.rule.kind === 'levels') for (const level of bin.rule.levels) byLevel.set(level, at);
  });
  return Int32Array.from(levels, (level) => byLevel.get(level) ?? missing);
}

function specialCodes(bins: readonly Bin[]): { specials: Float64Array; specialBins: Int32Array } {
  const pairs = bins.flatMap((bin, at) =>
    bin.rule.kind === 'special' ? bin.rule.values.map((value) => [value, at] as const) : [],
  );
  return {
    specials: Float64Array.from(pairs, ([value]) => value),
    specialBins: Int32Array.from(pairs, ([, at]) => at),
  };
}

/** Upper bounds of the intervals but the last; intervals stand together and in order. */
function intervalBounds(bins: readonly Bin[]): { uppers: Float64Array; first: number } {
  const uppers: number[] = [];
  for (const { rule } of bins) if (rule.kind === 'interval' && rule.upper !== null) uppers.push(rule.upper);
  return { uppers: Float64Array.from(uppers), first: bins.findIndex((bin) => bin.rule.kind === 'interval') };
}
