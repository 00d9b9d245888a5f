import { HORIZON_12M, type LossSettings, MAX_MONTHS, type Scenario } from './settings.ts';
import type { Stage } from './staging.ts';

/** A loan as it stands today. */
export type LoanState = {
  readonly balanceMinor: number;
  /** Whole months to maturity; 0 = due. */
  readonly remainingMonths: number;
  /** Effective interest rate a year, as a share. */
  readonly annualRate: number;
  /** Probability of default within twelve months, as of today. */
  readonly pd12m: number;
};

export type ExpectedLoss = {
  /** Loss from defaults within twelve months. */
  readonly twelveMonthMinor: number;
  /** Loss from defaults to maturity. */
  readonly lifetimeMinor: number;
};

const NO_SCENARIO: Scenario = { name: '', weight: 1, logOddsShift: 0, forecastMonths: 0, reversionMonths: 0 };

/**
 * Expected credit loss of a performing loan, month by month to maturity:
 *
 *   ECL = sum over t of S(t-1) h(t) LGD EAD(t) (1 + i)^-t        i = annualRate / 12, without the last factor if not discounted
 *   h(t) = 1 - (1 - pd12m(t))^(1/12)                             monthly hazard; pd12m(t) shifted by the scenario in log-odds
 *   S(t) = S(t-1) (1 - h(t)) (1 - prepayment)                    still there and performing
 *   EAD(t) = balance owed at the beginning of month t on an annuity of n = remainingMonths
 *
 * Twelve-month ECL stops at t = 12, lifetime ECL at maturity. A loan due now (n = 0) counts one month. Result in minor units, not rounded.
 * Source: IFRS 9 5.5.3, 5.5.5, 5.5.17; ASC 326-20-30.
 * @example expectedLoss({ balanceMinor: 100_000, remainingMonths: 12, annualRate: 0, pd12m: 0 }, settings).lifetimeMinor // 0
 */
export function expectedLoss(loan: LoanState, settings: LossSettings, scenario: Scenario = NO_SCENARIO): ExpectedLoss {
  const months = Math.min(MAX_MONTHS, Math.max(1, loan.remainingMonths));
  const rate = loan.annualRate / 12;
  const growth = (1 + rate) ** months;
  let surviving = 1;
  let discount = 1;
  let twelveMonthMinor = 0;
  let lifetimeMinor = 0;
  for (let month = 1; month <= months; month++) {
    const hazard = 1 - (1 - shiftedPd(loan.pd12m, shiftAt(scenario, month))) ** (1 / HORIZON_12M);
    const exposure = rate === 0 ? (months - month + 1) / months : (growth - (1 + rate) ** (month - 1)) / (growth - 1);
    if (settings.discounted) discount /= 1 + rate;
    lifetimeMinor += surviving * hazard * settings.lgd * exposure * loan.balanceMinor * discount;
    if (month === Math.min(HORIZON_12M, months)) twelveMonthMinor = lifetimeMinor;
    surviving *= (1 - hazard) * (1 - settings.prepaymentMonthly);
  }
  return { twelveMonthMinor, lifetimeMinor };
}

/** The shift in force in a month from today, 1 = the next. */
export function shiftAt({ logOddsShift, forecastMonths, reversionMonths }: Scenario, month: number): number {
  if (month <= forecastMonths) return logOddsShift;
  const gone = month - forecastMonths;
  return gone >= reversionMonths + 1 ? 0 : logOddsShift * (1 - gone / (reversionMonths + 1));
}

/** logit(pd) + shift, back as a probability; 0 and 1 stay. */
export function shiftedPd(pd: number, shift: number): number {
  if (pd <= 0 || pd >= 1 || shift === 0) return Math.min(1, Math.max(0, pd));
  const odds = (pd / (1 - pd)) * Math.exp(shift);
  return odds / (1 + odds);
}

/** Probability-weighted over scenarios (IFRS 9 5.5.17a). */
export function weightedLoss(loan: LoanState, settings: LossSettings, scenarios: readonly Scenario[]): ExpectedLoss {
  let [twelveMonthMinor, lifetimeMinor] = [0, 0];
  for (const scenario of scenarios) {
    const found = expectedLoss(loan, settings, scenario);
    twelveMonthMinor += scenario.weight * found.twelveMonthMinor;
    lifetimeMinor += scenario.weight * found.lifetimeMinor;
  }
  return { twelveMonthMinor, lifetimeMinor };
}

/** What is set aside: stage 1 the twelve-month loss, stage 2 the lifetime loss, stage 3 LGD of what is owed. */
export function ifrs9Allowance(stage: Stage, loan: LoanState, settings: LossSettings, loss: ExpectedLoss): number {
  if (stage === 3) return settings.lgd * loan.balanceMinor;
  return stage === 1 ? loss.twelveMonthMinor : loss.lifetimeMinor;
}

/** CECL knows no stages: the lifetime loss from the first day; LGD of what is owed once in default. */
export function ceclAllowance(
  isDefaulted: boolean,
  loan: LoanState,
  settings: LossSettings,
  loss: ExpectedLoss,
): number {
  return isDefaulted ? settings.lgd * loan.balanceMinor : loss.lifetimeMinor;
}
