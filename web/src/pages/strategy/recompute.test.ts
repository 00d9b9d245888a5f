import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Book, INTEREST_STEPS, PD_STEPS } from './book.ts';
import { openBookIndex } from './book-index.ts';
import { impactRows } from './impact.ts';
import { curveOf, type Economics, outcomeOf, rateOf, swapRows } from './outcome.ts';
import { BINS, DECISIONS, edgeOf, recompute as recomputeIndex, type Strategy, sumsOf } from './recompute.ts';

const recompute = (of: Book, moved: Strategy) => recomputeIndex(openBookIndex(of, moved), moved);
const ROWS = 900;
/** A book whose every column can be told from the row number. */
const book: Book = {
  rows: ROWS,
  pd: Uint16Array.from({ length: ROWS }, (_, row) => Math.round(((row + 1) / (ROWS + 1)) * 0.6 * PD_STEPS)),
  amountMinor: Float32Array.from({ length: ROWS }, (_, row) => 1000 + (row % 10) * 100),
  outcome: Uint8Array.from({ length: ROWS }, (_, row) => (row % 7 === 6 ? 2 : row % 5 === 0 ? 1 : 0)),
  decision: Uint8Array.from({ length: ROWS }, (_, row) => (row < 300 ? 0 : row % 4)),
  interest: Uint16Array.from({ length: ROWS }, (_, row) => 300 + (row % 50) * 20),
  priced: ROWS,
  dimensions: [Uint8Array.from({ length: ROWS }, (_, row) => row % 3)],
  groups: [
    Uint8Array.from({ length: ROWS }, (_, row) => (row % 100 === 0 ? 2 : Number(row % 3 === 0) ^ Number(row < 450))),
  ],
};
const strategy: Strategy = {
  approveRows: 500,
  declineFrom: 700,
  levels: [-1],
  amountFrom: 0,
  amountTo: Number.POSITIVE_INFINITY,
};
const economics: Economics = {
  earned: 'margin',
  margin: 0.1,
  costs: 0.02,
  lgd: 0.5,
  reviewCostMinor: 20,
  reviewerAccuracy: 0.8,
  assumedAmountMinor: 0,
};
const rows = Array.from({ length: ROWS }, (_, row) => row);
const pd = (row: number): number => book.pd[row]! / PD_STEPS;
const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

test('figures equal those computed row by row', () => {
  const found = outcomeOf(recompute(book, strategy), economics);
  const [approved, referred] = [rows.filter((row) => row < 500), rows.filter((row) => row >= 500 && row < 700)];
  const known = approved.filter((row) => book.outcome[row] !== 2);
  assert.equal(found.approvedShare, 500 / ROWS);
  assert.equal(found.referredShare, 200 / ROWS);
  assert.equal(found.badRate?.known, known.length);
  assert.equal(found.badRate?.value, known.filter((row) => book.outcome[row] === 1).length / known.length);
  const amount = (row: number): number => book.amountMinor[row]!;
  const profit =
    approved.reduce((sum, row) => sum + amount(row) * (0.1 * (1 - pd(row)) - 0.5 * pd(row)), 0) +
    referred.reduce((sum, row) => sum + amount(row) * (0.8 * 0.1 * (1 - pd(row)) - 0.2 * 0.5 * pd(row)) - 20, 0);
  assert.ok(near(found.expectedProfitMinor, profit), `${found.expectedProfitMinor} ${profit}`);
  const loss =
    approved.reduce((sum, row) => sum + 0.5 * pd(row) * amount(row), 0) +
    referred.reduce((sum, row) => sum + 0.2 * 0.5 * pd(row) * amount(row), 0);
  assert.ok(near(found.expectedLossMinor, loss));
});

test('by the policy’s prices each loan earns its own interest, less costs', () => {
  const found = outcomeOf(recompute(book, strategy), { ...economics, earned: 'prices' });
  const profit = rows.slice(0, 700).reduce((sum, row) => {
    const earned = (book.interest[row]! / INTEREST_STEPS - 0.02) * book.amountMinor[row]! * (1 - pd(row));
    const lost = 0.5 * pd(row) * book.amountMinor[row]!;
    return sum + (row < 500 ? earned - lost : 0.8 * earned - 0.2 * lost - 20);
  }, 0);
  assert.ok(near(found.expectedProfitMinor, profit), `${found.expectedProfitMinor} ${profit}`);
});

/** Blocks of rows, ends of blocks, bins: any book of several blocks, whatever its cut-offs and filters, one after another. */
test('what is summed by blocks equals a pass row by row', () => {
  const random = mulberry(7);
  const size = 5000;
  const column = (of: (row: number) => number) => Uint8Array.from({ length: size }, (_, row) => of(row));
  const large: Book = {
    rows: size,
    pd: Uint16Array.from({ length: size }, () => PD_STEPS * random() ** 3).sort(),
    amountMinor: Float32Array.from({ length: size }, () => Math.floor(random() * 1e6)),
    outcome: column(() => Math.floor(random() * 3)),
    decision: column(() => Math.floor(random() * 4)),
    interest: Uint16Array.from({ length: size }, () => random() * 3000),
    priced: size,
    dimensions: [column(() => Math.floor(random() * 3))],
    groups: [column(() => (random() < 0.1 ? 255 : Math.floor(random() * 4)))],
  };
  for (let turn = 0; turn < 60; turn++) {
    const [a, b] = [random(), random()].map((x) => (turn % 5 === 0 ? 1024 * Math.round(4 * x) : Math.round(size * x)));
    const levels = [Math.floor(turn / 10) % 2 === 0 ? -1 : 1];
    const moved = { approveRows: a!, declineFrom: b!, levels, amountFrom: turn > 40 ? 2e5 : 0, amountTo: 8e5 };
    const found = recompute(large, moved);
    const kept = Array.from({ length: size }, (_, row) => row).filter((row) => {
      const amount = large.amountMinor[row]!;
      return (levels[0]! < 0 || large.dimensions[0]![row] === levels[0]) && amount >= moved.amountFrom && amount <= 8e5;
    });
    for (let decision = 0; decision < DECISIONS; decision++) {
      const mine = kept.filter((row) => decisionOf(row, moved) === decision);
      const sums = sumsOf(found, decision);
      const known = mine.filter((row) => large.outcome[row] !== 2);
      assert.deepEqual(
        [sums.rows, sums.known, sums.bads],
        [mine.length, known.length, known.filter((row) => large.outcome[row] === 1).length],
      );
      const pdInterest = mine.reduce(
        (sum, row) =>
          sum + (large.pd[row]! * large.amountMinor[row]! * large.interest[row]!) / INTEREST_STEPS / PD_STEPS,
        0,
      );
      assert.ok(near(sums.pdInterest, pdInterest), `${sums.pdInterest} ${pdInterest}`);
      for (let today = 0; today < 4; today++) {
        const cell = mine.filter((row) => large.decision[row] === today).length;
        assert.equal(found.swap[(decision * 4 + today) * 3], cell);
      }
      for (const code of [0, 3, 255]) {
        const group = mine.filter((row) => large.groups[0]![row] === code).length;
        assert.equal(found.groups[0]![code * DECISIONS + decision], group);
      }
      for (let bin = 0; bin < BINS; bin += 7) {
        const inBin = mine.filter((row) => {
          const share = large.pd[row]! / PD_STEPS;
          return (bin === 0 || share >= edgeOf(bin)) && (bin === BINS - 1 || share < edgeOf(bin + 1));
        });
        assert.equal(sumsOf(found, decision, bin, bin + 1).rows, inBin.length);
      }
    }
  }
});

function decisionOf(row: number, { approveRows, declineFrom }: Strategy): number {
  if (row < approveRows) return 0;
  return row < declineFrom ? 1 : 2;
}

/** Tommy Ettinger's mulberry32. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test('a filter narrows the book and leaves the cut-offs where they are', () => {
  const found = recompute(book, { ...strategy, levels: [1], amountFrom: 1200, amountTo: 1700 });
  const kept = rows.filter((row) => row % 3 === 1 && book.amountMinor[row]! >= 1200 && book.amountMinor[row]! <= 1700);
  assert.equal(sumsOf(found, 0).rows, kept.filter((row) => row < 500).length);
  assert.equal(sumsOf(found, 2).rows, kept.filter((row) => row >= 700).length);
});

test('nobody is both approved and declined when the cut-offs cross', () => {
  const found = recompute(book, { ...strategy, approveRows: 800, declineFrom: 600 });
  assert.deepEqual(
    [0, 1, 2].map((decision) => sumsOf(found, decision).rows),
    [800, 0, 100],
  );
});

test('the swap set counts every row once, by what is decided today', () => {
  const found = swapRows(recompute(book, strategy));
  const total = found.reduce((sum, row) => sum + row.approved + row.referred + row.declined, 0);
  assert.equal(total, ROWS);
  assert.equal(found[3]?.approved, rows.filter((row) => row < 500 && book.decision[row] === 3).length);
});

test('the curve ends at the whole book', () => {
  const points = curveOf(recompute(book, strategy), economics);
  const last = points.at(-1)!;
  assert.equal(last.approvedShare, 1);
  assert.ok(near(last.meanPd, rows.reduce((sum, row) => sum + pd(row), 0) / ROWS));
  assert.ok(points.every((point, i) => i === 0 || point.approvedShare >= points[i - 1]!.approvedShare));
  assert.ok(edgeOf(0) < 0.001 && edgeOf(120) > 0.95);
});

test('adverse impact: ratio to the group with the highest approval, with an interval, and "too few"', () => {
  const attribute = { title: 'Group', groups: ['a', 'b', 'c'] };
  const [a, b, c] = impactRows(recompute(book, strategy), [attribute], 30);
  const inGroup = (code: number) => rows.filter((row) => book.groups[0]![row] === code);
  const rate = (code: number) => inGroup(code).filter((row) => row < 500).length / inGroup(code).length;
  assert.ok(c?.tooFew && c.ratio === null && c.applicants === 9);
  const [other, reference] = rate(0) > rate(1) ? [b, a] : [a, b];
  assert.ok(reference?.isReference && reference.ratio === null);
  const ratio = Math.min(rate(0), rate(1)) / Math.max(rate(0), rate(1));
  assert.ok(other?.ratio && near(other.ratio.value, ratio) && other.ratio.lower < ratio && other.ratio.upper > ratio);
});

test('a rate has a Wilson interval, and none below thirty outcomes', () => {
  assert.equal(rateOf(3, 29), null);
  const rate = rateOf(10, 100)!;
  // the interval of 10 in 100 as printed in the literature (Wilson 1927): 5.52 % to 17.44 %
  assert.ok(Math.abs(rate.lower - 0.0552) < 5e-5 && Math.abs(rate.upper - 0.1744) < 5e-5);
});
