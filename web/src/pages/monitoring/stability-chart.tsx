import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import type { DriftDto } from '../../contract.ts';
import { formatCount, formatDecimal, formatPercent } from '../../format/index.ts';

type Month = NonNullable<DriftDto['drift']>['months'][number];

/** PSI of the score by month, with the two borders. */
export function StabilityChart({ months }: { readonly months: readonly Month[] }) {
  const option = useCallback((ink: Ink) => optionOf(months, ink), [months]);
  return (
    <Chart
      title="Stability of the score by month"
      subtitle="PSI against the reference; lines at 0.1 and 0.25"
      summary={months.map(({ month, psi }) => `${month}: ${formatDecimal(psi)}`).join('; ')}
      option={option}
      data={{
        columns: [
          { title: 'Month', value: (row) => row.month },
          { title: 'Applications', value: (row) => row.applications },
          { title: 'Mean PD', value: (row) => row.meanPd },
          { title: 'PSI', value: (row) => row.psi },
        ],
        rows: months,
      }}
    />
  );
}

/** Both lines are in sight whatever the months are. */
const LEAST_TOP = 0.3;

function topOf(months: readonly Month[]): number {
  const most = Math.max(...months.map(({ psi }) => psi ?? 0));
  return Math.max(LEAST_TOP, Math.ceil(most * 10) / 10);
}

function optionOf(months: readonly Month[], ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    xAxis: categoryAxis(
      ink,
      months.map(({ month }) => month),
      { title: 'Month of application' },
    ),
    yAxis: valueAxis(ink, { title: 'PSI', format: (value) => formatDecimal(value, 2), min: 0, max: topOf(months) }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(months[tipIndex(params)], ink) },
    series: [
      {
        type: 'bar',
        name: 'PSI',
        data: months.map(({ psi }) => psi ?? Number.NaN),
        itemStyle: { color: ink.series[0] },
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          data: [
            { yAxis: 0.1, lineStyle: { color: ink.referred, type: 'dashed' } },
            { yAxis: 0.25, lineStyle: { color: ink.bad, type: 'dashed' } },
          ],
        },
      },
    ],
  };
}

function tipOf(month: Month | undefined, ink: Ink): HTMLElement | string {
  if (month === undefined) return '';
  return tip(month.month, [
    { label: 'PSI', value: month.psi === null ? 'too few' : formatDecimal(month.psi), color: ink.series[0] },
    { label: 'Applications', value: formatCount(month.applications) },
    { label: 'Mean PD', value: formatPercent(month.meanPd) },
  ]);
}
