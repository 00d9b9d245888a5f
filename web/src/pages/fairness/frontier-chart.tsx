import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, type Ink, legendOf, tip, valueAxis } from '../../charts/index.ts';
import type { CandidateDto } from '../../contract.ts';
import { formatDecimal } from '../../format/index.ts';
import { candidateColumns } from './columns.tsx';

/** Every alternative: how well it orders risk against the lowest impact ratio it gives. */
export function FrontierChart({ alternatives }: { readonly alternatives: readonly CandidateDto[] }) {
  const option = useCallback((ink: Ink) => optionOf(alternatives, ink), [alternatives]);
  const frontier = alternatives.filter((row) => row.onFrontier);
  return (
    <Chart
      title="Less discriminatory alternatives"
      subtitle="Right is better ordered, up is a higher impact ratio at the same share of approvals"
      summary={`${alternatives.length} alternatives, ${frontier.length} of them on the frontier`}
      option={option}
      data={{ columns: candidateColumns, rows: alternatives }}
      height={320}
    />
  );
}

function optionOf(alternatives: readonly CandidateDto[], ink: Ink): EChartsOption {
  const [other, frontier] = ink.series;
  const series = (name: string, rows: readonly CandidateDto[], color: string) => ({
    type: 'scatter' as const,
    name,
    data: rows.map((row) => [row.auc.value, row.adverseImpactRatio?.value ?? Number.NaN, row.id]),
    symbolSize: 8,
    itemStyle: { opacity: 0.9, color },
  });
  return {
    ...baseOption(ink),
    legend: legendOf(ink, ['On the frontier', 'Others']),
    tooltip: { ...baseOption(ink).tooltip, formatter: (params) => tipOf(params, alternatives) },
    xAxis: { ...valueAxis(ink, { title: 'AUC', gap: 26, format: (value) => formatDecimal(value, 3) }), scale: true },
    yAxis: {
      ...valueAxis(ink, { title: 'Lowest impact ratio', format: (value) => formatDecimal(value, 2) }),
      scale: true,
    },
    series: [
      series(
        'Others',
        alternatives.filter((row) => !row.onFrontier),
        other,
      ),
      series(
        'On the frontier',
        alternatives.filter((row) => row.onFrontier),
        frontier,
      ),
    ],
  };
}

function tipOf(params: unknown, alternatives: readonly CandidateDto[]): HTMLElement | string {
  const data = typeof params === 'object' && params !== null && 'data' in params ? params.data : null;
  const row = alternatives.find(({ id }) => Array.isArray(data) && data[2] === id);
  if (row === undefined) return '';
  return tip(row.id, [
    { label: 'AUC', value: formatDecimal(row.auc.value, 4) },
    {
      label: 'Lowest impact ratio',
      value: row.adverseImpactRatio === null ? '–' : formatDecimal(row.adverseImpactRatio.value, 3),
    },
    { label: 'Fitting saw the trait', value: row.usesTraitInFitting ? 'yes' : 'no' },
  ]);
}
