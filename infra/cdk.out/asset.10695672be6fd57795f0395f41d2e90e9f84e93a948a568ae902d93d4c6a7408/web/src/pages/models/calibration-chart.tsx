import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, type Ink, percentLabel, tip, valueAxis } from '../../charts/index.ts';
import type { Model } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';

type Curves = NonNullable<Model['curves']>;
type Bin = Curves['calibration'][number];

/** Predicted against observed default in groups of equal size; on the diagonal is right. */
export function CalibrationChart({ curves }: { readonly curves: Curves }) {
  const option = useCallback((ink: Ink) => optionOf(curves.calibration, ink), [curves]);
  return (
    <Chart
      title="Calibration"
      subtitle={`${formatCount(curves.rows)} out-of-fold predictions; bars: 95 % interval`}
      summary={`Observed default in ${curves.calibration.length} groups by predicted PD, beside the diagonal.`}
      option={option}
      data={{
        columns: [
          { title: 'Applications', value: (row) => row.count },
          { title: 'Mean PD', value: (row) => row.meanPd },
          { title: 'Observed', value: (row) => row.observed },
          { title: 'Lower', value: (row) => row.lower },
          { title: 'Upper', value: (row) => row.upper },
        ],
        rows: curves.calibration,
      }}
      height={300}
    />
  );
}

function optionOf(bins: readonly Bin[], ink: Ink): EChartsOption {
  const end = Math.max(...bins.flatMap((bin) => [bin.meanPd, bin.upper]), 0.01);
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 12 },
    tooltip: {
      ...baseOption(ink).tooltip,
      trigger: 'item',
      formatter: (params) => {
        const bin = Array.isArray(params) ? undefined : bins[params.dataIndex];
        if (bin === undefined) return '';
        return tip('Group of equal size', [
          { label: 'Applications', value: formatCount(bin.count) },
          { label: 'Mean PD', value: formatPercent(bin.meanPd) },
          { label: 'Observed', value: formatPercent(bin.observed) },
          { label: '95 % interval', value: `${formatPercent(bin.lower)} to ${formatPercent(bin.upper)}` },
        ]);
      },
    },
    xAxis: {
      ...valueAxis(ink, { title: 'Mean PD', gap: 26, format: percentLabel, min: 0 }),
      splitLine: { show: false },
    },
    yAxis: valueAxis(ink, { title: 'Observed default rate', format: percentLabel, min: 0 }),
    series: [
      {
        type: 'line',
        name: 'Perfect',
        data: [
          [0, 0],
          [end, end],
        ],
        showSymbol: false,
        silent: true,
        lineStyle: { color: ink.muted, type: 'dashed', width: 1 },
        itemStyle: { color: ink.muted },
      },
      ...bins.map((bin) => ({
        type: 'line' as const,
        name: 'Interval',
        data: [
          [bin.meanPd, bin.lower],
          [bin.meanPd, bin.upper],
        ],
        showSymbol: false,
        silent: true,
        lineStyle: { color: ink.series[0], width: 1.5, opacity: 0.6 },
      })),
      {
        type: 'scatter',
        name: 'Observed',
        data: bins.map((bin) => [bin.meanPd, bin.observed]),
        symbolSize: 8,
        z: 5,
        itemStyle: { opacity: 1, color: ink.series[0] },
      },
    ],
  };
}
