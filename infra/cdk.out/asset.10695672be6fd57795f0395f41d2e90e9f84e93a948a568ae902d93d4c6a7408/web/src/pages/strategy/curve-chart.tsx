import type { EChartsOption } from 'echarts';
import { useCallback, useMemo } from 'react';
import { baseOption, Chart, type Ink, legendOf, percentLabel, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import { formatMoneyCompact, formatPercent } from '../../format/index.ts';
import { type CurvePoint, curveOf, type Economics } from './outcome.ts';
import type { Recomputed } from './recompute.ts';

type Props = {
  readonly found: Recomputed;
  readonly economics: Economics;
  readonly currency: string;
  readonly approved: number;
};

/** What each approval share would cost in defaults and bring in profit; the line marks the strategy. */
export function CurveChart({ found, economics, currency, approved }: Props) {
  const points = useMemo(() => curveOf(found, economics), [found, economics]);
  const option = useCallback((ink: Ink) => optionOf(points, approved, currency, ink), [points, approved, currency]);
  return (
    <Chart
      title="Bad rate and profit by approval share"
      subtitle="If everybody up to a PD were approved and all others declined"
      summary={`Observed bad rate and expected profit at ${points.length} approval shares; the strategy approves ${formatPercent(approved, 1)}.`}
      option={option}
      height={300}
      live
      data={{
        columns: [
          { title: 'Approved share', value: (row) => row.approvedShare },
          { title: 'PD cut-off', value: (row) => row.pd },
          { title: 'Observed bad rate', value: (row) => row.badRate },
          { title: 'Mean PD', value: (row) => row.meanPd },
          { title: 'Expected profit', unit: 'minor units', value: (row) => Math.round(row.profitMinor) },
        ],
        rows: points,
      }}
    />
  );
}

function optionOf(points: readonly CurvePoint[], approved: number, currency: string, ink: Ink): EChartsOption {
  const [rate, profit] = ink.series;
  const line = (name: string, yAxisIndex: number, color: string, value: (point: CurvePoint) => number | null) => ({
    type: 'line' as const,
    name,
    yAxisIndex,
    showSymbol: false,
    lineStyle: { width: 2, color },
    itemStyle: { color },
    data: points.map((point) => [point.approvedShare, value(point) ?? Number.NaN]),
  });
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['Observed bad rate', 'Expected profit']),
    xAxis: valueAxis(ink, { title: 'Approved share', gap: 28, format: percentLabel, min: 0, max: 1 }),
    yAxis: [
      valueAxis(ink, { title: ink.narrow ? '' : 'Bad rate', format: percentLabel, min: 0 }),
      {
        ...valueAxis(ink, {
          title: ink.narrow ? '' : 'Profit',
          gap: 70,
          format: (value) => formatMoneyCompact(value, currency),
        }),
        splitLine: { show: false },
      },
    ],
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(points[tipIndex(params)], currency, ink) },
    series: [
      {
        ...line('Observed bad rate', 0, rate, (point) => point.badRate),
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: ink.muted, type: 'dashed' as const },
          data: [{ xAxis: approved }],
        },
      },
      line('Expected profit', 1, profit, (point) => point.profitMinor),
    ],
  };
}

function tipOf(point: CurvePoint | undefined, currency: string, ink: Ink): HTMLElement | string {
  if (point === undefined) return '';
  return tip(`${formatPercent(point.approvedShare, 1)} approved, PD up to ${formatPercent(point.pd)}`, [
    { label: 'Observed bad rate', value: formatPercent(point.badRate), color: ink.series[0] },
    { label: 'Mean PD', value: formatPercent(point.meanPd) },
    {
      label: 'Expected profit',
      value: formatMoneyCompact(Math.round(point.profitMinor), currency),
      color: ink.series[1],
    },
  ]);
}
