/**
 * Binning: equality with scikit-learn's tree and optbinning's optimum (oracle.json, written by python/reference/binning.py),
 * exactness against trying every merge, and what holds for any data. Speed is measured in bench/binning.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CategoricalColumn, NumericColumn } from '../../domain/index.ts';
import type { Bin } from '../contract.ts';
import { binLookup } from '../scorecard/lookup-bin.ts';
import { distinctValues } from './distinct-values.ts';
import {
  type BinningOptions,
  binFeature,
  binningTable,
  chanceIv,
  ivOf,
  mergePrebins,
  prebin,
  shrunkWoe,
  type Tally,
  TRENDS,
  type Trend,
  woeOf,
} from './index.ts';

const MISSING = Number.NaN;

function numeric(values: readonly number[]): NumericColumn {
  return { kind: 'numeric', name: 'x', values: Float64Array.from(values) };
}

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

type Oracle = {
  readonly target: number[];
  readonly cases: { name: string; values: number[]; splits: number[]; iv: Record<Trend, number> }[];
};
const oracle: Oracle = JSON.parse(readFileSync(new URL('oracle.json', import.meta.url), 'utf8'));

describe('weight of evidence and information value', () => {
  it('are the textbook figures', () => {
    // 10 of 100 defaults and 30 of 100 others: WoE ln(0.1 / 0.3), IV (0.1 - 0.3) ln(0.1 / 0.3)
    const total = { count: 200, defaults: 100 };
    near(woeOf({ count: 40, defaults: 10 }, total), Math.log(1 / 3));
    near(ivOf({ count: 40, defaults: 10 }, total), -0.2 * Math.log(1 / 3));
    near(chanceIv(total), 0.02);
  });

  it('stay finite without defaults or without others, as if half a row of them were there', () => {
    const total = { count: 100, defaults: 20 };
    near(woeOf({ count: 10, defaults: 0 }, total), Math.log(0.5 / 20 / (10 / 80)));
    near(woeOf({ count: 10, defaults: 10 }, total), Math.log(10 / 20 / (0.5 / 80)));
    assert.equal(ivOf({ count: 0, defaults: 0 }, total), 0);
  });

  it('are drawn to average risk where rows are few', () => {
    const total = { count: 1000, defaults: 100 };
    const [few, many] = [
      shrunkWoe({ count: 4, defaults: 2 }, total, 1),
      shrunkWoe({ count: 400, defaults: 90 }, total, 1),
    ];
    // one default's worth of average risk: 10 more rows, one of them defaulted
    near(few, Math.log(3 / 100 / (11 / 900)));
    near(many, woeOf({ count: 410, defaults: 91 }, total));
    assert.equal(shrunkWoe({ count: 0, defaults: 0 }, total, 1), 0);
  });
});

describe('against the field', () => {
  for (const { name, values, splits, iv } of oracle.cases) {
    const target = Uint8Array.from(oracle.target);
    it(`prebins ${name} as scikit-learn's tree`, () => {
      const groups = distinctValues(Float64Array.from(values), target);
      const found = prebin(groups, { maxPrebins: 20, minPrebinCount: 20 });
      assert.equal(found.splits.length, splits.length);
      found.splits.forEach((split, i) => {
        near(split, splits[i]!, 1e-6);
      });
    });

    for (const trend of TRENDS) {
      it(`has optbinning's IV for ${name}, ${trend}`, () => {
        near(binFeature(numeric(values), target, { trend }).iv, iv[trend]);
      });
    }
  }
});

/** Every way to cut n prebins into contiguous bins, by the bits of a number. */
function bestByTrying(prebins: readonly Tally[], total: Tally, options: Parameters<typeof mergePrebins>[2]): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let cuts = 0; cuts < 2 ** (prebins.length - 1); cuts++) {
    const bins: { count: number; defaults: number }[] = [];
    prebins.forEach((prebin, i) => {
      const isStart = i === 0 || (cuts >> (i - 1)) % 2 === 1;
      if (isStart) bins.push({ count: 0, defaults: 0 });
      bins.at(-1)!.count += prebin.count;
      bins.at(-1)!.defaults += prebin.defaults;
    });
    const isAllowed = bins.every(
      ({ count, defaults }) =>
        count >= options.minBinCount && Math.min(defaults, count - defaults) >= options.minBinEvents,
    );
    const rates = bins.map(({ count, defaults }) => defaults / count);
    if (!isAllowed || bins.length > options.maxBins || !follows(rates, options.trend)) continue;
    best = Math.max(
      best,
      bins.reduce((sum, bin) => sum + ivOf(bin, total) - options.binCost, 0),
    );
  }
  return best;
}

function follows(rates: readonly number[], trend: Trend): boolean {
  const signs = rates.slice(1).map((rate, i) => Math.sign(rate - rates[i]!));
  if (trend === 'none') return true;
  if (signs.includes(0)) return false;
  const turned = signs.map((sign) => (trend === 'descending' || trend === 'valley' ? -sign : sign));
  if (trend === 'ascending' || trend === 'descending') return turned.every((sign) => sign > 0);
  return turned.every((sign, i) => i === 0 || sign <= turned[i - 1]!);
}

const tallies = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 100 })).map(([count, share]) => ({
    count,
    defaults: Math.round((count * share) / 100),
  })),
  { minLength: 1, maxLength: 8 },
);

describe('mergePrebins', () => {
  it('finds the best of all merges, whatever the trend and the limits', () => {
    fc.assert(
      fc.property(
        tallies,
        fc.constantFrom(...TRENDS),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(0, 0.01, 0.1),
        (prebins, trend, maxBins, minBinCount, binCost) => {
          const total = prebins.reduce(
            (sum, prebin) => ({ count: sum.count + prebin.count, defaults: sum.defaults + prebin.defaults }),
            { count: 10, defaults: 5 },
          );
          const options = { trend, maxBins, minBinCount, minBinEvents: 1, binCost };
          const found = mergePrebins(prebins, total, options);
          const best = bestByTrying(prebins, total, options);
          if (!found) assert.equal(best, Number.NEGATIVE_INFINITY);
          else {
            near(found.value, best);
            assert.equal(found.ends.at(-1), prebins.length);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function countIn(bins: readonly Bin[], values: readonly number[], labels: readonly number[], at: number): Tally {
  const binOf = binLookup(bins, { kind: 'numeric', name: 'x' });
  const rows = values.map((value, i) => ({ bin: binOf(value), label: labels[i]! })).filter(({ bin }) => bin === at);
  return { count: rows.length, defaults: rows.reduce((sum, { label }) => sum + label, 0) };
}

const ratesOf = (bins: readonly Bin[]) =>
  bins.filter(({ rule }) => rule.kind === 'interval').map(({ count, defaults }) => defaults / count);

describe('binFeature', () => {
  const value = fc.oneof(
    fc.integer({ min: -5, max: 25 }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(MISSING, 98, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MAX_VALUE),
  );
  const rows = fc
    .array(fc.tuple(value, fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 120 })
    .filter((all) => new Set(all.map(([, label]) => label)).size === 2);
  const options = fc.record<BinningOptions>({
    trend: fc.constantFrom('auto', ...TRENDS),
    minPrebinShare: fc.constantFrom(0.01, 0.05, 0.2),
    maxBins: fc.constantFrom(2, 4, 20),
    binPenalty: fc.constantFrom(0, 2),
    specialValues: fc.constantFrom([], [98]),
  });

  it('counts every row once, in the bin a scorer finds, with its WoE and a default rate that keeps the trend', () => {
    fc.assert(
      fc.property(rows, options, (all, chosen) => {
        const [values, labels] = [all.map(([x]) => x), all.map(([, label]) => label)];
        const { bins, trend, iv } = binFeature(numeric(values), Uint8Array.from(labels), chosen);
        const total = { count: all.length, defaults: labels.reduce((sum, label) => sum + label, 0) };
        bins.forEach((bin, at) => {
          assert.deepEqual({ count: bin.count, defaults: bin.defaults }, countIn(bins, values, labels, at));
          if (bin.rule.kind === 'interval' && bin.count > 0) near(bin.woe, woeOf(bin, total));
          assert.ok(Number.isFinite(bin.woe));
        });
        assert.equal(
          bins.reduce((sum, { count }) => sum + count, 0),
          all.length,
        );
        assert.ok(follows(ratesOf(bins), trend));
        near(iv, binningTable(bins).totals.iv);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps missing and special values apart from the numbers, and missing values last', () => {
    const values = Array.from({ length: 200 }, (_, i) => (i % 5 === 0 ? MISSING : i % 5 === 1 ? 98 : i % 7));
    const labels = values.map((x, i) =>
      Number.isNaN(x) ? i % 2 : x === 98 ? 1 - (i % 3 === 0 ? 1 : 0) : i % 4 === 0 ? 1 : 0,
    );
    const { bins } = binFeature(numeric(values), Uint8Array.from(labels), { specialValues: [98] });
    assert.deepEqual(bins.at(-2)!.rule, { kind: 'special', values: [98] });
    assert.deepEqual(bins.at(-1)!.rule, { kind: 'missing' });
    assert.equal(bins.at(-2)!.count, 40);
    assert.equal(bins.at(-1)!.count, 40);
  });

  it('takes a hump as a peak when it is clear, and a slope with noise as a slope', () => {
    const shape = (rate: (x: number) => number) => {
      const values = Array.from({ length: 4000 }, (_, i) => (i % 100) / 10);
      const labels = values.map((x, i) => ((i * 7919) % 4000 < 4000 * rate(x) ? 1 : 0));
      return binFeature(numeric(values), Uint8Array.from(labels), { binPenalty: 1 }).trend;
    };
    assert.equal(
      shape((x) => 0.4 - 0.014 * (x - 5) ** 2),
      'peak',
    );
    assert.equal(
      shape((x) => 0.1 + 0.014 * (x - 5) ** 2),
      'valley',
    );
    assert.equal(
      shape((x) => 0.1 + 0.03 * x),
      'ascending',
    );
    assert.equal(
      shape((x) => 0.4 - 0.03 * x),
      'descending',
    );
  });

  it('is the same for rows given twice and for rows of weight two', () => {
    const { values, target } = { values: oracle.cases[0]!.values, target: oracle.target };
    const twice = binFeature(numeric([...values, ...values]), Uint8Array.from([...target, ...target]));
    const weights = new Float64Array(values.length).fill(2);
    const weighted = binFeature(numeric(values), Uint8Array.from(target), { weights });
    assert.deepEqual(weighted, twice);
  });

  it('prices bins: none are left where the feature says nothing', () => {
    const values = Array.from({ length: 1000 }, (_, i) => i % 10);
    const labels = values.map((_, i) => (Math.floor(i / 10) % 4 === 0 ? 1 : 0));
    const binned = binFeature(numeric(values), Uint8Array.from(labels), { binPenalty: 2 });
    assert.equal(binned.bins.length, 2); // one interval, and missing
    assert.ok(binned.adjustedIv <= 0);
  });

  it('groups levels by default rate, pools rare ones, and leaves no level out', () => {
    const levels = ['good', 'bad', 'fine', 'rare 1', 'rare 2', 'never'];
    const codes: number[] = [];
    const labels: number[] = [];
    const put = (code: number, count: number, defaults: number) => {
      for (let i = 0; i < count; i++) {
        codes.push(code);
        labels.push(i < defaults ? 1 : 0);
      }
    };
    put(0, 300, 15);
    put(1, 200, 80);
    put(2, 300, 16);
    put(3, 4, 2);
    put(4, 4, 1);
    put(-1, 50, 25);
    const column: CategoricalColumn = { kind: 'categorical', name: 'x', levels, codes: Int32Array.from(codes) };
    const { bins } = binFeature(column, Uint8Array.from(labels), { minLevelShare: 0.01, binPenalty: 2 });
    assert.deepEqual(
      bins.map(({ rule }) => (rule.kind === 'levels' ? rule.levels : rule.kind)),
      [['good', 'fine'], ['bad', 'rare 1', 'rare 2'], 'missing'],
    );
    const binOf = binLookup(bins, { kind: 'categorical', name: 'x', levels });
    assert.deepEqual([0, 1, 2, 3, 4, 5, MISSING].map(binOf), [0, 1, 0, 1, 1, 2, 2]);
  });
});

describe('binningTable', () => {
  it('leaves empty bins out and sums to the whole', () => {
    const values = oracle.cases[1]!.values;
    const { bins, iv } = binFeature(numeric(values), Uint8Array.from(oracle.target), { trend: 'peak' });
    const table = binningTable(bins);
    assert.equal(table.rows.length, bins.length - 1);
    near(table.totals.iv, iv);
    near(
      table.rows.reduce((sum, row) => sum + row.countShare, 0),
      1,
    );
    assert.ok(table.totals.gini > 0 && table.totals.gini < 1 && table.totals.js > 0);
    assert.match(table.rows[0]!.bin, /^\(-inf, /);
  });
});

describe('distinctValues', () => {
  const value = fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.double({ noNaN: true }),
    fc.constantFrom(-0, 0, 5000, -1e308),
  );
  const rows = fc.array(fc.tuple(value, fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 4 })), {
    maxLength: 60,
  });

  it('are what a sort and a count give, whole numbers or not, weighted or not', () => {
    fc.assert(
      fc.property(rows, fc.boolean(), fc.boolean(), (all, isWeighted, isWhole) => {
        const used = isWhole ? all.filter(([x]) => Number.isInteger(x)) : all;
        const weightOf = (weight: number) => (isWeighted ? weight : 1);
        const found = distinctValues(
          Float64Array.from(used, ([x]) => x),
          Uint8Array.from(used, ([, label]) => label),
          isWeighted ? Float64Array.from(used, ([, , weight]) => weight) : undefined,
        );
        const values = [...new Set(used.map(([x]) => x + 0))].sort((a, b) => a - b);
        const upTo = (limit: number) => used.filter(([x]) => x <= limit);
        const sum = (some: typeof used) => some.reduce((total, [, , weight]) => total + weightOf(weight), 0);
        assert.deepEqual(
          [...found.values].map((x) => x + 0),
          values,
        );
        assert.deepEqual(
          [...found.counts],
          values.map((limit) => sum(upTo(limit))),
        );
        assert.deepEqual(
          [...found.defaults],
          values.map((limit) => sum(upTo(limit).filter(([, label]) => label === 1))),
        );
      }),
      { numRuns: 300 },
    );
  });
});
