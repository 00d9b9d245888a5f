import type { StagingSettings } from './settings.ts';

export type Stage = 1 | 2 | 3;

/** What staging looks at in one month. */
export type MonthFacts = { readonly daysPastDue: number; readonly pd12m: number };

export type StagedHistory = {
  readonly stages: readonly Stage[];
  /** Months still to go in stage 3 before cure, after the last month; 0 outside stage 3 or while still in default. */
  readonly cureMonthsSoFar: number;
};

/**
 * IFRS 9 stage of a loan at each month of its history, oldest first.
 *
 *   3  `defaultDaysPastDue` or more past due, and until `cureMonths` months in a row at most `sicrDaysPastDue` past due
 *   2  more than `sicrDaysPastDue` past due; or the PD at least `sicrPdFactor` times and `sicrPdIncrease` above that at origination
 *      and above `lowRiskPd`
 *   1  otherwise
 *
 * The month in which the last of the cure months ends is judged anew: it can be 1 or 2.
 * @example stageHistory([{ daysPastDue: 0, pd12m: 0.02 }, { daysPastDue: 95, pd12m: 0.4 }], 0.02, DEFAULT_STAGING).stages // [1, 3]
 */
export function stageHistory(
  months: readonly MonthFacts[],
  originationPd12m: number,
  settings: StagingSettings,
): StagedHistory {
  const stages: Stage[] = [];
  let impaired = false;
  let clean = 0;
  for (const month of months) {
    if (month.daysPastDue >= settings.defaultDaysPastDue) {
      impaired = true;
      clean = 0;
    } else if (impaired) {
      clean = month.daysPastDue <= settings.sicrDaysPastDue ? clean + 1 : 0;
      if (clean >= settings.cureMonths) impaired = false;
    }
    stages.push(impaired ? 3 : performingStage(month, originationPd12m, settings));
  }
  return { stages, cureMonthsSoFar: impaired ? clean : 0 };
}

function performingStage(month: MonthFacts, originationPd12m: number, settings: StagingSettings): 1 | 2 {
  if (month.daysPastDue > settings.sicrDaysPastDue) return 2;
  const { sicrPdFactor, sicrPdIncrease, lowRiskPd } = settings;
  if (sicrPdFactor === null || month.pd12m <= lowRiskPd) return 1;
  const grown = month.pd12m >= sicrPdFactor * originationPd12m && month.pd12m - originationPd12m >= sicrPdIncrease;
  return grown ? 2 : 1;
}
