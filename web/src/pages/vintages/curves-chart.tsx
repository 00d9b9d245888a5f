import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, type Ink, legendOf, percentLabel, tip, valueAxis } from '../../charts/index.ts';
import type { Vintages } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';

type Curve = Vintages['vintages'][number];
type PointRow = { readonly cohort: string; readonly loans: number } & Curve['points'][number];

/** One line a cohort: share ever so late, by months on book. */
export function CurvesChart({ curves, days }: { readonly curves: readonly Curve[]; readonly days: number }) {
  const option = useCallback((ink: Ink) => optionOf(curves, ink), [curves]);
  const rows: PointRow[] = curves.flatMap(({ cohort, loans, points }) =>
    points.map((point) => ({ cohort, loans, ...point })),
  );
  return (
    <Chart
      title={`Loans ever ${days} days past due, by months on book`}
      subtitle="One line a quarter of granting, the six latest in colour; a line ends where its youngest loan is"
      summary={curves
        .map(({ cohort, points }) => `${cohort}: ${formatPercent(points.at(-1)?.share)} after ${points.length} months`)
        .join('; ')}
      option={option}
      height={340}
      data={{
        columns: [
          { title: 'Cohort', value: (row) => row.cohort },
          { title: 'Loans', value: (row) => row.loans },
          { title: 'Months on book', value: (row) => row.monthsOnBook },
          { title: 'Late', value: (row) => row.late },
          { title: 'Share', value: (row) => row.share },
        ],
        rows,
      }}
    />
  );
}

/** More lines than this cannot be told apart: the latest cohorts have colours, older ones are grey. */
const COLOURED = 6;

function optionOf(curves: readonly Curve[], ink: Ink): EChartsOption {
  const coloured = curves.slice(-COLOURED);
  return {
    ...baseOption(ink),
    legend: legendOf(
      ink,
      coloured.map(({ cohort }) => cohort),
    ),
    xAxis: {
      ...valueAxis(ink, { title: 'Months on book', gap: 26, format: (value) => formatCount(value), min: 0 }),
      minInterval: 1,
    },
    yAxis: valueAxis(ink, { title: 'Share of the cohort', format: percentLabel, min: 0 }),
    tooltip: {
      ...baseOption(ink).tooltip,
      trigger: 'item',
      formatter: (params) => tipOf(curves, params),
    },
    series: curves.map((curve) => {
      const position = coloured.indexOf(curve);
      const color = position < 0 ? ink.border : (ink.series[position] ?? ink.muted);
      return {
        type: 'line' as const,
        name: curve.cohort,
        symbolSize: 5,
        showSymbol: position >= 0,
        z: position < 0 ? 1 : 2,
        data: curve.points.map(({ monthsOnBook, share }) => [monthsOnBook, share]),
        lineStyle: { width: position < 0 ? 1 : 2, color },
        itemStyle: { color },
      };
    }),
  };
}

function tipOf(curves: readonly Curve[], params: unknown): HTMLElement | string {
  if (typeof params !== 'object' || params === null || !('seriesIndex' in params && 'dataIndex' in params)) return '';
  const curve = curves[Number(params.seriesIndex)];
  const point = curve?.points[Number(params.dataIndex)];
  if (curve === undefined || point === undefined) return '';
  return tip(`Cohort ${curve.cohort}`, [
    { label: 'Months on book', value: formatCount(point.monthsOnBook) },
    { label: 'Ever so late', value: `${formatCount(point.late)} of ${formatCount(curve.loans)}` },
    { label: 'Share', value: formatPercent(point.share) },
  ]);
}
