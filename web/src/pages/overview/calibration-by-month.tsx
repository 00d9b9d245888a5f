import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import {
  baseOption,
  Chart,
  categoryAxis,
  type Ink,
  intervalSeries,
  legendOf,
  percentLabel,
  tip,
  tipIndex,
  valueAxis,
} from '../../charts/index.ts';
import type { Overview } from '../../contract.ts';
import { formatCount, formatPercent, NOTHING } from '../../format/index.ts';
import { groupColumns } from './tables.ts';

type Month = Overview['months'][number];
type ChartTitles = Overview['charts']['calibrationByMonth'];

/** What was predicted and what happened, by month of application. */
export function CalibrationByMonth({
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
      summary={`Line chart over ${months.length} months: mean predicted probability of default beside the observed default rate.`}
      option={option}
      data={{ columns: [{ title: 'Month', value: (row) => row.month }, ...groupColumns<Month>()], rows: months }}
      height={280}
    />
  );
}

function optionOf(months: readonly Month[], ink: Ink): EChartsOption {
  const [predicted, observed] = ink.series;
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['Mean PD', 'Observed default rate']),
    xAxis: categoryAxis(
      ink,
      months.map(({ month }) => month),
      { title: 'Month of application' },
    ),
    yAxis: valueAxis(ink, { title: 'Share of applications', format: percentLabel, min: 0 }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(months[tipIndex(params)], ink) },
    series: [
      intervalSeries(
        'Interval',
        months.map(({ observedDefaultRate }) => observedDefaultRate),
        { color: observed },
      ),
      {
        type: 'line',
        name: 'Mean PD',
        data: months.map(({ meanPd }) => meanPd),
        showSymbol: false,
        lineStyle: { width: 2 },
        itemStyle: { color: predicted },
      },
      {
        type: 'scatter',
        name: 'Observed default rate',
        data: months.map(({ observedDefaultRate }) => observedDefaultRate?.value ?? null),
        symbolSize: 7,
        itemStyle: { opacity: 1, color: observed },
      },
    ],
  };
}

function tipOf(month: Month | undefined, ink: Ink): HTMLElement | string {
  if (month === undefined) return '';
  const rate = month.observedDefaultRate;
  return tip(month.month, [
    { label: 'Mean PD', value: formatPercent(month.meanPd), color: ink.series[0] },
    { label: 'Observed', value: formatPercent(rate?.value), color: ink.series[1] },
    {
      label: '95 % interval',
      value: rate === null ? NOTHING : `${formatPercent(rate.lower)} to ${formatPercent(rate.upper)}`,
    },
    { label: 'Defaults of known outcomes', value: `${formatCount(month.defaults)} of ${formatCount(month.labelled)}` },
    { label: 'Applications', value: formatCount(month.applications) },
  ]);
}
