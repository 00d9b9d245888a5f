import type { EChartsOption } from 'echarts';
import { useCallback, useMemo } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import type { Applicant } from '../../contract.ts';
import { formatFeature, formatPercent, formatSigned } from '../../format/index.ts';
import { type Contribution, contributionsOf } from './contributions.ts';

type Props = {
  readonly features: Applicant['features'];
  readonly reference: string;
  readonly currency: string;
};

/** How each input moved the score away from the reference. */
export function ContributionChart({ features, reference, currency }: Props) {
  const contributions = useMemo(() => contributionsOf(features), [features]);
  const option = useCallback((ink: Ink) => optionOf(contributions, currency, ink), [contributions, currency]);
  return (
    <Chart
      title="What moved the score"
      subtitle={`Score points. Reference: ${reference}`}
      summary={`Bars of score points: ${contributions.map((row) => `${row.title} ${formatSigned(row.points)}`).join(', ')}`}
      option={option}
      data={{
        columns: [
          { title: 'Feature', value: (row) => row.feature?.name ?? row.title },
          { title: 'Title', value: (row) => row.title },
          { title: 'Value', value: (row) => row.feature?.value ?? null },
          { title: 'Unit', value: (row) => row.feature?.unit ?? null },
          { title: 'Points', value: (row) => row.points },
        ],
        rows: contributions,
      }}
      height={Math.max(160, contributions.length * 24 + 60)}
    />
  );
}

function optionOf(rows: readonly Contribution[], currency: string, ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 4, right: 40 },
    tooltip: {
      ...baseOption(ink).tooltip,
      axisPointer: { type: 'none' },
      formatter: (params) => tipOf(rows[tipIndex(params)], currency),
    },
    yAxis: {
      ...categoryAxis(
        ink,
        rows.map((row) => row.title),
        { title: '' },
      ),
      inverse: true,
      axisLabel: { color: ink.text, fontSize: 11, width: ink.narrow ? 110 : 210, overflow: 'truncate', interval: 0 },
    },
    xAxis: {
      ...valueAxis(ink, {
        title: ink.narrow ? 'Score points' : 'Score points (right: raises the score)',
        gap: 26,
        format: (value) => formatSigned(value, 0),
      }),
      // Room for the figures at the ends of the bars.
      boundaryGap: ink.narrow ? ['40%', '40%'] : ['16%', '16%'],
    },
    series: [
      {
        type: 'bar',
        barMaxWidth: 14,
        data: rows.map((row) => ({
          value: row.points,
          itemStyle: { color: row.points < 0 ? ink.bad : ink.series[0] },
          label: { position: row.points < 0 ? ('left' as const) : ('right' as const) },
        })),
        label: {
          show: true,
          color: ink.muted,
          fontSize: 10,
          formatter: ({ dataIndex }) => formatSigned(rows[dataIndex]?.points),
        },
      },
    ],
  };
}

function tipOf(row: Contribution | undefined, currency: string): HTMLElement | string {
  if (row === undefined) return '';
  const points = { label: 'Score points', value: formatSigned(row.points) };
  if (row.feature === null) return tip(row.title, [points]);
  const { value, unit, nullMeaning, percentile } = row.feature;
  return tip(row.title, [
    points,
    { label: 'Value', value: formatFeature(value, { unit, currency, nullMeaning }) },
    ...(percentile === null ? [] : [{ label: 'Higher than', value: `${formatPercent(percentile, 0)} of the book` }]),
  ]);
}
