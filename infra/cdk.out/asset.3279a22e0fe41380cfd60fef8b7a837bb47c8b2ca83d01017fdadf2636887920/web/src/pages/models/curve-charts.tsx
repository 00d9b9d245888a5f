import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, type Ink, percentLabel, tip, valueAxis } from '../../charts/index.ts';
import type { Model } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';

type Curves = NonNullable<Model['curves']>;
type Point = readonly [x: number, y: number];
type Axes = { readonly x: string; readonly y: string };

const ROC_AXES: Axes = { x: 'False positive rate', y: 'True positive rate' };
const GAINS_AXES: Axes = { x: 'Applications, riskiest first', y: 'Share of the defaults' };

export function RocChart({ curves }: { readonly curves: Curves }) {
  const points = curves.roc.map((point): Point => [point.falsePositiveRate, point.truePositiveRate]);
  return <CurveChart title="ROC curve" axes={ROC_AXES} points={points} defaults={curves.defaults} />;
}

export function GainsChart({ curves }: { readonly curves: Curves }) {
  const points = curves.gains.map((point): Point => [point.applicationsShare, point.defaultsShare]);
  return <CurveChart title="Gains curve" axes={GAINS_AXES} points={points} defaults={curves.defaults} />;
}

type Props = {
  readonly title: string;
  readonly axes: Axes;
  readonly points: readonly Point[];
  readonly defaults: number;
};

function CurveChart({ title, axes, points, defaults }: Props) {
  const option = useCallback((ink: Ink) => optionOf(points, axes, ink), [points, axes]);
  return (
    <Chart
      title={title}
      subtitle={`Out-of-fold predictions, ${formatCount(defaults)} defaults; dashed: a coin`}
      summary={`${axes.y} against ${axes.x.toLowerCase()}, ${points.length} points.`}
      option={option}
      data={{
        columns: [
          { title: axes.x, value: ([x]) => x },
          { title: axes.y, value: ([, y]) => y },
        ],
        rows: points,
      }}
      height={300}
    />
  );
}

function optionOf(points: readonly Point[], axes: Axes, ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 12 },
    tooltip: {
      ...baseOption(ink).tooltip,
      formatter: (params) => {
        const curve = Array.isArray(params) ? params.find((item) => item.seriesIndex === 1) : undefined;
        const point = points[curve?.dataIndex ?? -1];
        if (point === undefined) return '';
        return tip('', [
          { label: axes.x, value: formatPercent(point[0], 1) },
          { label: axes.y, value: formatPercent(point[1], 1) },
        ]);
      },
    },
    xAxis: valueAxis(ink, { title: axes.x, gap: 26, format: percentLabel, min: 0, max: 1 }),
    yAxis: valueAxis(ink, { title: axes.y, format: percentLabel, min: 0, max: 1 }),
    series: [
      {
        type: 'line',
        name: 'Coin',
        data: [
          [0, 0],
          [1, 1],
        ],
        showSymbol: false,
        silent: true,
        lineStyle: { color: ink.muted, type: 'dashed', width: 1 },
      },
      {
        type: 'line',
        name: 'Model',
        data: points.map(([x, y]) => [x, y]),
        showSymbol: false,
        lineStyle: { color: ink.series[0], width: 2 },
        itemStyle: { color: ink.series[0] },
      },
    ],
  };
}
