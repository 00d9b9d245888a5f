import type { Bin } from '../contract.ts';
import { ivOf, type Tally } from './information-value.ts';

export type BinningTableRow = {
  /** '[0.5, 2)', 'A11, A12', 'Special 96', 'Missing'. */
  readonly bin: string;
  readonly count: number;
  readonly countShare: number;
  readonly defaults: number;
  readonly defaultRate: number;
  readonly woe: number;
  readonly iv: number;
  /** Jensen-Shannon divergence between the shares of defaults and of non-defaults, in nats. */
  readonly js: number;
};

export type BinningTable = {
  readonly rows: readonly BinningTableRow[];
  readonly totals: {
    readonly count: number;
    readonly defaults: number;
    readonly iv: number;
    readonly js: number;
    /** 2 AUC - 1 of the bins taken by default rate. */
    readonly gini: number;
  };
};

/** What a binned feature looks like in numbers, in optbinning's terms; bins without rows are left out. */
export function binningTable(bins: readonly Bin[]): BinningTable {
  const total: Tally = { count: sum(bins, 'count'), defaults: sum(bins, 'defaults') };
  const filled = bins.filter((bin) => bin.count > 0);
  const rows = filled.map(
    (bin): BinningTableRow => ({
      bin: labelOf(bin.rule),
      count: bin.count,
      countShare: bin.count / total.count,
      defaults: bin.defaults,
      defaultRate: bin.defaults / bin.count,
      woe: bin.woe,
      iv: ivOf(bin, total),
      js: jsOf(bin, total),
    }),
  );
  const [iv, js] = [sum(rows, 'iv'), sum(rows, 'js')];
  return { rows, totals: { ...total, iv, js, gini: giniOf(filled, total) } };
}

export function labelOf(rule: Bin['rule']): string {
  switch (rule.kind) {
    case 'interval': {
      const [lower, upper] = [rule.lower ?? '-inf', rule.upper ?? 'inf'];
      return `${rule.lower === null ? '(' : '['}${lower}, ${upper})`;
    }
    case 'levels':
      return rule.levels.join(', ');
    case 'special':
      return `Special ${rule.values.join(', ')}`;
    case 'missing':
      return 'Missing';
  }
}

function sum<Key extends string>(items: readonly { readonly [key in Key]: number }[], key: Key): number {
  return items.reduce((total, item) => total + item[key], 0);
}

function jsOf(bin: Tally, total: Tally): number {
  const bad = bin.defaults / total.defaults;
  const good = (bin.count - bin.defaults) / (total.count - total.defaults);
  const middle = (bad + good) / 2;
  const part = (share: number) => (share > 0 ? 0.5 * share * Math.log(share / middle) : 0);
  return part(bad) + part(good);
}

function giniOf(bins: readonly Bin[], total: Tally): number {
  const ordered = bins.toSorted((a, b) => a.defaults / a.count - b.defaults / b.count);
  let goodBefore = 0;
  let pairs = 0;
  for (const bin of ordered) {
    const good = bin.count - bin.defaults;
    pairs += bin.defaults * (goodBefore + good / 2);
    goodBefore += good;
  }
  return (2 * pairs) / (total.defaults * (total.count - total.defaults)) - 1;
}
