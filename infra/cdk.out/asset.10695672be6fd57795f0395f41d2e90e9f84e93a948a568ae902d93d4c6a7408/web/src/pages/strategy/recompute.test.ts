import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Book, PD_STEPS } from './book.ts';
import { impactRows } from './impact.ts';
import { curveOf, type Economics, outcomeOf, rateOf, swapRows } from './outcome.ts';
import { edgeOf, recompute, type Strategy, sumsOf } from './recompute.ts';

const ROWS = 900;
/** A book whose every column can be told from the row number. */
const book: Book = {
  rows: ROWS,
  pd: Uint16Array.from({ length: ROWS }, (_, row) => Math.round(((row + 1) / (ROWS + 1)) * 0.6 * PD_STEPS)),
  amountMinor: Float32Array.from({ length: ROWS }, (_, row) => 1000 + (row % 10) * 100),
  outcome: Uint8Array.from({ length: ROWS }, (_, row) => (row % 7 === 6 ? 2 : row % 5 === 0 ? 1 : 0)),
  decision: Uint8Array.from({ length: ROWS }, (_, row) => (row < 300 ? 0 : row % 4)),
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
  margin: 0.1,
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
