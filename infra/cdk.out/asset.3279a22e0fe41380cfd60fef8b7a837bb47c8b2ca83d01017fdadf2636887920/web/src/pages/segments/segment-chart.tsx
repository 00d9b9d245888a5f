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
import type { Segments } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';
import { segmentColumns, segmentName } from './columns.tsx';

type Segment = Segments['segments'][number];

/** Predicted and observed default of each segment, side by side. */
export function SegmentChart({ segments }: { readonly segments: Segments }) {
  const option = useCallback((ink: Ink) => optionOf(segments, ink), [segments]);
  const rows = segments.segments;
  return (
    <Chart
      title={`Predicted and observed default by ${segments.title}`}
      subtitle="Bars: 95 % interval of the observed rate. Segments with too few outcomes show the prediction only"
      summary={rows
        .map(
          (row) =>
            `${segmentName(row, segments)}: mean PD ${formatPercent(row.meanPd)}, observed ${formatPercent(row.observedDefaultRate?.value)}`,
        )
        .join('; ')}
      option={option}
      data={{ columns: segmentColumns(segments), rows }}
      height={Math.max(220, rows.length * 30 + 90)}
    />
  );
}

function optionOf(segments: Segments, ink: Ink): EChartsOption {
  const rows = segments.segments;
  const [predicted, observed] = ink.series;
  const rate = (row: Segment) => (row.tooFew ? null : row.observedDefaultRate);
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['Mean PD', 'Observed default rate']),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(rows[tipIndex(params)], segments, ink) },
    yAxis: {
      ...categoryAxis(
        ink,
        rows.map((row) => segmentName(row, segments)),
        { title: '' },
      ),
      inverse: true,
      name: segments.title,
      nameLocation: 'start',
      nameGap: 6,
      nameTextStyle: { color: ink.muted, fontSize: 11, align: 'left' },
      axisLabel: { color: ink.text, fontSize: 11, width: ink.narrow ? 100 : 180, overflow: 'truncate', interval: 0 },
      splitLine: { show: true, lineStyle: { color: ink.rule } },
    },
    xAxis: valueAxis(ink, { title: 'Probability or rate of default', gap: 26, format: percentLabel, min: 0 }),
    series: [
      intervalSeries('Interval', rows.map(rate), { color: observed, direction: 'horizontal' }),
      {
        type: 'scatter',
        name: 'Mean PD',
        data: rows.map((row, index) => [row.meanPd ?? Number.NaN, index]),
        symbol: 'emptyCircle',
        symbolSize: 9,
        itemStyle: { opacity: 1, color: predicted, borderWidth: 2 },
      },
      {
        type: 'scatter',
        name: 'Observed default rate',
        data: rows.map((row, index) => [rate(row)?.value ?? Number.NaN, index]),
        symbol: 'diamond',
        symbolSize: 10,
        itemStyle: { opacity: 1, color: observed },
      },
    ],
  };
}

function tipOf(row: Segment | undefined, segments: Segments, ink: Ink): HTMLElement | string {
  if (row === undefined) return '';
  return tip(segmentName(row, segments), [
    { label: 'Applications', value: formatCount(row.applications) },
    { label: 'Mean PD', value: formatPercent(row.meanPd), color: ink.series[0] },
    {
      label: 'Observed',
      value: row.tooFew ? 'too few' : formatPercent(row.observedDefaultRate?.value),
      color: ink.series[1],
    },
    { label: 'Defaults of known outcomes', value: `${formatCount(row.defaults)} of ${formatCount(row.labelled)}` },
  ]);
}
