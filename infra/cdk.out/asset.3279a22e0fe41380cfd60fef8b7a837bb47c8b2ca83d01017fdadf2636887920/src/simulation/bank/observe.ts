import type { Booking } from './account-life.ts';

/** What an account shows at the moment of an application: only bookings known by then. */
export type Observed = {
  readonly monthlyIncomeMinor: number;
  readonly incomeTrend: number;
  readonly daysSinceIncome: number;
  readonly meanBalance90dMinor: number;
  readonly overdrawnEvents90d: number;
  readonly overdrawnShare90d: number;
  readonly penalties365d: number;
  readonly gamblingShare180d: number;
  readonly spendingToIncome: number;
};

const DAY_SECONDS = 86_400;
const INCOME = new Set(['salary', 'pension', 'benefit']);
const PENALTIES = new Set(['sanction_interest', 'overdraft_fee']);

export function observe(bookings: readonly Booking[], appliedAt: number): Observed {
  let income = 0;
  let recentIncome = 0;
  let spent = 0;
  let gambled = 0;
  let balanceSum = 0;
  let events90 = 0;
  let overdrawn = 0;
  let penalties = 0;
  let lastIncome = Number.NEGATIVE_INFINITY;
  for (const booking of bookings) {
    if (booking.occurredAt >= appliedAt || booking.knownAt >= appliedAt) continue;
    const age = (appliedAt - booking.occurredAt) / DAY_SECONDS;
    if (age > 365) continue;
    if (PENALTIES.has(booking.category)) penalties++;
    if (age > 180) continue;
    if (booking.amountMinor < 0) spent -= booking.amountMinor;
    if (booking.category === 'gambling') gambled -= booking.amountMinor;
    if (INCOME.has(booking.category)) {
      income += booking.amountMinor;
      if (age <= 90) recentIncome += booking.amountMinor;
      lastIncome = Math.max(lastIncome, booking.occurredAt);
    }
    if (age > 90) continue;
    events90++;
    balanceSum += booking.balanceMinor;
    if (booking.balanceMinor < 0) overdrawn++;
  }
  const older = income - recentIncome;
  return {
    monthlyIncomeMinor: income / 6,
    incomeTrend: older > 0 ? recentIncome / older : 1,
    daysSinceIncome: Math.min(180, (appliedAt - lastIncome) / DAY_SECONDS),
    meanBalance90dMinor: events90 > 0 ? balanceSum / events90 : 0,
    overdrawnEvents90d: overdrawn,
    overdrawnShare90d: events90 > 0 ? overdrawn / events90 : 0,
    penalties365d: penalties,
    gamblingShare180d: spent > 0 ? gambled / spent : 0,
    spendingToIncome: income > 0 ? spent / income : 2,
  };
}
