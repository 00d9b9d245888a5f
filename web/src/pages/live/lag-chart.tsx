import type { EChartsOption } from 'echarts';
import { useCallback, useEffect, useState } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, legendOf, valueAxis } from '../../charts/index.ts';
import type { StreamStatusDto } from '../../contract.ts';
import { formatCompact, formatCount } from '../../format/index.ts';

type Sample = { readonly at: string; readonly backlog: number; readonly perSecond: number };

/** Ten minutes at one sample in two seconds; older ones go. */
const MAX_SAMPLES = 300;

/** What was waiting and how fast it was taken, since this page was opened. */
export function LagChart({ stream, at }: { readonly stream: StreamStatusDto; readonly at: number }) {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    const perSecond = stream.consumers.reduce((sum, { recordsPerSecond }) => sum + recordsPerSecond, 0);
    const sample = { at: new Date(at).toISOString().slice(11, 19), backlog: stream.backlog, perSecond };
    setSamples((before) => [...before, sample].slice(-MAX_SAMPLES));
  }, [stream, at]);
  const option = useCallback((ink: Ink) => optionOf(samples, ink), [samples]);
  return (
    <Chart
      title="Waiting and taken, since this page was opened"
      subtitle="Times are UTC"
      summary={`${samples.length} samples; now ${formatCount(stream.backlog)} waiting.`}
      option={option}
      height={240}
      data={{
        columns: [
          { title: 'Time', value: (row) => row.at },
          { title: 'Waiting', value: (row) => row.backlog },
          { title: 'Taken a second', value: (row) => row.perSecond },
        ],
        rows: samples,
      }}
    />
  );
}

function optionOf(samples: readonly Sample[], ink: Ink): EChartsOption {
  const line = (name: string, yAxisIndex: number, color: string, data: readonly number[]) => ({
    type: 'line' as const,
    name,
    yAxisIndex,
    showSymbol: samples.length < 2,
    data: [...data],
    lineStyle: { width: 2, color },
    itemStyle: { color },
  });
  return {
    ...baseOption(ink),
    legend: legendOf(ink),
    xAxis: categoryAxis(
      ink,
      samples.map(({ at }) => at),
      { title: '' },
    ),
    yAxis: [
      { ...valueAxis(ink, { title: ink.narrow ? '' : 'Waiting', format: formatCompact, min: 0 }), minInterval: 1 },
      {
        ...valueAxis(ink, { title: ink.narrow ? '' : 'A second', format: formatCompact, min: 0 }),
        splitLine: { show: false },
      },
    ],
    series: [
      line(
        'Waiting',
        0,
        ink.series[1],
        samples.map(({ backlog }) => backlog),
      ),
      line(
        'Taken a second',
        1,
        ink.series[0],
        samples.map(({ perSecond }) => perSecond),
      ),
    ],
  };
}
