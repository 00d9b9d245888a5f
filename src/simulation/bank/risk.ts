import type { Observed } from './observe.ts';
import type { Person } from './person.ts';
import { clamp, cohortDriftLogOdds, macroLogOdds } from './world.ts';

export type RiskFacts = {
  readonly person: Person;
  readonly observed: Observed;
  readonly instalmentMinor: number;
  /** Loan payments to other lenders a month. */
  readonly otherDebtMinor: number;
  readonly amountMinor: number;
  readonly termMonths: number;
  readonly purpose: string;
  readonly channel: string;
  readonly appliedDay: number;
  readonly month: number;
};

/** Brings the mean pd over all applications to about 10 %, of those granted to about 7.5 %. */
const INTERCEPT = -2.4;

const PURPOSE: Readonly<Record<string, number>> = {
  car: -0.2,
  home_improvement: -0.25,
  debt_consolidation: 0.3,
  education: 0,
  furniture: 0,
  holiday: 0.1,
  business: 0.35,
};

/**
 * The law by which simulated applicants default within twelve months: log-odds, not linear in what can be seen.
 *
 *   burden      0.45 softplus((instalment + other debt) / income, knee at 35 %, width 6 %), at most 3.5
 *   buffer      -1.0 tanh(mean balance of 90 days / income), so that more helps less and less
 *   overdraft   1.3 overdrawn share of 90 days + 0.45 ln(1 + penalties of a year)
 *   income      0.9 if none for 45 days, 0.7 (1 - trend) where income fell, 0.6 where it fell AND burden is above 35 %
 *   gambling    1.2 tanh(8 share of spending), doubled with an empty buffer
 *   spending    0.7 (spending / income - 0.95), between -0.5 and 0.8
 *   tenure      -0.28 ln(1 + years in work), -0.16 ln(1 + years with the bank)
 *   district    0.06 (unemployment - 3.6)
 *   loan        purpose, broker +0.3, 0.006 (term - 36)
 *   unseen      -0.3 thrift, -0.2 stability, 0.55 luck
 *   calendar    macro shock and cohort drift of the month
 *
 * Group and sex do not enter: they reach the pd only through district, income and the like.
 */
export function trueLogOdds(facts: RiskFacts): number {
  const { person, observed } = facts;
  const income = Math.max(20_000, observed.monthlyIncomeMinor);
  const burden = (facts.instalmentMinor + facts.otherDebtMinor) / income;
  const buffer = observed.meanBalance90dMinor / income;
  const fall = clamp(1 - observed.incomeTrend, 0, 1);
  const gambling = 1.2 * Math.tanh(8 * observed.gamblingShare180d) * (buffer < 0.2 ? 2 : 1);
  const years = (since: number): number => Math.max(0, (facts.appliedDay - since) / 365.25);
  return (
    INTERCEPT +
    Math.min(3.5, 0.45 * softplus((burden - 0.35) / 0.06)) -
    1.0 * Math.tanh(buffer) +
    1.3 * observed.overdrawnShare90d +
    0.45 * Math.log1p(observed.penalties365d) +
    (observed.daysSinceIncome > 45 ? 0.9 : 0) +
    0.7 * fall +
    (burden > 0.35 ? 0.6 * fall : 0) +
    gambling +
    clamp(0.7 * (observed.spendingToIncome - 0.95), -0.5, 0.8) -
    (person.employer === null ? 0 : 0.28 * Math.log1p(years(person.employedSinceDay))) -
    0.16 * Math.log1p(years(person.accountOpenedDay)) +
    0.06 * (person.district.unemploymentRate - 3.6) +
    (PURPOSE[facts.purpose] ?? 0) +
    (facts.channel === 'broker' ? 0.3 : 0) +
    0.006 * (facts.termMonths - 36) -
    0.3 * person.thrift -
    0.2 * person.stability +
    0.55 * person.luck +
    macroLogOdds(facts.month) +
    cohortDriftLogOdds(facts.month)
  );
}

export const probability = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));
