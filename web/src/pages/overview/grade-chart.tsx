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
import { formatCount, formatPercent } from '../../format/index.ts';
import { groupColumns } from './tables.ts';

type Grade = Overview['grades'][number];
type ChartTitles = Overview['charts']['grades'];

/** How many applications each grade has, and whether the grades rank: predicted beside observed. */
export function GradeChart({ grades, titles }: { readonly grades: readonly Grade[]; readonly titles: ChartTitles }) {
  const option = useCallback((ink: Ink) => optionOf(grades, ink), [grades]);
  return (
    <Chart
      {...titles}
      summary={`Grades and their shares: ${grades.map((row) => `${row.grade} ${formatPercent(row.share, 1)}`).join(', ')}`}
      option={option}
      data={{ columns: [{ title: 'Grade', value: (row) => row.grade }, ...groupColumns<Grade>()], rows: grades }}
    />
  );
}

function optionOf(grades: readonly Grade[], ink: Ink): EChartsOption {
  const [predicted, observed] = ink.series;
  const defaults = { yAxisIndex: 1 };
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['Share of the book', 'Mean PD', 'Observed default rate']),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(grades[tipIndex(params)], ink) },
    xAxis: categoryAxis(
      ink,
      grades.map((row) => row.grade),
      { title: 'Grade (best to worst)' },
    ),
    yAxis: [
      valueAxis(ink, { title: 'Share of the book', format: percentLabel, min: 0 }),
      {
        ...valueAxis(ink, { title: 'Default', gap: 44, format: percentLabel, min: 0 }),
        splitLine: { show: false },
      },
    ],
    series: [
      {
        type: 'bar',
        name: 'Share of the book',
        data: grades.map((row) => row.share),
        barMaxWidth: 34,
        itemStyle: { color: ink.border },
      },
      {
        ...intervalSeries(
          'Interval',
          grades.map((row) => row.observedDefaultRate),
          { color: observed },
        ),
        ...defaults,
        z: 3,
      },
      {
        type: 'line',
        name: 'Mean PD',
        ...defaults,
        data: grades.map((row) => row.meanPd),
        symbol: 'emptyCircle',
        symbolSize: 6,
        z: 4,
        itemStyle: { color: predicted },
      },
      {
        type: 'scatter',
        name: 'Observed default rate',
        ...defaults,
        data: grades.map((row) => row.observedDefaultRate?.value ?? null),
        symbol: 'diamond',
        symbolSize: 9,
        z: 5,
        itemStyle: { opacity: 1, color: observed },
      },
    ],
  };
}

function tipOf(row: Grade | undefined, ink: Ink): HTMLElement | string {
  if (row === undefined) return '';
  return tip(`Grade ${row.grade}`, [
    { label: 'Applications', value: formatCount(row.applications) },
    { label: 'Share of the book', value: formatPercent(row.share) },
    { label: 'Mean PD', value: formatPercent(row.meanPd), color: ink.series[0] },
    { label: 'Observed', value: formatPercent(row.observedDefaultRate?.value), color: ink.series[1] },
    { label: 'Defaults of known outcomes', value: `${formatCount(row.defaults)} of ${formatCount(row.labelled)}` },
  ]);
}
