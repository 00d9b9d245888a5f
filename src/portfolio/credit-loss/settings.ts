/**
 * How a loan is staged under IFRS 9. Days past due are the rebuttable presumptions of the standard: a significant increase in credit
 * risk when more than 30 days past due (5.5.11), default no later than 90 days past due (B5.5.37).
 */
export type StagingSettings = {
  readonly sicrDaysPastDue: number;
  readonly defaultDaysPastDue: number;
  /** Stage 2 when the PD has grown by this factor since the loan was granted, and by at least `sicrPdIncrease`; null: not looked at. */
  readonly sicrPdFactor: number | null;
  readonly sicrPdIncrease: number;
  /** At or below this 12-month PD credit risk counts as low (5.5.10) and the PD alone moves nobody to stage 2; 0: not used. */
  readonly lowRiskPd: number;
  /** Months in a row at most `sicrDaysPastDue` past due before a loan leaves stage 3. */
  readonly cureMonths: number;
};

export const DEFAULT_STAGING: StagingSettings = {
  sicrDaysPastDue: 30,
  defaultDaysPastDue: 90,
  sicrPdFactor: 2,
  sicrPdIncrease: 0.005,
  lowRiskPd: 0,
  cureMonths: 3,
};

/** A course of the economy, as a shift of every PD in log-odds that fades out. */
export type Scenario = {
  readonly name: string;
  /** Probability of the scenario; all weights add up to 1. */
  readonly weight: number;
  /** Added to the log-odds of the 12-month PD while the forecast holds. */
  readonly logOddsShift: number;
  /** Months the forecast is reasonable and supportable. */
  readonly forecastMonths: number;
  /** Months over which the shift then falls to nothing, in a straight line (ASC 326-20-30-9: reversion to history). */
  readonly reversionMonths: number;
};

/** Expected loss of a loan, whatever the standard. */
export type LossSettings = {
  /** Share of the exposure lost. */
  readonly lgd: number;
  /** Share of the performing loans that repay early each month; ends the loan without loss. */
  readonly prepaymentMonthly: number;
  /** Discounted at the effective interest rate: always under IFRS 9 (B5.5.44), a choice under CECL (326-20-30-3 to -5). */
  readonly discounted: boolean;
};

export const HORIZON_12M = 12;
/** A schedule longer than this is cut here: 60 years. */
export const MAX_MONTHS = 720;
