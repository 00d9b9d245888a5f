import type { DecisionOutcome } from '../domain/index.ts';
import { ASSUMED_LGD } from './book-views.ts';
import { shareOf } from './figures.ts';

/** The one row of sql/marts/totals.sql. */
export type Totals = {
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
export type OutcomeRow = { outcome: DecisionOutcome; applications: number };

type Unit = 'count' | 'share' | 'minor' | 'points';
type Kpi = { key: string; title: string; value: number | null; unit: Unit; definition: string };
type KpiDefinition = Omit<Kpi, 'value'> & {
  readonly value: (totals: Totals, outcomes: readonly OutcomeRow[]) => number | null;
};

/** Headline figures in the order they are shown. A figure of money that the book cannot give is left out. */
const KPIS: readonly KpiDefinition[] = [
  {
    key: 'applications',
    title: 'Loan applications',
    unit: 'count',
    definition: 'Loan applications in the processed data, each scored by the champion.',
    value: (totals) => totals.applications,
  },
  {
    key: 'borrowers',
    title: 'Borrowers',
    unit: 'count',
    definition: 'Different borrowers among the loan applications.',
    value: (totals) => totals.borrowers,
  },
  {
    key: 'meanPd',
    title: 'Mean pd',
    unit: 'share',
    definition: 'Mean predicted probability of default over all loan applications.',
    value: (totals) => totals.mean_pd,
  },
  {
    key: 'defaultRate',
    title: 'Observed default rate',
    unit: 'share',
    definition: 'Defaults over the loan applications whose outcome is known.',
    value: (totals) => (totals.labelled === 0 ? null : totals.defaults / totals.labelled),
  },
  {
    key: 'meanPdLabelled',
    title: 'Mean pd, outcome known',
    unit: 'share',
    definition: 'Mean pd over the applications whose outcome is known; the model was trained on most of them.',
    value: (totals) => totals.mean_pd_labelled,
  },
  {
    key: 'labelled',
    title: 'Outcomes known',
    unit: 'count',
    definition: 'Loan applications whose outcome window is over.',
    value: (totals) => totals.labelled,
  },
  {
    key: 'approvalShare',
    title: 'Approval share',
    unit: 'share',
    definition: 'Share the credit policy would approve by itself at the amount applied for.',
    value: (totals, outcomes) => outcomeShare(totals, outcomes, 'approved'),
  },
  {
    key: 'referralShare',
    title: 'Referral share',
    unit: 'share',
    definition: 'Share the credit policy would send to manual review.',
    value: (totals, outcomes) => outcomeShare(totals, outcomes, 'referred'),
  },
  {
    key: 'meanScore',
    title: 'Mean score',
    unit: 'points',
    definition: 'Mean score over all loan applications; higher is safer.',
    value: (totals) => totals.mean_score,
  },
  {
    key: 'amount',
    title: 'Amount applied for',
    unit: 'minor',
    definition: 'Sum of the amounts of all loan applications in the book.',
    value: (totals) => totals.amount_minor,
  },
  {
    key: 'outstanding',
    title: 'Outstanding balance',
    unit: 'minor',
    definition: 'Sum of the balances of all loans at the last reported month end.',
    value: (totals) => totals.outstanding_minor,
  },
  {
    key: 'overdue',
    title: 'Balance 30 days past due',
    unit: 'minor',
    definition: 'Part of the outstanding balance whose loan is 30 or more days past due.',
    value: (totals) => totals.overdue_minor,
  },
  {
    key: 'expectedLoss',
    title: 'Expected loss',
    unit: 'minor',
    definition:
      `Sum of pd x ${ASSUMED_LGD * 100} % x amount over the applications that the credit policy would approve or answer with ` +
      'a smaller offer, at the amount applied for.',
    value: (totals) => totals.expected_loss_minor,
  },
];

export function kpisOf(totals: Totals, outcomes: readonly OutcomeRow[]): Kpi[] {
  return KPIS.map((kpi) => ({ ...kpi, value: kpi.value(totals, outcomes) })).filter(
    (kpi) => kpi.unit !== 'minor' || kpi.value !== null,
  );
}

function outcomeShare(totals: Totals, outcomes: readonly OutcomeRow[], outcome: DecisionOutcome): number {
  return shareOf(outcomes.find((row) => row.outcome === outcome)?.applications ?? 0, totals.applications);
}
