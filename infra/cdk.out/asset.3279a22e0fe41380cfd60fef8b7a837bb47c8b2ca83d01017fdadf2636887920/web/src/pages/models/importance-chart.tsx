import type { EChartsOption } from 'echarts';
import { useCallback, useMemo } from 'react';
import {
  baseOption,
  Chart,
  categoryAxis,
  type Ink,
  percentLabel,
  tip,
  tipIndex,
  valueAxis,
} from '../../charts/index.ts';
import type { Model } from '../../contract.ts';
import { formatPercent } from '../../format/index.ts';

type Importance = Model['importance'][number];

const SHOWN = 15;

export function ImportanceChart({ importance }: { readonly importance: readonly Importance[] }) {
  const rows = useMemo(() => [...importance].sort((a, b) => b.share - a.share), [importance]);
  const shown = useMemo(() => rows.slice(0, SHOWN), [rows]);
  const option = useCallback((ink: Ink) => optionOf(shown, ink), [shown]);
  return (
    <Chart
      title="Importance of the inputs"
      subtitle={rows.length > SHOWN ? `The ${SHOWN} strongest of ${rows.length}; the CSV holds all` : 'All inputs'}
      summary={shown.map((row) => `${row.title} ${formatPercent(row.share, 1)}`).join(', ')}
      option={option}
      data={{
        columns: [
          { title: 'Feature', value: (row) => row.feature },
          { title: 'Title', value: (row) => row.title },
          { title: 'Share', value: (row) => row.share },
        ],
        rows,
      }}
      height={Math.max(160, shown.length * 22 + 50)}
    />
  );
}

function optionOf(rows: readonly Importance[], ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 4, right: 44 },
    tooltip: {
      ...baseOption(ink).tooltip,
      axisPointer: { type: 'none' },
      formatter: (params) => {
        const row = rows[tipIndex(params)];
        return row === undefined
          ? ''
          : tip(row.title, [{ label: 'Share of importance', value: formatPercent(row.share) }]);
      },
    },
    yAxis: {
      ...categoryAxis(
        ink,
        rows.map((row) => row.title),
        { title: '' },
      ),
      inverse: true,
      axisLabel: { color: ink.text, fontSize: 11, width: ink.narrow ? 110 : 190, overflow: 'truncate', interval: 0 },
    },
    xAxis: valueAxis(ink, { title: 'Share of importance', gap: 26, format: percentLabel, min: 0 }),
    series: [
      {
        type: 'bar',
        barMaxWidth: 13,
        data: rows.map((row) => row.share),
        itemStyle: { color: ink.series[0] },
        label: {
          show: true,
          position: 'right',
          color: ink.muted,
          fontSize: 10,
          formatter: ({ dataIndex }) => formatPercent(rows[dataIndex]?.share, 1),
        },
      },
    ],
  };
}
