import { cureRate, defaultWithin, type LoanStateName, STATES, transitionMatrix } from './credit-loss/index.ts';
import { shareOf } from './figures.ts';
import type { MartReader } from './mart-reader.ts';

type TransitionRow = {
  month: string;
  from_state: LoanStateName;
  to_state: LoanStateName;
  loans: number;
  balance_minor: number;
};
type VintageRow = { cohort: string; loans: number; days_past_due: number; months_on_book: number; late: number };

/** States with a way out: the rows of the matrix. */
const OPEN_STATES = STATES.slice(0, 5);
const YEAR_MONTHS = 12;

/** Vintage curves at three thresholds, and the matrix of monthly roll rates over a span of months. */
export async function readVintagesAndRolls(
  reader: MartReader,
  query: { from?: string | undefined; until?: string | undefined },
) {
  const snapshot = await reader.snapshot();
  const nothing = {
    vintages: [],
    months: [],
    states: [...STATES],
    matrix: [],
    defaultWithin12m: [],
    cureRate: null,
    byMonth: [],
  };
  if (!snapshot || !(await reader.has('roll_rates'))) return { state: 'empty' as const, snapshot: null, ...nothing };
  const rows = await reader.rows<TransitionRow>('roll_rates');
  const months = [...new Set(rows.map(({ month }) => month))].sort();
  const inSpan = rows.filter(({ month }) => month >= (query.from ?? '') && month <= (query.until ?? '9999-12'));
  const counts = countsOf(inSpan, ({ loans }) => loans);
  const balances = countsOf(inSpan, ({ balance_minor }) => balance_minor);
  return {
    state: rows.length === 0 ? ('empty' as const) : ('ready' as const),
    snapshot,
    vintages: vintagesOf(await reader.rows<VintageRow>('vintage_curves')),
    months,
    states: [...STATES],
    matrix: matrixOf(counts, balances),
    defaultWithin12m: defaultWithin(transitionMatrix(counts), YEAR_MONTHS),
    cureRate: cureRate(counts),
    byMonth: months.map((month) => monthOf(month, rows)),
  };
}

/** Monthly transitions of the whole book, for the PD of loans in arrears. */
export async function readTransitionCounts(reader: MartReader): Promise<number[][]> {
  return countsOf(await reader.rows<TransitionRow>('roll_rates'), ({ loans }) => loans);
}

function countsOf(rows: readonly TransitionRow[], of: (row: TransitionRow) => number): number[][] {
  const counts = STATES.map(() => STATES.map(() => 0));
  for (const row of rows) counts[STATES.indexOf(row.from_state)]![STATES.indexOf(row.to_state)]! += of(row);
  return counts;
}

function matrixOf(counts: readonly (readonly number[])[], balances: readonly (readonly number[])[]) {
  return OPEN_STATES.map((from, row) => {
    const loans = counts[row]!.reduce((sum, count) => sum + count, 0);
    const balance = balances[row]!.reduce((sum, amount) => sum + amount, 0);
    return {
      from,
      loans,
      to: STATES.map((state, column) => ({
        state,
        loans: counts[row]![column]!,
        share: shareOf(counts[row]![column]!, loans),
        balanceShare: shareOf(balances[row]![column]!, balance),
      })),
    };
  });
}

/** Of the loans in a state, the share one step worse at the next month end. */
function monthOf(month: string, all: readonly TransitionRow[]) {
  const rows = all.filter((row) => row.month === month);
  const rate = (from: LoanStateName, to: readonly LoanStateName[]): number | null => {
    const out = rows.filter((row) => row.from_state === from);
    const total = out.reduce((sum, { loans }) => sum + loans, 0);
    const worse = out.filter((row) => to.includes(row.to_state)).reduce((sum, { loans }) => sum + loans, 0);
    return total === 0 ? null : worse / total;
  };
  return {
    month,
    loans: rows.reduce((sum, { loans }) => sum + loans, 0),
    currentToLate: rate('current', ['1-29', '30-59', '60-89', '90+']),
    from30To60: rate('30-59', ['60-89', '90+']),
    from60To90: rate('60-89', ['90+']),
    cured: rate('30-59', ['current', 'paid']),
  };
}

function vintagesOf(rows: readonly VintageRow[]) {
  return [...Map.groupBy(rows, (row) => `${row.cohort} ${row.days_past_due}`).values()].map((points) => ({
    cohort: points[0]!.cohort,
    loans: points[0]!.loans,
    daysPastDue: points[0]!.days_past_due,
    points: points.map((point) => ({
      monthsOnBook: point.months_on_book,
      late: point.late,
      share: shareOf(point.late, point.loans),
    })),
  }));
}
