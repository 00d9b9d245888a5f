import type { Overview } from '../../contract.ts';
import { formatCount, formatMoneyWhole, formatPercent, NOTHING, toMajor } from '../../format/index.ts';
import type { Column } from '../../tables/index.ts';

type Group = Pick<
  Overview['grades'][number],
  'applications' | 'share' | 'meanPd' | 'labelled' | 'defaults' | 'observedDefaultRate'
>;

/** Columns of any group of applications. */
export function groupColumns<Row extends Group>(): readonly Column<Row>[] {
  return [
    count('applications', 'Applications', (row) => row.applications),
    percent('share', 'Share of the book', (row) => row.share),
    percent('meanPd', 'Mean PD', (row) => row.meanPd, 'Mean probability of default of the group, by the champion.'),
    count('labelled', 'Known outcomes', (row) => row.labelled, 'Applications whose outcome is known.'),
    count('defaults', 'Defaults', (row) => row.defaults),
    percent(
      'observed',
      'Observed default rate',
      (row) => row.observedDefaultRate?.value ?? null,
      'Defaults divided by known outcomes.',
    ),
    {
      key: 'interval',
      title: '95 % interval',
      align: 'right',
      sortable: false,
      value: (row) =>
        row.observedDefaultRate === null
          ? null
          : `${row.observedDefaultRate.lower} to ${row.observedDefaultRate.upper}`,
      cell: (row) =>
        row.observedDefaultRate === null
          ? NOTHING
          : `${formatPercent(row.observedDefaultRate.lower)} to ${formatPercent(row.observedDefaultRate.upper)}`,
    },
  ];
}

function count<Row>(key: string, title: string, value: (row: Row) => number, hint?: string): Column<Row> {
  return { key, title, align: 'right', value, cell: (row) => formatCount(value(row)), ...(hint ? { hint } : {}) };
}

function percent<Row>(key: string, title: string, value: (row: Row) => number | null, hint?: string): Column<Row> {
  return { key, title, align: 'right', value, cell: (row) => formatPercent(value(row)), ...(hint ? { hint } : {}) };
}

/** Money in whole units of the currency on screen, exact in the CSV. */
export function money<Row>(
  key: string,
  title: string,
  currency: string,
  minor: (row: Row) => number | null,
): Column<Row> {
  return {
    key,
    title,
    align: 'right',
    unit: currency,
    value: (row) => {
      const amount = minor(row);
      return amount === null ? null : toMajor(amount, currency);
    },
    cell: (row) => formatMoneyWhole(minor(row), currency),
  };
}

export function gradeColumns(currency: string): readonly Column<Overview['grades'][number]>[] {
  return [
    { key: 'grade', title: 'Grade', value: (row) => row.grade },
    ...groupColumns<Overview['grades'][number]>(),
    money('amount', 'Amount applied for', currency, (row) => row.amountMinor),
    money('expectedLoss', 'Expected loss', currency, (row) => row.expectedLossMinor),
  ];
}

export function monthColumns(currency: string): readonly Column<Overview['months'][number]>[] {
  return [
    { key: 'month', title: 'Month', value: (row) => row.month },
    ...groupColumns<Overview['months'][number]>(),
    percent('approved', 'Approved', (row) => row.approvedShare),
    percent('counterOffer', 'Counter-offer', (row) => row.counterOfferShare),
    percent('referred', 'Referred', (row) => row.referredShare),
    percent('declined', 'Declined', (row) => row.declinedShare),
    money('amount', 'Amount applied for', currency, (row) => row.amountMinor),
  ];
}

export type VintageRow = Overview['vintages'][number]['points'][number] & {
  readonly cohort: string;
  readonly loans: number;
};

export function vintageRows(vintages: readonly Overview['vintages'][number][]): readonly VintageRow[] {
  return vintages.flatMap(({ cohort, loans, points }) => points.map((point) => ({ cohort, loans, ...point })));
}

export const vintageColumns: readonly Column<VintageRow>[] = [
  { key: 'cohort', title: 'Cohort', value: (row) => row.cohort },
  count('loans', 'Loans', (row) => row.loans),
  count('monthsOnBook', 'Months on book', (row) => row.monthsOnBook),
  count('defaulted', 'Defaulted', (row) => row.defaulted),
  percent('rate', 'Share in default', (row) => row.rate),
];
