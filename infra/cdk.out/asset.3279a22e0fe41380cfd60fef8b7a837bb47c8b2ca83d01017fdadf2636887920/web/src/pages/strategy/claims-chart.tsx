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
import type { PopulationClaimsDto } from '../../contract.ts';
import { formatPercent } from '../../format/index.ts';
import { percentInterval } from './interval-text.ts';

type Point = PopulationClaimsDto['curve'][number];

/** Default cut at equal approvals, over approval shares. */
export function ClaimsChart({ found }: { readonly found: PopulationClaimsDto }) {
  const option = useCallback((ink: Ink) => optionOf(found.curve, ink), [found]);
  return (
    <Chart
      title="Default cut at equal approvals"
      subtitle="Bars: 95 % interval"
      summary={found.curve
        .map(({ approvedShare, cut }) => `${formatPercent(approvedShare, 0)} approved: ${percentInterval(cut)}`)
        .join('; ')}
      option={option}
      height={320}
      data={{
        columns: [
          { title: 'Approved share', value: (row) => row.approvedShare },
          { title: 'Cut', value: (row) => row.cut?.value ?? null },
          { title: 'Lower', value: (row) => row.cut?.lower ?? null },
          { title: 'Upper', value: (row) => row.cut?.upper ?? null },
          { title: 'Against approving all', value: (row) => row.cutAgainstAll?.value ?? null },
        ],
        rows: found.curve,
      }}
    />
  );
}

function optionOf(points: readonly Point[], ink: Ink): EChartsOption {
  const [cut, all] = ink.series;
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['Against the incumbent', 'Against approving all']),
    xAxis: categoryAxis(
      ink,
      points.map(({ approvedShare }) => formatPercent(approvedShare, 0)),
      { title: 'Approved share' },
    ),
    yAxis: valueAxis(ink, { title: 'Default cut', format: percentLabel }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(points[tipIndex(params)], ink) },
    series: [
      intervalSeries(
        'Interval',
        points.map((point) => point.cut),
        { color: cut },
      ),
      {
        type: 'line',
        name: 'Against the incumbent',
        data: points.map((point) => point.cut?.value ?? Number.NaN),
        itemStyle: { color: cut },
        lineStyle: { color: cut, width: 2 },
        symbolSize: 6,
      },
      {
        type: 'line',
        name: 'Against approving all',
        data: points.map((point) => point.cutAgainstAll?.value ?? Number.NaN),
        showSymbol: false,
        itemStyle: { color: all },
        lineStyle: { color: all, width: 2, type: 'dashed' },
      },
    ],
  };
}

function tipOf(point: Point | undefined, ink: Ink): HTMLElement | string {
  if (point === undefined) return '';
  return tip(`${formatPercent(point.approvedShare, 0)} approved`, [
    { label: 'Against the incumbent', value: percentInterval(point.cut), color: ink.series[0] },
    { label: 'Against approving all', value: percentInterval(point.cutAgainstAll), color: ink.series[1] },
    { label: 'Bad rate, incumbent', value: percentInterval(point.incumbentBadRate) },
    { label: 'Bad rate, model', value: percentInterval(point.modelBadRate) },
  ]);
}
