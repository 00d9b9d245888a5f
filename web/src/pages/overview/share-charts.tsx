import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
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
import type { Overview } from '../../contract.ts';
import { formatCount, formatMoney, formatMoneyCompact, formatPercent, OUTCOME_LABELS } from '../../format/index.ts';
import { outcomeColor } from './outcomes-by-month.tsx';

type Outcome = Overview['outcomes'][number];
type ChartTitles = Overview['charts']['outcomes'];

/** Shares of the whole book by outcome. */
export function OutcomeShares({
  outcomes,
  titles,
}: {
  readonly outcomes: readonly Outcome[];
  readonly titles: ChartTitles;
}) {
  const option = useCallback((ink: Ink) => outcomeOption(outcomes, ink), [outcomes]);
  return (
    <Chart
      {...titles}
      summary={outcomes.map((row) => `${OUTCOME_LABELS[row.outcome]} ${formatPercent(row.share, 1)}`).join(', ')}
      option={option}
      data={{
        columns: [
          { title: 'Outcome', value: (row) => OUTCOME_LABELS[row.outcome] },
          { title: 'Applications', value: (row) => row.applications },
          { title: 'Share', value: (row) => row.share },
        ],
        rows: outcomes,
      }}
      height={280}
    />
  );
}

function outcomeOption(outcomes: readonly Outcome[], ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 8, right: 56 },
    tooltip: {
      ...baseOption(ink).tooltip,
      axisPointer: { type: 'none' },
      formatter: (params) => {
        const row = outcomes[tipIndex(params)];
        if (row === undefined) return '';
        return tip(OUTCOME_LABELS[row.outcome], [
          { label: 'Applications', value: formatCount(row.applications) },
          { label: 'Share of the book', value: formatPercent(row.share) },
        ]);
      },
    },
    yAxis: {
      ...categoryAxis(
        ink,
        outcomes.map((row) => OUTCOME_LABELS[row.outcome]),
        { title: '' },
      ),
      inverse: true,
    },
    xAxis: valueAxis(ink, { title: 'Share of applications', gap: 26, format: percentLabel, min: 0 }),
    series: [
      {
        type: 'bar',
        barWidth: 22,
        data: outcomes.map((row) => ({ value: row.share, itemStyle: { color: outcomeColor(row.outcome, ink) } })),
        label: {
          show: true,
          position: 'right',
          color: ink.text,
          fontSize: 11,
          formatter: ({ dataIndex }) => formatPercent(outcomes[dataIndex]?.share, 1),
        },
      },
    ],
  };
}

type Grade = Overview['grades'][number];

/** Where the money at risk lies. */
export function ExpectedLossChart({
  grades,
  currency,
  titles,
}: {
  readonly grades: readonly Grade[];
  readonly currency: string;
  readonly titles: ChartTitles;
}) {
  const option = useCallback((ink: Ink) => lossOption(grades, currency, ink), [grades, currency]);
  return (
    <Chart
      {...titles}
      summary={`Bars of expected loss by grade: ${grades.map((row) => `${row.grade} ${formatMoneyCompact(row.expectedLossMinor, currency)}`).join(', ')}`}
      option={option}
      data={{
        columns: [
          { title: 'Grade', value: (row) => row.grade },
          { title: 'Amount in minor units', unit: currency, value: (row) => row.amountMinor },
          { title: 'Expected loss in minor units', unit: currency, value: (row) => row.expectedLossMinor },
        ],
        rows: grades,
      }}
    />
  );
}

function lossOption(grades: readonly Grade[], currency: string, ink: Ink): EChartsOption {
  return {
    ...baseOption(ink),
    grid: { ...baseOption(ink).grid, top: 12 },
    tooltip: {
      ...baseOption(ink).tooltip,
      formatter: (params) => {
        const row = grades[tipIndex(params)];
        if (row === undefined) return '';
        return tip(`Grade ${row.grade}`, [
          { label: 'Expected loss', value: formatMoney(row.expectedLossMinor, currency) },
          { label: 'Amount applied for', value: formatMoney(row.amountMinor, currency) },
          { label: 'Mean PD', value: formatPercent(row.meanPd) },
        ]);
      },
    },
    xAxis: categoryAxis(
      ink,
      grades.map((row) => row.grade),
      { title: 'Grade (best to worst)' },
    ),
    yAxis: valueAxis(ink, {
      title: `Expected loss, ${currency}`,
      gap: 62,
      format: (minor) => formatMoneyCompact(minor, currency).replace(currency, '').trim(),
      min: 0,
    }),
    series: [
      {
        type: 'bar',
        barMaxWidth: 34,
        data: grades.map((row) => row.expectedLossMinor),
        itemStyle: { color: ink.series[1] },
      },
    ],
  };
}
