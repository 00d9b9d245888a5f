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
import type { DriftDto } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';

type Quarter = NonNullable<DriftDto['drift']>['quarters'][number];

/** Predicted and observed default of each quarter's applications. */
export function CalibrationChart({ quarters }: { readonly quarters: readonly Quarter[] }) {
  const option = useCallback((ink: Ink) => optionOf(quarters, ink), [quarters]);
  return (
    <Chart
      title="Calibration by quarter"
      subtitle="Bars: 95 % interval of the observed rate; PDs out of fold where the model was trained"
      summary={quarters
        .map(
          ({ quarter, meanPd, observed }) =>
            `${quarter}: predicted ${formatPercent(meanPd)}, observed ${formatPercent(observed?.value)}`,
        )
        .join('; ')}
      option={option}
      data={{
        columns: [
          { title: 'Quarter', value: (row) => row.quarter },
          { title: 'Known outcomes', value: (row) => row.labelled },
          { title: 'Defaults', value: (row) => row.defaults },
          { title: 'Mean PD', value: (row) => row.meanPd },
          { title: 'Observed', value: (row) => row.observed?.value ?? null },
          { title: 'Lower', value: (row) => row.observed?.lower ?? null },
          { title: 'Upper', value: (row) => row.observed?.upper ?? null },
        ],
        rows: quarters,
      }}
    />
  );
}

function optionOf(quarters: readonly Quarter[], ink: Ink): EChartsOption {
  const [predicted, observed] = ink.series;
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['Predicted', 'Observed']),
    xAxis: categoryAxis(
      ink,
      quarters.map(({ quarter }) => quarter),
      { title: 'Quarter of application' },
    ),
    yAxis: valueAxis(ink, { title: 'Rate of default', format: percentLabel, min: 0 }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(quarters[tipIndex(params)], ink) },
    series: [
      intervalSeries(
        'Interval',
        quarters.map((quarter) => quarter.observed),
        { color: observed },
      ),
      {
        type: 'line',
        name: 'Predicted',
        data: quarters.map(({ meanPd }) => meanPd),
        itemStyle: { color: predicted },
        lineStyle: { color: predicted, width: 2 },
        symbolSize: 6,
      },
      {
        type: 'scatter',
        name: 'Observed',
        data: quarters.map((quarter) => quarter.observed?.value ?? Number.NaN),
        symbol: 'diamond',
        symbolSize: 10,
        itemStyle: { color: observed, opacity: 1 },
      },
    ],
  };
}

function tipOf(quarter: Quarter | undefined, ink: Ink): HTMLElement | string {
  if (quarter === undefined) return '';
  return tip(quarter.quarter, [
    { label: 'Predicted', value: formatPercent(quarter.meanPd), color: ink.series[0] },
    {
      label: 'Observed',
      value: quarter.observed === null ? 'too few' : formatPercent(quarter.observed.value),
      color: ink.series[1],
    },
    {
      label: 'Defaults of known outcomes',
      value: `${formatCount(quarter.defaults)} of ${formatCount(quarter.labelled)}`,
    },
  ]);
}
