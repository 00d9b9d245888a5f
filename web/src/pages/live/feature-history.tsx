import { Group, Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { EChartsOption } from 'echarts';
import { useCallback } from 'react';
import { baseOption, Chart, categoryAxis, type Ink, tip, tipIndex, valueAxis } from '../../charts/index.ts';
import type { BorrowerFeaturesDto } from '../../contract.ts';
import { formatDate, formatQuantity, NOTHING } from '../../format/index.ts';
import { Panel } from '../../layout/index.ts';
import { useBorrowerFeatures } from '../../queries/borrower-features.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded } from '../../states/index.ts';

type Feature = BorrowerFeaturesDto['features'][number];
type Point = { readonly asOf: string; readonly value: Feature['values'][number] };

const SPANS = [
  { value: '30', label: '30 days' },
  { value: '180', label: '180 days' },
  { value: '365', label: '1 year' },
] as const;

/** One feature of a borrower over time, each value as it was known then. */
export function FeatureHistory() {
  const { borrower, feature, over = 180 } = useSearch({ from: '/app/live' });
  const navigate = useNavigate({ from: '/live' });
  const may = useMay('getBorrowerFeatures');
  const features = useBorrowerFeatures(borrower, over, may);
  if (!may) return null;
  if (borrower === undefined) return <Panel>Name a borrower above to see their features over time.</Panel>;
  return (
    <Panel>
      <Loaded query={features} subject="the features">
        {(data) => {
          const shown = data.features.find(({ name }) => name === feature) ?? firstMoving(data.features);
          if (shown === undefined) return null;
          return (
            <>
              <Group mb="sm" align="end">
                <Select
                  size="xs"
                  label="Feature"
                  w={360}
                  maw="100%"
                  searchable
                  allowDeselect={false}
                  data={data.features.map(({ name, title }) => ({ value: name, label: title }))}
                  value={shown.name}
                  onChange={(next) =>
                    void navigate({ search: (before) => ({ ...before, feature: next ?? undefined }) })
                  }
                />
                <Select
                  size="xs"
                  label="Over"
                  w={110}
                  allowDeselect={false}
                  data={[...SPANS]}
                  value={String(over)}
                  onChange={(next) => void navigate({ search: (before) => ({ ...before, over: Number(next) }) })}
                />
              </Group>
              <HistoryChart feature={shown} instants={data.instants} />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** A number that changes says more than one that stands still. */
function firstMoving(features: readonly Feature[]): Feature | undefined {
  return (
    features.find(({ type, values }) => type === 'numeric' && new Set(values).size > values.length / 2) ?? features[0]
  );
}

type ChartProps = { readonly feature: Feature; readonly instants: BorrowerFeaturesDto['instants'] };

function HistoryChart({ feature, instants }: ChartProps) {
  const points = instants.map(({ asOf }, i): Point => ({ asOf, value: feature.values[i] ?? null }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: points follow from these two
  const option = useCallback((ink: Ink) => optionOf(feature, points, ink), [feature, instants]);
  return (
    <Chart
      title={feature.title}
      subtitle={`${feature.unit}; each value as it was known then`}
      summary={points.map(({ asOf, value }) => `${formatDate(asOf)}: ${value ?? 'missing'}`).join('; ')}
      option={option}
      height={240}
      data={{
        columns: [
          { title: 'As of', value: (row) => row.asOf },
          { title: feature.title, value: (row) => row.value },
        ],
        rows: points,
      }}
    />
  );
}

function optionOf(feature: Feature, points: readonly Point[], ink: Ink): EChartsOption {
  const isNumeric = feature.type === 'numeric';
  const levels = [...new Set(feature.values.map(String))];
  const text = (value: Point['value']): string => {
    if (value === null) return NOTHING;
    return typeof value === 'number' ? formatQuantity(value) : value;
  };
  return {
    ...baseOption(ink),
    xAxis: categoryAxis(
      ink,
      points.map(({ asOf }) => formatDate(asOf)),
      { title: '' },
    ),
    yAxis: isNumeric
      ? valueAxis(ink, { title: ink.narrow ? '' : feature.unit, gap: 60, format: formatQuantity })
      : categoryAxis(ink, levels, { title: '' }),
    tooltip: {
      ...baseOption(ink).tooltip,
      formatter: (params) => {
        const point = points[tipIndex(params)];
        return point === undefined
          ? ''
          : tip(formatDate(point.asOf), [{ label: feature.title, value: text(point.value) }]);
      },
    },
    series: [
      {
        type: 'line',
        step: 'end',
        name: feature.title,
        data: points.map(({ value }) => (isNumeric ? (typeof value === 'number' ? value : Number.NaN) : String(value))),
        symbolSize: 5,
        itemStyle: { color: ink.series[0] },
        lineStyle: { color: ink.series[0], width: 2 },
      },
    ],
  };
}
