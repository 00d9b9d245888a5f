import type { EChartsOption } from 'echarts';
import { useCallback, useMemo } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, legendOf, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import { formatCompact, formatCount, formatPercent } from '../../format/index.ts';
import { BINS, edgeOf, type Recomputed, sumsOf } from './recompute.ts';

type Bar = { readonly from: number; readonly to: number; readonly rows: readonly [number, number, number] };

/** Two bins of the engine make one bar. */
const BINS_A_BAR = 2;
const NAMES = ['Approved', 'Referred', 'Declined'] as const;

/** Where the applications lie on the scale of risk, and how each would be decided. */
export function DistributionChart({ found }: { readonly found: Recomputed }) {
  const bars = useMemo(() => barsOf(found), [found]);
  const option = useCallback((ink: Ink) => optionOf(bars, ink), [bars]);
  return (
    <Chart
      title="Applications by PD"
      subtitle="Bars are equally wide in log-odds"
      summary={`Applications by probability of default in ${bars.length} bars, split into approved, referred and declined.`}
      option={option}
      height={300}
      live
      data={{
        columns: [
          { title: 'PD from', value: (row) => row.from },
          { title: 'PD to', value: (row) => row.to },
          ...NAMES.map((name, decision) => ({ title: name, value: (row: Bar) => row.rows[decision] ?? 0 })),
        ],
        rows: bars,
      }}
    />
  );
}

function barsOf(found: Recomputed): Bar[] {
  const bars: Bar[] = [];
  for (let bin = 0; bin < BINS; bin += BINS_A_BAR) {
    const rows = (decision: number): number => sumsOf(found, decision, bin, bin + BINS_A_BAR).rows;
    bars.push({ from: edgeOf(bin), to: edgeOf(bin + BINS_A_BAR), rows: [rows(0), rows(1), rows(2)] });
  }
  const filled = bars.map(({ rows }) => rows[0] + rows[1] + rows[2] > 0);
  return bars.slice(Math.max(0, filled.indexOf(true)), filled.lastIndexOf(true) + 1);
}

function optionOf(bars: readonly Bar[], ink: Ink): EChartsOption {
  const colors = [ink.approved, ink.referred, ink.declined];
  return {
    ...baseOption(ink),
    legend: legendOf(ink),
    xAxis: categoryAxis(
      ink,
      bars.map(({ from }) => formatPercent(from, from < 0.01 ? 2 : 1)),
      { title: 'Probability of default' },
    ),
    yAxis: valueAxis(ink, { title: 'Applications', format: formatCompact, min: 0 }),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(bars[tipIndex(params)], colors) },
    series: NAMES.map((name, decision) => ({
      type: 'bar' as const,
      name,
      stack: 'decision',
      barCategoryGap: '8%',
      data: bars.map(({ rows }) => rows[decision] ?? 0),
      itemStyle: { color: colors[decision] ?? ink.muted },
    })),
  };
}

function tipOf(bar: Bar | undefined, colors: readonly string[]): HTMLElement | string {
  if (bar === undefined) return '';
  return tip(
    `PD ${formatPercent(bar.from)} to ${formatPercent(bar.to)}`,
    NAMES.map((name, decision) => ({
      label: name,
      value: formatCount(bar.rows[decision] ?? 0),
      color: colors[decision],
    })),
  );
}
