import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, legendOf, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import type { Provisions } from '../../contract.ts';
import { formatMoneyCompact } from '../../format/index.ts';

type Scenario = Provisions['scenarios'][number];

const BARS = [
  { name: 'IFRS 9', value: (row: Scenario) => row.ifrs9Minor },
  { name: 'CECL', value: (row: Scenario) => row.ceclMinor },
] as const;

/** Allowance under each scenario alone. */
export function ScenarioChart({ data }: { readonly data: Provisions }) {
  const option = useCallback((ink: Ink) => optionOf(data, ink), [data]);
  return (
    <Chart
      title="Allowance by scenario"
      subtitle="Each as if it were certain"
      summary={data.scenarios
        .map(
          (row) =>
            `${row.name}: IFRS 9 ${formatMoneyCompact(row.ifrs9Minor, data.currency)}, CECL ${formatMoneyCompact(row.ceclMinor, data.currency)}`,
        )
        .join('; ')}
      option={option}
      height={230}
      data={{
        columns: [
          { title: 'Scenario', value: (row) => row.name },
          ...BARS.map(({ name, value }) => ({ title: name, unit: 'minor units', value })),
        ],
        rows: data.scenarios,
      }}
    />
  );
}

function optionOf({ scenarios, currency }: Provisions, ink: Ink): EChartsOption {
  const money = (value: number): string => formatMoneyCompact(value, currency);
  return {
    ...baseOption(ink),
    legend: legendOf(ink),
    xAxis: categoryAxis(
      ink,
      scenarios.map(({ name }) => name),
      { title: '' },
    ),
    yAxis: valueAxis(ink, { title: '', format: money, min: 0 }),
    tooltip: {
      ...baseOption(ink).tooltip,
      formatter: (params) => {
        const row = scenarios[tipIndex(params)];
        if (row === undefined) return '';
        return tip(
          row.name,
          BARS.map(({ name, value }, index) => ({ label: name, value: money(value(row)), color: ink.series[index] })),
        );
      },
    },
    series: BARS.map(({ name, value }, index) => ({
      type: 'bar' as const,
      name,
      barMaxWidth: 48,
      data: scenarios.map(value),
      itemStyle: { color: ink.series[index] ?? ink.muted },
    })),
  };
}
