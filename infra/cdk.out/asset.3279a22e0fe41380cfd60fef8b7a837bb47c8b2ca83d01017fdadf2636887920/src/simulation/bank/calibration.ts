import type { Booking } from './account-life.ts';

/**
 * Money spent in a calendar month over the mean month, January to December: half the swing of Berka, where debits of an
 * account over its own mean month run 1.36, 0.74, 0.92, 0.94, 0.95, 1.23, 0.84, 0.95, 0.97, 0.97, 0.94, 1.16. Half, because most
 * of those debits are cash, drawn in large round sums around the turn of the half-year.
 */
export const SEASON = [1.18, 0.87, 0.96, 0.97, 0.98, 1.12, 0.92, 0.98, 0.99, 0.99, 0.97, 1.08] as const;

type Spending = {
  readonly category: string;
  /** Share of what is left of income after standing orders. */
  readonly share: number;
  /** Mean number of bookings a month. */
  readonly count: number;
  readonly channel: Booking['channel'];
  /** How many different counterparties there are; 0: none named. */
  readonly counterparties: number;
};

/**
 * Figures named after Berka come from `python/reference/calibrate_bank.py` (354 accounts before their loan).
 * Calibrated on Berka where it can say something about a bank of today (ratios, shapes and rates, not amounts in crowns);
 * the rest is stated here as an assumption.
 */
export const CALIBRATION = {
  /**
   * Days of the month on which regular income comes, by weight. In Berka an account's regular transfer comes on one and the
   * same day every month (spread 0), from the 5th to the 14th about evenly; the 25th and 28th are an assumption of today.
   */
  paydays: [
    [5, 0.11],
    [6, 0.1],
    [7, 0.1],
    [8, 0.12],
    [9, 0.13],
    [10, 0.08],
    [11, 0.1],
    [12, 0.08],
    [13, 0.07],
    [14, 0.11],
    [25, 0.05],
    [28, 0.05],
  ] as readonly (readonly [number, number])[],
  /** Assumption: Berka's salaries are never late, today's employers sometimes are. */
  lateSalaryShare: 0.04,
  /** A month, at 4 % unemployment in the district and average stability. Assumption. */
  jobLossPerMonth: 0.007,
  /**
   * Log of the starting buffer in months of income. Berka's mean balance is 1.4 monthly incomes at the median; borrowers of
   * today keep less (assumption).
   */
  bufferLogMean: -0.55,
  /**
   * Split and frequency of free spending. Berka books 5.9 transactions an account and month, 76 % of its debits in cash; the
   * number is kept, the cash share is not: cards and shops take the place of most cash.
   */
  spending: [
    { category: 'groceries', share: 0.3, count: 0.9, channel: 'card', counterparties: 40 },
    { category: 'household', share: 0.14, count: 0.3, channel: 'card', counterparties: 60 },
    { category: 'dining', share: 0.12, count: 0.4, channel: 'card', counterparties: 120 },
    { category: 'card_purchase', share: 0.16, count: 0.4, channel: 'card', counterparties: 250 },
    { category: 'cash_withdrawal', share: 0.18, count: 0.65, channel: 'cash', counterparties: 0 },
    { category: 'travel', share: 0.06, count: 0.1, channel: 'card', counterparties: 50 },
    { category: 'transfer_out', share: 0.04, count: 0.12, channel: 'transfer', counterparties: 200 },
  ] as readonly Spending[],
  /** Bookings known a day or more after they happened, and those known weeks after. Assumption. */
  lateShare: 0.02,
  veryLateShare: 0.002,
} as const;
