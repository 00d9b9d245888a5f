import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import {
  baseOption,
  Chart,
  categoryAxis,
  type Ink,
  legendOf,
  percentLabel,
  tip,
  tipIndex,
  valueAxis,
} from '../../charts/index.ts';
import type { OutcomeDto, Overview } from '../../contract.ts';
import { formatCount, formatPercent, OUTCOME_LABELS, OUTCOMES } from '../../format/index.ts';

type Month = Overview['months'][number];
type ChartTitles = Overview['charts']['outcomesByMonth'];

const SHARES: Readonly<Record<OutcomeDto, (month: Month) => number>> = {
  approved: (month) => month.approvedShare,
  counter_offer: (month) => month.counterOfferShare,
  referred: (month) => month.referredShare,
  declined: (month) => month.declinedShare,
};

/** What the credit policy says to the applications of each month. */
export function OutcomesByMonth({
  months,
  titles,
}: {
  readonly months: readonly Month[];
  readonly titles: ChartTitles;
}) {
  const option = useCallback((ink: Ink) => optionOf(months, ink), [months]);
  return (
    <Chart
      {...titles}
      summary={`Stacked bars over ${months.length} months: shares approved, counter-offered, referred and declined.`}
      option={option}
      data={{
        columns: [
          { title: 'Month', value: (row) => row.month },
          { title: 'Applications', value: (row) => row.applications },
          ...OUTCOMES.map((outcome) => ({ title: OUTCOME_LABELS[outcome], value: SHARES[outcome] })),
        ],
        rows: months,
      }}
    />
  );
}

export function outcomeColor(outcome: OutcomeDto, ink: Ink): string {
  return { approved: ink.approved, counter_offer: ink.counterOffer, referred: ink.referred, declined: ink.declined }[
    outcome
  ];
}

function optionOf(months: readonly Month[], ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    legend: legendOf(ink),
    xAxis: categoryAxis(
      ink,
      months.map(({ month }) => month),
      { title: 'Month of application' },
    ),
    yAxis: valueAxis(ink, { title: 'Share of applications', format: percentLabel, min: 0, max: 1 }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(months[tipIndex(params)], ink) },
    series: OUTCOMES.map((outcome) => ({
      type: 'bar' as const,
      name: OUTCOME_LABELS[outcome],
      stack: 'outcome',
      barCategoryGap: '18%',
      data: months.map(SHARES[outcome]),
      itemStyle: { color: outcomeColor(outcome, ink) },
    })),
  };
}

function tipOf(month: Month | undefined, ink: Ink): HTMLElement | string {
  if (month === undefined) return '';
  return tip(month.month, [
    ...OUTCOMES.map((outcome) => ({
      label: OUTCOME_LABELS[outcome],
      value: formatPercent(SHARES[outcome](month), 1),
      color: outcomeColor(outcome, ink),
    })),
    { label: 'Applications', value: formatCount(month.applications) },
  ]);
}
