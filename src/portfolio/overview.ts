import { jeffreysInterval } from '../training/index.ts';
import { ASSUMED_LGD } from './book-views.ts';
import { type DecisionOutcome, shareOf } from './figures.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';

type Totals = {
  applications: number;
  borrowers: number;
  labelled: number;
  defaults: number;
  mean_pd: number | null;
  mean_score: number | null;
  mean_pd_labelled: number | null;
  amount_minor: number | null;
  granted_amount_minor: number | null;
  expected_loss_minor: number | null;
  outstanding_minor: number | null;
  overdue_minor: number | null;
};
type GroupRow = { applications: number; mean_pd: number | null; labelled: number; defaults: number };
type GradeRow = GroupRow & { grade: string; amount_minor: number | null; expected_loss_minor: number | null };
type MonthRow = GroupRow & {
  month: string;
  amount_minor: number | null;
  approved_share: number;
  declined_share: number;
  referred_share: number;
  counter_offer_share: number;
};
type VintageRow = { cohort: string; loans: number; months_on_book: number; defaulted: number };
type OutcomeRow = { outcome: DecisionOutcome; applications: number };

export type Overview = Awaited<ReturnType<typeof readOverview>>;

/** Portfolio health: headline figures with their definitions, grades, months, outcomes and vintages, all from the marts. */
export async function readOverview(reader: MartReader) {
  const snapshot = await reader.snapshot();
  const { currency } = reader.context.portfolio;
  if (!snapshot) return emptyOverview(currency);
  return reader.cached(snapshot, 'overview', () => computeOverview(reader, snapshot));
}

function emptyOverview(currency: string): Awaited<ReturnType<typeof computeOverview>> {
  return {
    state: 'empty',
    snapshot: null,
    currency,
    kpis: [],
    outcomes: [],
    grades: [],
    months: [],
    vintages: [],
    assumptions: [],
  };
}

async function computeOverview(reader: MartReader, snapshot: Snapshot) {
  const [totals] = await reader.rows<Totals>('totals');
  const outcomes = await reader.rows<OutcomeRow>('outcomes');
  const all = totals?.applications ?? 0;
  const state: 'empty' | 'ready' = all === 0 ? 'empty' : 'ready';
  return {
    state,
    snapshot: snapshot as Snapshot | null,
    currency: reader.context.portfolio.currency,
    kpis: totals ? kpisOf(totals, outcomes) : [],
    outcomes: outcomes.map((row) => ({ ...row, share: shareOf(row.applications, all) })),
    grades: (await reader.rows<GradeRow>('grades')).map((row) => ({
      grade: row.grade,
      ...figuresOf(row, all),
      amountMinor: row.amount_minor,
      expectedLossMinor: row.expected_loss_minor,
    })),
    months: (await reader.rows<MonthRow>('months')).map((row) => ({
      month: row.month,
      ...figuresOf(row, all),
      approvedShare: row.approved_share,
      declinedShare: row.declined_share,
      referredShare: row.referred_share,
      counterOfferShare: row.counter_offer_share,
      amountMinor: row.amount_minor,
    })),
    vintages: vintagesOf(await reader.rows<VintageRow>('vintages')),
    assumptions: [
      {
        name: 'Loss given default',
        value: `${ASSUMED_LGD * 100} %`,
        note: 'Assumed, not measured: the book holds no recoveries. The Basel foundation approach used it for unsecured senior claims.',
      },
    ],
  };
}

export function figuresOf(row: GroupRow, all: number) {
  return {
    applications: row.applications,
    share: shareOf(row.applications, all),
    meanPd: row.mean_pd,
    labelled: row.labelled,
    defaults: row.defaults,
    observedDefaultRate: row.labelled === 0 ? null : jeffreysInterval(row.defaults, row.labelled),
  };
}

function vintagesOf(rows: readonly VintageRow[]) {
  return [...Map.groupBy(rows, (row) => row.cohort)].map(([cohort, points]) => ({
    cohort,
    loans: points[0]?.loans ?? 0,
    points: points.map((point) => ({
      monthsOnBook: point.months_on_book,
      defaulted: point.defaulted,
      rate: shareOf(point.defaulted, point.loans),
    })),
  }));
}

type Kpi = {
  key: string;
  title: string;
  value: number | null;
  unit: 'count' | 'share' | 'minor' | 'points';
  definition: string;
};

function kpisOf(totals: Totals, outcomes: readonly OutcomeRow[]): Kpi[] {
  const approved = outcomes.find((row) => row.outcome === 'approved')?.applications ?? 0;
  const referred = outcomes.find((row) => row.outcome === 'referred')?.applications ?? 0;
  const rate = totals.labelled === 0 ? null : totals.defaults / totals.labelled;
  const lgd = `${ASSUMED_LGD * 100} %`;
  const money: Kpi[] = [
    kpi(
      'amount',
      'Amount applied for',
      totals.amount_minor,
      'minor',
      'Sum of the amounts of all loan applications in the book.',
    ),
    kpi(
      'outstanding',
      'Outstanding balance',
      totals.outstanding_minor,
      'minor',
      'Sum of the balances of all loans at the last reported month end.',
    ),
    kpi(
      'overdue',
      'Balance 30 days past due',
      totals.overdue_minor,
      'minor',
      'Part of the outstanding balance whose loan is 30 or more days past due.',
    ),
    kpi(
      'expectedLoss',
      'Expected loss',
      totals.expected_loss_minor,
      'minor',
      `Sum of pd x ${lgd} x amount over the applications that the credit policy would approve, at the amount applied for.`,
    ),
  ];
  return [
    kpi(
      'applications',
      'Loan applications',
      totals.applications,
      'count',
      'Loan applications in the processed data, each scored by the champion.',
    ),
    kpi('borrowers', 'Borrowers', totals.borrowers, 'count', 'Different borrowers among the loan applications.'),
    kpi(
      'meanPd',
      'Mean pd',
      totals.mean_pd,
      'share',
      'Mean predicted probability of default over all loan applications.',
    ),
    kpi(
      'defaultRate',
      'Observed default rate',
      rate,
      'share',
      'Defaults over the loan applications whose outcome is known.',
    ),
    kpi(
      'meanPdLabelled',
      'Mean pd, outcome known',
      totals.mean_pd_labelled,
      'share',
      'Mean pd over the applications whose outcome is known; the model was trained on most of them.',
    ),
    kpi('labelled', 'Outcomes known', totals.labelled, 'count', 'Loan applications whose outcome window is over.'),
    kpi(
      'approvalShare',
      'Approval share',
      shareOf(approved, totals.applications),
      'share',
      'Share the credit policy would approve by itself at the amount applied for.',
    ),
    kpi(
      'referralShare',
      'Referral share',
      shareOf(referred, totals.applications),
      'share',
      'Share the credit policy would send to manual review.',
    ),
    kpi(
      'meanScore',
      'Mean score',
      totals.mean_score,
      'points',
      'Mean score over all loan applications; higher is safer.',
    ),
    ...money.filter((figure) => figure.value !== null),
  ];
}

function kpi(key: string, title: string, value: number | null, unit: Kpi['unit'], definition: string): Kpi {
  return { key, title, value, unit, definition };
}
