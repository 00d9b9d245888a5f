import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import {
  baseOption,
  Chart,
  categoryAxis,
  type Ink,
  intervalSeries,
  tip,
  tipIndex,
  valueAxis,
} from '../../charts/index.ts';
import { ESTIMATOR_LABELS, formatDecimal, toWords } from '../../format/index.ts';
import type { Compared } from './compared.ts';
import { comparisonColumns, shortVersion } from './comparison-columns.tsx';

type Props = { readonly rows: readonly Compared[]; readonly split: string };

function nameOf({ model }: Compared): string {
  const name = `${ESTIMATOR_LABELS[model.estimator]} ${shortVersion(model.modelVersion).slice(0, 6)}`;
  return model.status === 'champion' ? `${name} (champion)` : name;
}

/** AUC of each version with its interval: where intervals overlap, the data do not tell the versions apart. */
export function DiscriminationChart({ rows, split }: Props) {
  const option = useCallback((ink: Ink) => optionOf(rows, ink), [rows]);
  return (
    <Chart
      title="Discrimination of the model versions"
      subtitle={`AUC with its 95 % interval, ${toWords(split).toLowerCase()}`}
      summary={rows.map((row) => `${nameOf(row)}: AUC ${formatDecimal(row.metrics?.auc.value)}`).join(', ')}
      option={option}
      data={{ columns: comparisonColumns, rows }}
      height={Math.max(150, rows.length * 26 + 70)}
    />
  );
}

function optionOf(rows: readonly Compared[], ink: Ink): EChartsOption {
  const intervals = rows.map((row) => row.metrics?.auc ?? null);
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 8, right: 24 },
    tooltip: {
      ...baseOption(ink).tooltip,
      formatter: (params) => {
        const row = rows[tipIndex(params)];
        const auc = row?.metrics?.auc;
        if (row === undefined || auc === undefined) return '';
        return tip(nameOf(row), [
          { label: 'AUC', value: formatDecimal(auc.value, 4) },
          { label: '95 % interval', value: `${formatDecimal(auc.lower, 4)} to ${formatDecimal(auc.upper, 4)}` },
        ]);
      },
    },
    yAxis: {
      ...categoryAxis(ink, rows.map(nameOf), { title: '' }),
      inverse: true,
      axisLabel: { color: ink.text, fontSize: 12, interval: 0 },
      splitLine: { show: true, lineStyle: { color: ink.rule } },
    },
    xAxis: {
      ...valueAxis(ink, {
        title: 'AUC (0.5 = a coin, 1 = perfect)',
        gap: 26,
        format: (value) => formatDecimal(value, 2),
      }),
      scale: true,
    },
    series: [
      intervalSeries('Interval', intervals, { color: ink.series[0], direction: 'horizontal' }),
      {
        type: 'scatter',
        name: 'AUC',
        symbolSize: 9,
        itemStyle: { opacity: 1, color: ink.series[0] },
        data: rows.map((row, index) => [row.metrics?.auc.value ?? Number.NaN, index]),
      },
    ],
  };
}
