import type { AccountLife } from './account-life.ts';
import { INCUMBENT_CUT_OFF, incumbentScore } from './incumbent.ts';
import { observe } from './observe.ts';
import type { Random } from './random.ts';
import { probability, trueLogOdds } from './risk.ts';
import { clamp, EXTRACT_DAY, firstDayOf, monthOfDay, OUTCOME_WINDOW_MONTHS } from './world.ts';

export type SimulatedApplication = {
  readonly id: string;
  readonly appliedAt: number;
  readonly month: number;
  readonly amountMinor: number;
  readonly termMonths: number;
  readonly instalmentMinor: number;
  readonly annualRate: number;
  readonly purpose: string;
  readonly channel: 'branch' | 'online' | 'broker';
  readonly declaredIncomeMinor: number;
  readonly incumbentScore: number;
  readonly granted: boolean;
  readonly truePd: number;
  /** What would have become of it, granted or not. */
  readonly wouldDefault: boolean;
  /** Months after granting in which the loan reaches 90 days past due; null: never. */
  readonly defaultMonth: number | null;
  /** Months on book with a lapse of 30 or 60 days that was cured. */
  readonly lapseMonth: number | null;
  readonly lapseDays: number;
  readonly prepaidMonth: number | null;
};

const PURPOSES = [
  ['car', 0.26],
  ['home_improvement', 0.2],
  ['debt_consolidation', 0.2],
  ['furniture', 0.14],
  ['education', 0.06],
  ['holiday', 0.08],
  ['business', 0.06],
] as const;

const TERMS = [
  [12, 0.14],
  [24, 0.24],
  [36, 0.3],
  [48, 0.16],
  [60, 0.16],
] as const;

/** Share of months 3 to 12 in which defaults fall: a hump around half a year. */
const DEFAULT_MONTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(
  (month) => [month, Math.exp(-((month - 6.5) ** 2) / 18)] as const,
);

/** Draws one application of the person behind `life`, decides it by the incumbent rule and draws what becomes of it. */
export function apply(life: AccountLife, id: string, day: number, random: Random): SimulatedApplication {
  const { person } = life;
  const month = monthOfDay(day);
  const appliedAt = day * 86_400 + random.integer(8 * 3600, 20 * 3600);
  const observed = observe(life.bookings, appliedAt);
  const purpose = random.weighted(PURPOSES);
  const channel = drawChannel(month, random);
  const termMonths = random.weighted(TERMS);
  const overstated = random.chance(0.1 + 0.05 * clamp(-person.thrift, 0, 2)) ? random.between(1.15, 1.6) : 1;
  const seen = observed.monthlyIncomeMinor > 0 ? observed.monthlyIncomeMinor : 0.4 * person.incomeMinor;
  const declaredIncomeMinor = Math.round((seen * overstated * random.lognormal(0, 0.04)) / 5000) * 5000;
  const amountMinor =
    Math.round(clamp(seen * random.lognormal(1.2 + 0.011 * termMonths, 0.6), 50_000, 5_000_000) / 10_000) * 10_000;
  const score = incumbentScore({
    declaredIncomeMinor,
    overdrawnEvents90d: observed.overdrawnEvents90d,
    relationshipDays: day - person.accountOpenedDay,
    employmentStatus: person.employmentStatus,
  });
  const annualRate = Math.round((0.055 + 0.0008 * (100 - score)) * 10_000) / 10_000;
  const instalmentMinor = annuityMinor(amountMinor, annualRate, termMonths);
  const otherDebtMinor = life.standingOrders
    .filter((order) => order.category === 'loan_payment')
    .reduce((sum, order) => sum + order.amountMinor, 0);
  const truePd = probability(
    trueLogOdds({
      person,
      observed,
      instalmentMinor,
      otherDebtMinor,
      amountMinor,
      termMonths,
      purpose,
      channel,
      appliedDay: day,
      month,
    }),
  );
  const wouldDefault = random.chance(truePd);
  const granted = score >= INCUMBENT_CUT_OFF;
  return {
    id,
    appliedAt,
    month,
    amountMinor,
    termMonths,
    instalmentMinor,
    annualRate,
    purpose,
    channel,
    declaredIncomeMinor,
    incumbentScore: score,
    granted,
    truePd,
    wouldDefault,
    ...drawCourse(wouldDefault, truePd, termMonths, random),
  };
}

function drawCourse(wouldDefault: boolean, truePd: number, termMonths: number, random: Random) {
  const defaultMonth = random.weighted(DEFAULT_MONTHS);
  const lapses = random.chance(clamp(0.03 + 0.9 * truePd, 0, 0.5));
  const lapseMonth = random.integer(2, Math.min(termMonths, 24) - 1);
  const lapseDays = random.chance(0.3) ? 60 : 30;
  const prepaid = random.chance(0.12) ? random.integer(6, termMonths) : null;
  return {
    defaultMonth: wouldDefault ? defaultMonth : null,
    lapseMonth: !wouldDefault && lapses ? lapseMonth : null,
    lapseDays,
    prepaidMonth: wouldDefault ? null : prepaid,
  };
}

/** Brokers and the web take over from the branches as time goes by. */
function drawChannel(month: number, random: Random): SimulatedApplication['channel'] {
  const years = (month - 2021 * 12) / 12;
  return random.weighted([
    ['branch', Math.max(0.1, 0.6 - 0.12 * years)],
    ['online', 0.3 + 0.09 * years],
    ['broker', 0.1 + 0.04 * years],
  ]);
}

export function annuityMinor(amountMinor: number, annualRate: number, termMonths: number): number {
  const rate = annualRate / 12;
  return Math.round((amountMinor * rate) / (1 - (1 + rate) ** -termMonths));
}

export type MonthState = {
  readonly monthOnBook: number;
  readonly day: number;
  readonly daysPastDue: number;
  readonly balanceMinor: number;
  readonly paidMinor: number;
};

const CHARGE_OFF_DAYS = 180;

/** A granted loan at each month end up to the extract: paid, late, charged off at 180 days, or repaid early. */
export function performanceOf(application: SimulatedApplication): MonthState[] {
  const {
    amountMinor,
    annualRate,
    defaultMonth,
    instalmentMinor,
    lapseDays,
    lapseMonth,
    month,
    prepaidMonth,
    termMonths,
  } = application;
  const states: MonthState[] = [];
  let balanceMinor = amountMinor;
  for (let monthOnBook = 1; monthOnBook <= termMonths; monthOnBook++) {
    const day = firstDayOf(month + monthOnBook + 1) - 1;
    if (day > EXTRACT_DAY) break;
    const missed = defaultMonth === null ? 0 : monthOnBook - (defaultMonth - 3);
    const lapsed = lapseMonth !== null && monthOnBook >= lapseMonth && monthOnBook < lapseMonth + lapseDays / 30;
    const daysPastDue = missed > 0 ? missed * 30 : lapsed ? (monthOnBook - lapseMonth! + 1) * 30 : 0;
    const interest = Math.round((balanceMinor * annualRate) / 12);
    const due =
      monthOnBook === termMonths || monthOnBook === prepaidMonth
        ? balanceMinor + interest
        : Math.min(instalmentMinor, balanceMinor + interest);
    const paidMinor = daysPastDue > 0 ? 0 : due;
    balanceMinor = balanceMinor + interest - paidMinor;
    states.push({ monthOnBook, day, daysPastDue, balanceMinor, paidMinor });
    if (balanceMinor <= 0 || daysPastDue >= CHARGE_OFF_DAYS) break;
  }
  return states;
}

export type Outcome = {
  readonly status: 'good' | 'default' | 'indeterminate' | 'not_granted' | 'not_matured';
  readonly defaulted: 0 | 1 | null;
  /** Null while not known. */
  readonly observedDay: number | null;
};

/**
 * Default: 90 days past due within twelve months of granting. Indeterminate: at worst 60 days past due within them and cured.
 * No outcome yet where the twelve months are not over at the extract, nor where the incumbent rule declined.
 */
export function outcomeOf(application: SimulatedApplication): Outcome {
  if (!application.granted) return { status: 'not_granted', defaulted: null, observedDay: null };
  const observedDay = firstDayOf(application.month + OUTCOME_WINDOW_MONTHS + 1) - 1;
  if (observedDay > EXTRACT_DAY) return { status: 'not_matured', defaulted: null, observedDay: null };
  if (application.wouldDefault) return { status: 'default', defaulted: 1, observedDay };
  const { lapseDays, lapseMonth } = application;
  if (lapseMonth !== null && lapseDays >= 60 && lapseMonth < OUTCOME_WINDOW_MONTHS) {
    return { status: 'indeterminate', defaulted: null, observedDay };
  }
  return { status: 'good', defaulted: 0, observedDay };
}
