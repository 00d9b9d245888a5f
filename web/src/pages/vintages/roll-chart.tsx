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
import type { Vintages } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';

type Month = Vintages['byMonth'][number];

const LINES = [
  { name: 'Current to late', value: (month: Month) => month.currentToLate },
  { name: '30-59 to 60 or more', value: (month: Month) => month.from30To60 },
  { name: '60-89 to 90 or more', value: (month: Month) => month.from60To90 },
  { name: '30-59 cured', value: (month: Month) => month.cured },
] as const;

/** Roll rates month by month. */
export function RollChart({ months }: { readonly months: readonly Month[] }) {
  const option = useCallback((ink: Ink) => optionOf(months, ink), [months]);
  return (
    <Chart
      title="Roll rates by month"
      subtitle="Share of the loans in a state at the month end that are worse, or cured, a month later"
      summary={`Four roll rates over ${months.length} months.`}
      option={option}
      height={300}
      data={{
        columns: [
          { title: 'Month', value: (row) => row.month },
          { title: 'Loans', value: (row) => row.loans },
          ...LINES.map(({ name, value }) => ({ title: name, value })),
        ],
        rows: months,
      }}
    />
  );
}

function optionOf(months: readonly Month[], ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: ink.narrow ? 56 : 36 },
    legend: legendOf(ink),
    xAxis: categoryAxis(
      ink,
      months.map(({ month }) => month),
      { title: 'Month end' },
    ),
    yAxis: valueAxis(ink, { title: 'Share', format: percentLabel, min: 0 }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(months[tipIndex(params)], ink) },
    series: LINES.map(({ name, value }, index) => ({
      type: 'line' as const,
      name,
      showSymbol: false,
      data: months.map((month) => value(month) ?? Number.NaN),
      lineStyle: { width: 2, color: ink.series[index] ?? ink.muted },
      itemStyle: { color: ink.series[index] ?? ink.muted },
    })),
  };
}

function tipOf(month: Month | undefined, ink: Ink): HTMLElement | string {
  if (month === undefined) return '';
  return tip(month.month, [
    ...LINES.map(({ name, value }, index) => ({
      label: name,
      value: formatPercent(value(month), 1),
      color: ink.series[index],
    })),
    { label: 'Loans', value: formatCount(month.loans) },
  ]);
}
