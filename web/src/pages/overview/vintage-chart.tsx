import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, type Ink, legendOf, percentLabel, tip, valueAxis } from '../../charts/index.ts';
import type { Overview } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';
import { vintageColumns, vintageRows } from './tables.ts';

type Vintage = Overview['vintages'][number];
type ChartTitles = Overview['charts']['vintages'];

/** More lines than this cannot be told apart: the latest cohorts keep their colours, older ones are grey. */
const COLOURED = 5;

export function VintageChart({
  vintages,
  titles,
}: {
  readonly vintages: readonly Vintage[];
  readonly titles: ChartTitles;
}) {
  const option = useCallback((ink: Ink) => optionOf(vintages, ink), [vintages]);
  return (
    <Chart
      {...titles}
      summary={`Lines of cumulative default by months on book for ${vintages.length} cohorts.`}
      option={option}
      data={{ columns: vintageColumns, rows: vintageRows(vintages) }}
    />
  );
}

function optionOf(vintages: readonly Vintage[], ink: Ink): EChartsOption {
  const coloured = vintages.slice(-COLOURED);
  return {
    ...baseOption(ink),
    legend: legendOf(
      ink,
      coloured.map(({ cohort }) => cohort),
    ),
    tooltip: {
      ...baseOption(ink).tooltip,
      trigger: 'item',
      formatter: (params) => tipOf(vintages, params),
    },
    xAxis: {
      ...valueAxis(ink, { title: 'Months on book', gap: 26, format: String }),
      minInterval: 1,
      splitLine: { show: false },
    },
    yAxis: valueAxis(ink, { title: 'Share in default', format: percentLabel, min: 0 }),
    series: vintages.map((vintage) => {
      const position = coloured.indexOf(vintage);
      return {
        type: 'line' as const,
        name: vintage.cohort,
        data: vintage.points.map((point) => [point.monthsOnBook, point.rate]),
        symbolSize: 5,
        showSymbol: vintage.points.length === 1 || position >= 0,
        z: position < 0 ? 1 : 2,
        lineStyle: { width: position < 0 ? 1 : 2 },
        itemStyle: { color: position < 0 ? ink.border : (ink.series[position] ?? ink.muted) },
      };
    }),
  };
}

function tipOf(vintages: readonly Vintage[], params: unknown): HTMLElement | string {
  if (typeof params !== 'object' || params === null || !('seriesIndex' in params && 'dataIndex' in params)) return '';
  const vintage = vintages[Number(params.seriesIndex)];
  const point = vintage?.points[Number(params.dataIndex)];
  if (vintage === undefined || point === undefined) return '';
  return tip(`Cohort ${vintage.cohort}`, [
    { label: 'Months on book', value: formatCount(point.monthsOnBook) },
    { label: 'In default', value: `${formatCount(point.defaulted)} of ${formatCount(vintage.loans)}` },
    { label: 'Share', value: formatPercent(point.rate) },
  ]);
}
