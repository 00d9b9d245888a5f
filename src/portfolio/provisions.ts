import { setImmediate } from 'node:timers/promises';
import { AssayError } from '../domain/index.ts';
import {
  ceclAllowance,
  DEFAULT_STAGING,
  defaultWithin,
  type ExpectedLoss,
  expectedLoss,
  ifrs9Allowance,
  type LoanState,
  type LossSettings,
  type Scenario,
  STATES,
  type Stage,
  type StagingSettings,
  stageHistory,
  transitionMatrix,
} from './credit-loss/index.ts';
import { shareOf } from './figures.ts';
import type { MartReader } from './mart-reader.ts';
import { readTransitionCounts } from './roll-rates.ts';

/** What the page may set. Shifts are in log-odds of the PD. */
export type ProvisionQuery = {
  readonly lgd: number;
  readonly prepayment: number;
  readonly adverseShift: number;
  readonly severeShift: number;
  readonly adverseWeight: number;
  readonly severeWeight: number;
  readonly forecastMonths: number;
  readonly reversionMonths: number;
  readonly sicrDays: number;
  readonly sicrPdFactor: number;
  readonly cureMonths: number;
  readonly ceclDiscounted: boolean;
};

type ExposureRow = {
  loan_id: string;
  month: string;
  balance_minor: number;
  days_past_due: number;
  days_past_due_history: string;
  remaining_months: number;
  annual_rate: number;
  origination_pd: number | null;
  grade: string | null;
};

type Exposure = LoanState & {
  readonly history: readonly number[];
  readonly daysPastDue: number;
  readonly originationPd12m: number;
  readonly grade: string;
};

const YEAR_MONTHS = 12;
/** Loans computed before the event loop gets a turn. */
const BREATH_LOANS = 500;
/** A loan without a score: 1 in 20, and counted on the page. */
const UNSCORED_PD = 0.05;

/**
 * Expected credit loss of the open loans, side by side under IFRS 9 (staged, discounted, probability-weighted) and CECL (lifetime),
 * for each scenario alone and for the weighted whole.
 *
 * PD: at origination the score's, turned into twelve months where the book's outcome window is another. Today the same while a loan
 * is current; in arrears at least what the chain of the book's own monthly roll rates says of its bucket.
 * @throws AssayError bad_input when the weights of adverse and severe add up to more than 1
 */
export async function readProvisions(reader: MartReader, query: ProvisionQuery) {
  const snapshot = await reader.snapshot();
  const scenarios = scenariosOf(query);
  if (!snapshot || !(await reader.has('exposures'))) return { state: 'empty' as const, snapshot: null, ...NOTHING };
  const key = `provisions ${JSON.stringify(query)}`;
  const computed = await reader.cached(snapshot, key, () => compute(reader, query, scenarios));
  return { snapshot, ...computed };
}

const NOTHING = {
  month: null,
  loans: 0,
  exposureMinor: 0,
  unscored: 0,
  currency: '',
  stages: [],
  grades: [],
  scenarios: [],
  weighted: { twelveMonthMinor: 0, lifetimeMinor: 0, ifrs9Minor: 0, ceclMinor: 0 },
  bucketPds: [],
};

function scenariosOf(query: ProvisionQuery): Scenario[] {
  const { adverseWeight, severeWeight, forecastMonths, reversionMonths } = query;
  const baseWeight = 1 - adverseWeight - severeWeight;
  if (baseWeight < 0) {
    throw new AssayError('bad_input', {
      what: 'the weights of the scenarios add up to more than 1',
      given: `adverse ${adverseWeight}, severe ${severeWeight}`,
      allowed: 'together at most 1; the rest is the base scenario',
      fix: 'lower one of them',
      issues: [{ path: 'adverseWeight', message: 'with severeWeight at most 1' }],
    });
  }
  const course = { forecastMonths, reversionMonths };
  return [
    { name: 'base', weight: baseWeight, logOddsShift: 0, ...course },
    { name: 'adverse', weight: adverseWeight, logOddsShift: query.adverseShift, ...course },
    { name: 'severe', weight: severeWeight, logOddsShift: query.severeShift, ...course },
  ];
}

type Tally = { loans: number; exposureMinor: number; allowanceMinor: number };
const emptyTally = (): Tally => ({ loans: 0, exposureMinor: 0, allowanceMinor: 0 });

async function compute(reader: MartReader, query: ProvisionQuery, scenarios: readonly Scenario[]) {
  const rows = await reader.rows<ExposureRow>('exposures', 'ORDER BY loan_id');
  const bucketPds = defaultWithin(transitionMatrix(await readTransitionCounts(reader)), YEAR_MONTHS);
  const staging: StagingSettings = {
    ...DEFAULT_STAGING,
    sicrDaysPastDue: query.sicrDays,
    sicrPdFactor: query.sicrPdFactor,
    cureMonths: query.cureMonths,
  };
  const book = new ProvisionTallies(query, staging, scenarios);
  const window = reader.context.portfolio.defaultDefinition.outcomeWindowMonths ?? YEAR_MONTHS;
  for (const [index, row] of rows.entries()) {
    book.add(exposureOf(row, window, bucketPds));
    if (index % BREATH_LOANS === 0) await setImmediate();
  }
  return {
    state: rows.length === 0 ? ('empty' as const) : ('ready' as const),
    month: rows[0]?.month ?? null,
    currency: reader.context.portfolio.currency,
    loans: rows.length,
    exposureMinor: rows.reduce((sum, row) => sum + row.balance_minor, 0),
    unscored: rows.filter(({ origination_pd }) => origination_pd === null).length,
    bucketPds: STATES.slice(0, 5).map((bucket, i) => ({ bucket, pd12m: bucketPds[i]! })),
    ...book.figures(),
  };
}

function exposureOf(row: ExposureRow, windowMonths: number, bucketPds: readonly number[]): Exposure {
  const pd = row.origination_pd ?? UNSCORED_PD;
  const originationPd12m = windowMonths === YEAR_MONTHS ? pd : 1 - (1 - pd) ** (YEAR_MONTHS / windowMonths);
  const bucket = bucketOf(row.days_past_due);
  return {
    history: row.days_past_due_history.split(',').map(Number),
    daysPastDue: row.days_past_due,
    originationPd12m,
    pd12m: bucket === 0 ? originationPd12m : Math.max(originationPd12m, bucketPds[bucket]!),
    balanceMinor: row.balance_minor,
    remainingMonths: row.remaining_months,
    annualRate: row.annual_rate,
    grade: row.grade ?? 'none',
  };
}

/** Index into STATES of a loan that is not final. */
function bucketOf(daysPastDue: number): number {
  if (daysPastDue === 0) return 0;
  return Math.min(4, Math.floor(daysPastDue / 30) + 1);
}

type LossSums = { twelveMonthMinor: number; lifetimeMinor: number; ifrs9Minor: number; ceclMinor: number };

/** Sums over the book, by stage, grade and scenario. */
class ProvisionTallies {
  readonly #ifrs9: LossSettings;
  readonly #cecl: LossSettings;
  readonly #staging: StagingSettings;
  readonly #scenarios: readonly Scenario[];
  readonly #stages = new Map<Stage, Tally>([1, 2, 3].map((stage) => [stage as Stage, emptyTally()]));
  readonly #grades = new Map<string, Tally & { ceclMinor: number }>();
  readonly #sums: LossSums[];

  constructor(query: ProvisionQuery, staging: StagingSettings, scenarios: readonly Scenario[]) {
    const shared = { lgd: query.lgd, prepaymentMonthly: query.prepayment };
    this.#ifrs9 = { ...shared, discounted: true };
    this.#cecl = { ...shared, discounted: query.ceclDiscounted };
    this.#staging = staging;
    this.#scenarios = scenarios;
    this.#sums = scenarios.map(() => ({ twelveMonthMinor: 0, lifetimeMinor: 0, ifrs9Minor: 0, ceclMinor: 0 }));
  }

  add(loan: Exposure): void {
    const history = loan.history.map((daysPastDue, i) => ({
      daysPastDue,
      pd12m: i === loan.history.length - 1 ? loan.pd12m : loan.originationPd12m,
    }));
    const stage = stageHistory(history, loan.originationPd12m, this.#staging).stages.at(-1) ?? 1;
    const isDefaulted = loan.daysPastDue >= this.#staging.defaultDaysPastDue;
    let [ifrs9, cecl] = [0, 0];
    this.#scenarios.forEach((scenario, i) => {
      const loss = expectedLoss(loan, this.#ifrs9, scenario);
      const ceclLoss: ExpectedLoss = this.#cecl.discounted ? loss : expectedLoss(loan, this.#cecl, scenario);
      const allowance = ifrs9Allowance(stage, loan, this.#ifrs9, loss);
      const ceclOne = ceclAllowance(isDefaulted, loan, this.#cecl, ceclLoss);
      const sums = this.#sums[i]!;
      sums.twelveMonthMinor += loss.twelveMonthMinor;
      sums.lifetimeMinor += loss.lifetimeMinor;
      sums.ifrs9Minor += allowance;
      sums.ceclMinor += ceclOne;
      ifrs9 += scenario.weight * allowance;
      cecl += scenario.weight * ceclOne;
    });
    addTo(this.#stages.get(stage)!, loan, ifrs9);
    const grade = this.#grades.get(loan.grade) ?? { ...emptyTally(), ceclMinor: 0 };
    addTo(grade, loan, ifrs9);
    grade.ceclMinor += cecl;
    this.#grades.set(loan.grade, grade);
  }

  figures() {
    const weighted = (key: keyof LossSums): number =>
      Math.round(this.#sums.reduce((sum, found, i) => sum + this.#scenarios[i]!.weight * found[key], 0));
    return {
      stages: [...this.#stages].map(([stage, tally]) => ({ stage, ...rounded(tally) })),
      grades: [...this.#grades]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([grade, tally]) => ({ grade, ...rounded(tally), ceclMinor: Math.round(tally.ceclMinor) })),
      scenarios: this.#scenarios.map(({ name, weight, logOddsShift }, i) => ({
        name,
        weight,
        logOddsShift,
        twelveMonthMinor: Math.round(this.#sums[i]!.twelveMonthMinor),
        lifetimeMinor: Math.round(this.#sums[i]!.lifetimeMinor),
        ifrs9Minor: Math.round(this.#sums[i]!.ifrs9Minor),
        ceclMinor: Math.round(this.#sums[i]!.ceclMinor),
      })),
      weighted: {
        twelveMonthMinor: weighted('twelveMonthMinor'),
        lifetimeMinor: weighted('lifetimeMinor'),
        ifrs9Minor: weighted('ifrs9Minor'),
        ceclMinor: weighted('ceclMinor'),
      },
    };
  }
}

function addTo(tally: Tally, loan: LoanState, allowance: number): void {
  tally.loans += 1;
  tally.exposureMinor += loan.balanceMinor;
  tally.allowanceMinor += allowance;
}

function rounded({ loans, exposureMinor, allowanceMinor }: Tally) {
  return {
    loans,
    exposureMinor,
    allowanceMinor: Math.round(allowanceMinor),
    coverage: shareOf(allowanceMinor, exposureMinor),
  };
}
