/**
 * Portfolio health as data: the figures and charts that the page Overview shows, and from which the dashboard in QuickSight is made
 * (`infra/src/dashboard/`). A figure is one SQL expression over the marts, so that both compute it alike. Pure, without imports:
 * the templates of the cloud read it too.
 */

/** Share of the amount lost when a loan defaults, where the book has no recoveries to measure it from. */
export const ASSUMED_LGD = 0.45;

/** `minor`: money in minor units; `points`: of the score. */
export type FigureUnit = 'count' | 'share' | 'minor' | 'points';

export type FigureSpec = {
  readonly key: string;
  readonly title: string;
  readonly unit: FigureUnit;
  /** The exact meaning, in words. */
  readonly definition: string;
  /** Over the one row of `totals`; `{outcomes}` stands for the mart of that name. DuckDB and Redshift read it. */
  readonly sql: string;
};

const ratio = (dividend: string, divisor: string): string => `CAST(${dividend} AS FLOAT8) / NULLIF(${divisor}, 0)`;
const outcomeShare = (outcome: string): string =>
  ratio(
    `COALESCE((SELECT SUM(o.applications) FROM {outcomes} o WHERE o.outcome = '${outcome}'), 0)`,
    'totals.applications',
  );

/** Headline figures in the order they are shown. */
export const FIGURES: readonly FigureSpec[] = [
  {
    key: 'applications',
    title: 'Loan applications',
    unit: 'count',
    definition: 'Loan applications in the processed data, each scored by the champion.',
    sql: 'totals.applications',
  },
  {
    key: 'borrowers',
    title: 'Borrowers',
    unit: 'count',
    definition: 'Different borrowers among the loan applications.',
    sql: 'totals.borrowers',
  },
  {
    key: 'meanPd',
    title: 'Mean PD',
    unit: 'share',
    definition: 'Mean predicted probability of default over all loan applications.',
    sql: 'totals.mean_pd',
  },
  {
    key: 'defaultRate',
    title: 'Observed default rate',
    unit: 'share',
    definition: 'Defaults over the loan applications whose outcome is known.',
    sql: ratio('totals.defaults', 'totals.labelled'),
  },
  {
    key: 'meanPdLabelled',
    title: 'Mean PD, outcome known',
    unit: 'share',
    definition: 'Mean pd over the applications whose outcome is known; the model was trained on most of them.',
    sql: 'totals.mean_pd_labelled',
  },
  {
    key: 'labelled',
    title: 'Outcomes known',
    unit: 'count',
    definition: 'Loan applications whose outcome window is over.',
    sql: 'totals.labelled',
  },
  {
    key: 'approvalShare',
    title: 'Approval share',
    unit: 'share',
    definition: 'Share the credit policy would approve by itself at the amount applied for.',
    sql: outcomeShare('approved'),
  },
  {
    key: 'referralShare',
    title: 'Referral share',
    unit: 'share',
    definition: 'Share the credit policy would send to manual review.',
    sql: outcomeShare('referred'),
  },
  {
    key: 'meanScore',
    title: 'Mean score',
    unit: 'points',
    definition: 'Mean score over all loan applications; higher is safer.',
    sql: 'totals.mean_score',
  },
  {
    key: 'amount',
    title: 'Amount applied for',
    unit: 'minor',
    definition: 'Sum of the amounts of all loan applications in the book.',
    sql: 'totals.amount_minor',
  },
  {
    key: 'outstanding',
    title: 'Outstanding balance',
    unit: 'minor',
    definition: 'Sum of the balances of all loans at the last reported month end.',
    sql: 'totals.outstanding_minor',
  },
  {
    key: 'overdue',
    title: 'Balance 30 days past due',
    unit: 'minor',
    definition: 'Part of the outstanding balance whose loan is 30 or more days past due.',
    sql: 'totals.overdue_minor',
  },
  {
    key: 'expectedLoss',
    title: 'Expected loss',
    unit: 'minor',
    definition:
      `Sum of pd x ${ASSUMED_LGD * 100} % x amount over the applications that the credit policy would approve or answer with ` +
      'a smaller offer, at the amount applied for.',
    sql: 'totals.expected_loss_minor',
  },
];

export type ColumnSpec = {
  readonly name: string;
  readonly type: 'text' | 'integer' | 'number';
  /** How it is computed from the mart's columns; unset: a column of the mart. */
  readonly sql?: string;
};

/** A mart as charts read it. */
export type DatasetSpec = { readonly mart: string; readonly columns: readonly ColumnSpec[] };

const text = (name: string): ColumnSpec => ({ name, type: 'text' });
const integer = (name: string): ColumnSpec => ({ name, type: 'integer' });
const number = (name: string, sql?: string): ColumnSpec => ({
  name,
  type: 'number',
  ...(sql !== undefined && { sql }),
});
const OBSERVED = number('observed_default_rate', ratio('defaults', 'labelled'));
const SHARE = number('share', ratio('applications', 'SUM(applications) OVER ()'));

export const DATASETS: readonly DatasetSpec[] = [
  {
    mart: 'months',
    columns: [
      ...[text('month'), integer('applications'), number('mean_pd'), OBSERVED],
      ...['approved_share', 'counter_offer_share', 'referred_share', 'declined_share'].map((name) => number(name)),
    ],
  },
  {
    mart: 'grades',
    columns: [
      text('grade'),
      integer('applications'),
      SHARE,
      number('mean_pd'),
      OBSERVED,
      integer('expected_loss_minor'),
    ],
  },
  { mart: 'outcomes', columns: [text('outcome'), integer('applications'), SHARE] },
  {
    mart: 'vintages',
    columns: [text('cohort'), integer('months_on_book'), number('default_share', ratio('defaulted', 'loans'))],
  },
];

export type MeasureSpec = { readonly column: string; readonly label: string; readonly unit: FigureUnit };

export type ChartSpec = {
  readonly title: string;
  readonly subtitle: string;
  readonly mart: string;
  /** Column along the axis. */
  readonly category: string;
  /** Column that makes a line of its own for each value. */
  readonly series?: string;
  readonly bars: readonly MeasureSpec[];
  readonly lines: readonly MeasureSpec[];
};

export const CHART_IDS = [
  'calibrationByMonth',
  'outcomes',
  'grades',
  'expectedLossByGrade',
  'outcomesByMonth',
  'vintages',
] as const;
export type ChartId = (typeof CHART_IDS)[number];

const share = (column: string, label: string): MeasureSpec => ({ column, label, unit: 'share' });
const PREDICTED_AND_OBSERVED = [share('mean_pd', 'Mean PD'), share('observed_default_rate', 'Observed default rate')];

export const CHARTS: Readonly<Record<ChartId, ChartSpec>> = {
  calibrationByMonth: {
    title: 'Mean PD and observed default rate by month',
    subtitle: 'Bars: 95 % interval of the observed rate, where outcomes are known',
    ...{ mart: 'months', category: 'month', bars: [], lines: PREDICTED_AND_OBSERVED },
  },
  outcomes: {
    title: 'Credit policy outcome, whole book',
    subtitle: "What today's policy and champion say to every application of the book",
    ...{ mart: 'outcomes', category: 'outcome', bars: [share('share', 'Share of applications')], lines: [] },
  },
  grades: {
    title: 'Grade distribution, with predicted and observed default',
    subtitle: 'Columns: share of the book (left axis). Marks: default (right axis), with the 95 % interval',
    ...{
      mart: 'grades',
      category: 'grade',
      bars: [share('share', 'Share of the book')],
      lines: PREDICTED_AND_OBSERVED,
    },
  },
  expectedLossByGrade: {
    title: 'Expected loss by grade',
    subtitle: 'Sum of PD × loss given default × amount applied for',
    ...{ mart: 'grades', category: 'grade', lines: [] },
    bars: [{ column: 'expected_loss_minor', label: 'Expected loss', unit: 'minor' }],
  },
  outcomesByMonth: {
    title: 'Credit policy outcome by month',
    subtitle: "Share of each month's applications",
    ...{ mart: 'months', category: 'month', lines: [] },
    bars: [
      share('approved_share', 'Approved'),
      share('counter_offer_share', 'Counter-offer'),
      share('referred_share', 'Referred'),
      share('declined_share', 'Declined'),
    ],
  },
  vintages: {
    title: 'Vintages',
    subtitle: "Share of a cohort's loans in default by months on book; the five latest cohorts in colour",
    ...{ mart: 'vintages', category: 'months_on_book', series: 'cohort', bars: [] },
    lines: [share('default_share', 'Share in default')],
  },
};

/** The column of a figure: Redshift folds names to lower case. */
export const figureColumn = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** All figures in one row. @param relationOf what a mart is called there, as the SQL must have it */
export function figuresSql(relationOf: (mart: string) => string): string {
  const columns = FIGURES.map(
    ({ key, sql }) => `${sql.replaceAll('{outcomes}', relationOf('outcomes'))} AS ${figureColumn(key)}`,
  );
  return `SELECT ${columns.join(', ')} FROM ${relationOf('totals')} AS totals`;
}

/** The rows of a chart's mart with its computed columns. */
export function datasetSql({ mart, columns }: DatasetSpec, relationOf: (mart: string) => string): string {
  const selected = columns.map(({ name, sql }) => (sql === undefined ? name : `${sql} AS ${name}`));
  return `SELECT ${selected.join(', ')} FROM ${relationOf(mart)}`;
}
