/**
 * Staging, twelve-month and lifetime loss under IFRS 9 and CECL on 10,000 made-up histories (exam C13) against an oracle written
 * again in Python from the formulas (python/reference/credit_loss.py). Needs a Python with numpy (ASSAY_PYTHON, default python3).
 * Not tested here: where balances and PDs come from (src/portfolio).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY_ROOT } from '../../src/platform/index.ts';
import {
  ceclAllowance,
  DEFAULT_STAGING,
  ifrs9Allowance,
  type LossSettings,
  type Scenario,
  stageHistory,
  weightedLoss,
} from '../../src/portfolio/index.ts';

const PYTHON = process.env['ASSAY_PYTHON'] ?? 'python3';
const hasNumpy = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;
const skip = hasNumpy ? false : `${PYTHON} has no numpy; set ASSAY_PYTHON`;

const HISTORIES = 10_000;
const MAX_HISTORY = 48;
const BUCKETS = [0, 0, 0, 0, 12, 29, 30, 31, 45, 60, 89, 90, 91, 150];

type Loan = {
  readonly history: readonly (readonly [number, number])[];
  readonly originationPd: number;
  readonly balance: number;
  readonly remaining: number;
  readonly rate: number;
};

/** mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Every border is in it: exactly 30 and 90 days, rate 0, due now, PD 0 and 1. */
function madeUpLoans(): Loan[] {
  const next = random(2026);
  const whole = (below: number): number => Math.floor(next() * below);
  return Array.from({ length: HISTORIES }, (_, i) => {
    const originationPd = 0.002 + 0.2 * next() ** 2;
    let days = 0;
    const history = Array.from({ length: 1 + whole(MAX_HISTORY) }, () => {
      if (next() < 0.35) days = BUCKETS[whole(BUCKETS.length)]!;
      return [days, originationPd * (0.5 + 3 * next())] as const;
    });
    if (i % 997 === 0) history.push([0, 0]);
    if (i % 991 === 0) history.push([0, 1]);
    return {
      history,
      originationPd,
      balance: whole(5_000_000),
      remaining: whole(121),
      rate: i % 5 === 0 ? 0 : 0.3 * next(),
    };
  });
}

const scenarios: readonly Scenario[] = [
  { name: 'base', weight: 0.5, logOddsShift: 0, forecastMonths: 24, reversionMonths: 12 },
  { name: 'adverse', weight: 0.3, logOddsShift: 0.4, forecastMonths: 24, reversionMonths: 12 },
  { name: 'severe', weight: 0.2, logOddsShift: 0.9, forecastMonths: 12, reversionMonths: 0 },
];

for (const discounted of [true, false]) {
  test(`10,000 histories equal the oracle to 1e-9, ${discounted ? 'discounted' : 'not discounted'}`, { skip }, () => {
    const loans = madeUpLoans();
    const settings: LossSettings = { lgd: 0.45, prepaymentMonthly: discounted ? 0.008 : 0, discounted };
    const request = JSON.stringify({ settings: { ...DEFAULT_STAGING, ...settings, scenarios }, loans });
    const run = spawnSync(PYTHON, [join(REPOSITORY_ROOT, 'python/reference/credit_loss.py')], {
      input: request,
      maxBuffer: 2 ** 28,
    });
    assert.equal(run.status, 0, String(run.stderr));
    const oracle: { stages: number[]; twelveMonth: number; lifetime: number; ifrs9: number; cecl: number }[] =
      JSON.parse(String(run.stdout));
    const near = (a: number, b: number, what: string): void =>
      assert.ok(Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)), `${what}: ${a} ${b}`);
    const seen = [0, 0, 0];
    loans.forEach((loan, i) => {
      const expected = oracle[i]!;
      const months = loan.history.map(([daysPastDue, pd12m]) => ({ daysPastDue, pd12m }));
      const { stages } = stageHistory(months, loan.originationPd, DEFAULT_STAGING);
      assert.deepEqual(stages, expected.stages, `stages of ${i}`);
      const last = months.at(-1)!;
      const state = {
        balanceMinor: loan.balance,
        remainingMonths: loan.remaining,
        annualRate: loan.rate,
        pd12m: last.pd12m,
      };
      const loss = weightedLoss(state, settings, scenarios);
      near(loss.twelveMonthMinor, expected.twelveMonth, `12 months of ${i}`);
      near(loss.lifetimeMinor, expected.lifetime, `lifetime of ${i}`);
      const stage = stages.at(-1)!;
      near(ifrs9Allowance(stage, state, settings, loss), expected.ifrs9, `IFRS 9 of ${i}`);
      const isDefaulted = last.daysPastDue >= DEFAULT_STAGING.defaultDaysPastDue;
      near(ceclAllowance(isDefaulted, state, settings, loss), expected.cecl, `CECL of ${i}`);
      seen[stage - 1]! += 1;
    });
    assert.ok(
      seen.every((count) => count > 500),
      `all stages occur: ${seen.join(', ')}`,
    );
  });
}
