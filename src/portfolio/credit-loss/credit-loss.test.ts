import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ceclAllowance,
  cureRate,
  DEFAULT_STAGING,
  defaultWithin,
  expectedLoss,
  ifrs9Allowance,
  type LoanState,
  type LossSettings,
  type Scenario,
  shiftAt,
  shiftedPd,
  stageHistory,
  transitionMatrix,
  weightedLoss,
} from './index.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${a} ${b}`);
const history = (...days: number[]) => days.map((daysPastDue) => ({ daysPastDue, pd12m: 0.02 }));
const stages = (...days: number[]) => stageHistory(history(...days), 0.02, DEFAULT_STAGING).stages;

test('30 days past due is stage 1, 31 stage 2; 89 stage 2, 90 stage 3', () => {
  assert.deepEqual(stages(0, 30, 31, 89, 90), [1, 1, 2, 2, 3]);
});

test('stage 3 is left after three clean months in a row, and a relapse starts the count anew', () => {
  assert.deepEqual(stages(90, 0, 0, 0, 0), [3, 3, 3, 1, 1]);
  assert.deepEqual(stages(120, 0, 0, 35, 0, 0, 0), [3, 3, 3, 3, 3, 3, 1]);
  assert.deepEqual(stages(90, 0, 0, 90, 0, 0, 30), [3, 3, 3, 3, 3, 3, 1]);
  assert.equal(stageHistory(history(90, 0), 0.02, DEFAULT_STAGING).cureMonthsSoFar, 1);
});

test('a PD that grew by factor and by enough moves to stage 2, unless credit risk is low', () => {
  const at = (pd12m: number, settings = DEFAULT_STAGING) =>
    stageHistory([{ daysPastDue: 0, pd12m }], 0.01, settings).stages[0];
  assert.equal(at(0.0199), 1);
  assert.equal(at(0.02), 2);
  assert.equal(at(0.02, { ...DEFAULT_STAGING, sicrPdIncrease: 0.02 }), 1);
  assert.equal(at(0.02, { ...DEFAULT_STAGING, lowRiskPd: 0.02 }), 1);
  assert.equal(at(0.9, { ...DEFAULT_STAGING, sicrPdFactor: null }), 1);
});

const loan: LoanState = { balanceMinor: 1_200_000, remainingMonths: 24, annualRate: 0, pd12m: 0.19 };
const settings: LossSettings = { lgd: 0.4, prepaymentMonthly: 0, discounted: false };

test('without interest and discount the loss is the sum of hazard, survival and a straight line of exposures', () => {
  const hazard = 1 - 0.81 ** (1 / 12);
  let [lifetime, twelve] = [0, 0];
  for (let t = 1; t <= 24; t++) {
    const loss = (1 - hazard) ** (t - 1) * hazard * 0.4 * 1_200_000 * ((25 - t) / 24);
    lifetime += loss;
    if (t <= 12) twelve += loss;
  }
  const found = expectedLoss(loan, settings);
  near(found.lifetimeMinor, lifetime);
  near(found.twelveMonthMinor, twelve);
});

test('a bullet of one month loses PD, LGD and balance, discounted one month', () => {
  const one = { ...loan, remainingMonths: 1, annualRate: 0.12 };
  near(
    expectedLoss(one, { ...settings, discounted: true }).lifetimeMinor,
    ((1 - 0.81 ** (1 / 12)) * 0.4 * 1_200_000) / 1.01,
  );
  assert.deepEqual(expectedLoss({ ...one, remainingMonths: 0 }, settings), expectedLoss(one, settings));
});

test('no PD, no loss; certain default loses LGD of the balance at once', () => {
  assert.equal(expectedLoss({ ...loan, pd12m: 0 }, settings).lifetimeMinor, 0);
  near(expectedLoss({ ...loan, pd12m: 1 }, settings).lifetimeMinor, 0.4 * 1_200_000);
});

test('more interest means slower amortisation, prepayment means less to lose', () => {
  const base = expectedLoss(loan, settings).lifetimeMinor;
  assert.ok(expectedLoss({ ...loan, annualRate: 0.2 }, settings).lifetimeMinor > base);
  assert.ok(expectedLoss(loan, { ...settings, prepaymentMonthly: 0.02 }).lifetimeMinor < base);
});

const downturn: Scenario = { name: 'downturn', weight: 0.3, logOddsShift: 0.8, forecastMonths: 12, reversionMonths: 3 };
const base: Scenario = { ...downturn, name: 'base', weight: 0.7, logOddsShift: 0 };

test('a scenario holds for its forecast and fades in a straight line', () => {
  near(shiftAt(downturn, 12), 0.8);
  near(shiftAt(downturn, 13), 0.6);
  near(shiftAt(downturn, 15), 0.2);
  assert.equal(shiftAt(downturn, 16), 0);
  near(shiftedPd(0.2, Math.log(2)), 1 / 3);
  assert.equal(shiftedPd(0, 5), 0);
  assert.equal(shiftedPd(1, -5), 1);
});

test('the weighted loss lies between its scenarios, and is their weighted sum', () => {
  const [calm, bad] = [expectedLoss(loan, settings, base), expectedLoss(loan, settings, downturn)];
  near(
    weightedLoss(loan, settings, [base, downturn]).lifetimeMinor,
    0.7 * calm.lifetimeMinor + 0.3 * bad.lifetimeMinor,
  );
  assert.ok(bad.twelveMonthMinor > calm.twelveMonthMinor);
});

test('what is set aside follows stage and standard', () => {
  const loss = { twelveMonthMinor: 10, lifetimeMinor: 25 };
  assert.equal(ifrs9Allowance(1, loan, settings, loss), 10);
  assert.equal(ifrs9Allowance(2, loan, settings, loss), 25);
  assert.equal(ifrs9Allowance(3, loan, settings, loss), 0.4 * 1_200_000);
  assert.equal(ceclAllowance(false, loan, settings, loss), 25);
  assert.equal(ceclAllowance(true, loan, settings, loss), 0.4 * 1_200_000);
});

test('roll rates: rows add up, empty rows stay, default within a year follows the chain', () => {
  const counts = Array.from({ length: 7 }, () => new Array<number>(7).fill(0));
  counts[0] = [90, 10, 0, 0, 0, 0, 0];
  counts[1] = [5, 0, 5, 0, 0, 0, 0];
  counts[2] = [0, 0, 0, 0, 10, 0, 0];
  counts[4] = [1, 1, 0, 0, 6, 1, 1];
  const matrix = transitionMatrix(counts);
  assert.deepEqual(matrix[0], [0.9, 0.1, 0, 0, 0, 0, 0]);
  assert.deepEqual(matrix[3], [0, 0, 0, 1, 0, 0, 0]);
  const within = defaultWithin(matrix, 3);
  near(within[0]!, 0.1 * 0.5 * 1); // current -> 1-29 -> 30-59 -> 90+
  near(within[1]!, 0.5 * 1); // the way back through current takes longer than three months
  assert.equal(within[2], 1);
  assert.equal(within[4], 1);
  assert.equal(cureRate(counts), 0.3);
});
