import type { DecisionOutcome } from '../domain/index.ts';
import { jeffreysInterval } from '../training/index.ts';
import { shareOf } from './figures.ts';
import { readKpis } from './kpis.ts';
import type { MartReader, Snapshot } from './mart-reader.ts';
import { ASSUMED_LGD, CHARTS, type ChartId } from './overview-spec.ts';

type OutcomeRow = { outcome: DecisionOutcome; applications: number };
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
    charts: chartTitles(),
    assumptions: [],
  };
}

async function computeOverview(reader: MartReader, snapshot: Snapshot) {
  const [totals] = await reader.rows<{ applications: number }>('totals');
  const outcomes = await reader.rows<OutcomeRow>('outcomes');
  const all = totals?.applications ?? 0;
  const state: 'empty' | 'ready' = all === 0 ? 'empty' : 'ready';
  return {
    state,
    snapshot: snapshot as Snapshot | null,
    currency: reader.context.portfolio.currency,
    kpis: await readKpis(reader),
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
    charts: chartTitles(),
    assumptions: [
      {
        name: 'Loss given default',
        value: `${ASSUMED_LGD * 100} %`,
        note: 'Assumed, not measured: the book holds no recoveries. The Basel foundation approach used it for unsecured senior claims.',
      },
    ],
  };
}

/** What the page calls each chart: the words of the specification, which the dashboard in the cloud uses too. */
function chartTitles() {
  const of = (id: ChartId) => ({ title: CHARTS[id].title, subtitle: CHARTS[id].subtitle });
  return {
    calibrationByMonth: of('calibrationByMonth'),
    outcomes: of('outcomes'),
    grades: of('grades'),
    expectedLossByGrade: of('expectedLossByGrade'),
    outcomesByMonth: of('outcomesByMonth'),
    vintages: of('vintages'),
  } satisfies Record<ChartId, unknown>;
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
