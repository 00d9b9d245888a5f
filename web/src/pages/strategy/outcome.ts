import { addSums, BINS, edgeOf, NO_SUMS, type Recomputed, type Sums, sumsOf } from './recompute.ts';

/** What a loan earns and costs; named on the page, never hidden in a figure. */
export type Economics = {
  /** Earned over the life of a repaid loan, as a share of its amount: the same for all, or by the policy's price less `costs`. */
  readonly earned: 'margin' | 'prices';
  readonly margin: number;
  /** Funding and handling over the life of a loan, as a share of its amount. */
  readonly costs: number;
  /** Lost of the amount when a loan defaults. */
  readonly lgd: number;
  readonly reviewCostMinor: number;
  /** Reviewers decide this share of the referred files rightly: 0.5 is a coin, 1 is perfect. */
  readonly reviewerAccuracy: number;
  /** Stands in where the book has no amounts. */
  readonly assumedAmountMinor: number;
};

export type StrategyOutcome = {
  readonly rows: number;
  readonly approvedShare: number;
  readonly referredShare: number;
  readonly declinedShare: number;
  /** Among the approved without a person: observed over known outcomes, and predicted. */
  readonly badRate: Rate | null;
  readonly meanPd: number | null;
  /** After the referred are reviewed. */
  readonly finalApprovedShare: number;
  readonly expectedProfitMinor: number;
  readonly expectedLossMinor: number;
};

export type Rate = { readonly value: number; readonly lower: number; readonly upper: number; readonly known: number };

/** Fewer known outcomes than these: no rate. */
export const MINIMUM_KNOWN = 30;
const Z95 = 1.959964;

/** Wilson score interval of a share, 95 %. */
export function rateOf(bads: number, known: number): Rate | null {
  if (known < MINIMUM_KNOWN) return null;
  const value = bads / known;
  const z2 = Z95 * Z95;
  const centre = (value + z2 / (2 * known)) / (1 + z2 / known);
  const half = (Z95 * Math.sqrt((value * (1 - value)) / known + z2 / (4 * known * known))) / (1 + z2 / known);
  return { value, lower: Math.max(0, centre - half), upper: Math.min(1, centre + half), known };
}

export function outcomeOf(found: Recomputed, economics: Economics): StrategyOutcome {
  const [approved, referred, declined] = [sumsOf(found, 0), sumsOf(found, 1), sumsOf(found, 2)];
  const rows = approved.rows + referred.rows + declined.rows;
  const share = (part: number): number => (rows === 0 ? 0 : part / rows);
  const { reviewerAccuracy: q } = economics;
  const reviewedGoods = q * (referred.rows - referred.pd);
  const reviewedBads = (1 - q) * referred.pd;
  return {
    rows,
    approvedShare: share(approved.rows),
    referredShare: share(referred.rows),
    declinedShare: share(declined.rows),
    badRate: rateOf(approved.bads, approved.known),
    meanPd: approved.rows === 0 ? null : approved.pd / approved.rows,
    finalApprovedShare: share(approved.rows + reviewedGoods + reviewedBads),
    expectedProfitMinor: approvedProfit(approved, economics) + referredProfit(referred, economics),
    expectedLossMinor: economics.lgd * (amounts(approved, economics).bad + (1 - q) * amounts(referred, economics).bad),
  };
}

/** Amount expected to be repaid and expected to default. */
function amounts(sums: Sums, { assumedAmountMinor }: Economics): { good: number; bad: number } {
  const hasAmounts = sums.amount > 0;
  const total = hasAmounts ? sums.amount : sums.rows * assumedAmountMinor;
  const bad = hasAmounts ? sums.pdAmount : sums.pd * assumedAmountMinor;
  return { good: total - bad, bad };
}

/** Earned on what is expected to be repaid. */
function earnings(sums: Sums, economics: Economics): number {
  const { good } = amounts(sums, economics);
  if (economics.earned === 'margin') return economics.margin * good;
  return sums.interest - sums.pdInterest - economics.costs * good;
}

export function approvedProfit(sums: Sums, economics: Economics): number {
  return earnings(sums, economics) - economics.lgd * amounts(sums, economics).bad;
}

function referredProfit(sums: Sums, economics: Economics): number {
  const { reviewerAccuracy: q, lgd, reviewCostMinor } = economics;
  const lost = (1 - q) * lgd * amounts(sums, economics).bad;
  return q * earnings(sums, economics) - lost - reviewCostMinor * sums.rows;
}

/** The book if everybody up to a pd were approved and everybody above declined. */
export type CurvePoint = {
  readonly pd: number;
  readonly approvedShare: number;
  readonly badRate: number | null;
  readonly meanPd: number;
  readonly profitMinor: number;
};

export function curveOf(found: Recomputed, economics: Economics): CurvePoint[] {
  const all = [0, 1, 2].reduce((rows, decision) => rows + sumsOf(found, decision).rows, 0);
  const points: CurvePoint[] = [];
  let sums = NO_SUMS;
  for (let bin = 0; bin < BINS; bin++) {
    for (const decision of [0, 1, 2]) sums = addSums(sums, sumsOf(found, decision, bin, bin + 1));
    if (sums.rows === 0) continue;
    points.push({
      pd: edgeOf(bin + 1),
      approvedShare: sums.rows / all,
      badRate: sums.known < MINIMUM_KNOWN ? null : sums.bads / sums.known,
      meanPd: sums.pd / sums.rows,
      profitMinor: approvedProfit(sums, economics),
    });
    if (sums.rows === all) break;
  }
  return points;
}

export type SwapRow = {
  readonly today: 'approved' | 'counter_offer' | 'referred' | 'declined';
  readonly approved: number;
  readonly referred: number;
  readonly declined: number;
  /** Observed bad rate of those the strategy approves, by what is decided today. */
  readonly approvedBadRate: Rate | null;
};

const TODAY = ['approved', 'counter_offer', 'referred', 'declined'] as const;

/** Who is decided otherwise than today. */
export function swapRows({ swap }: Recomputed): SwapRow[] {
  const cell = (decision: number, today: number, sum: number): number =>
    swap[(decision * TODAY.length + today) * 3 + sum]!;
  return TODAY.map((today, code) => ({
    today,
    approved: cell(0, code, 0),
    referred: cell(1, code, 0),
    declined: cell(2, code, 0),
    approvedBadRate: rateOf(cell(0, code, 2), cell(0, code, 1)),
  }));
}
