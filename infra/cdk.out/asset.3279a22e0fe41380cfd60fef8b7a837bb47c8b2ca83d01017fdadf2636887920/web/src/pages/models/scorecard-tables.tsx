import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ScorecardTable } from '../../contract.ts';
import {
  type FeatureUnit,
  formatBin,
  formatCount,
  formatDecimal,
  formatPercent,
  formatSigned,
} from '../../format/index.ts';
import { Bar, Panel } from '../../layout/index.ts';
import { useCatalog } from '../../queries/catalog.ts';
import { useCurrency } from '../../queries/portfolio.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Characteristic = ScorecardTable['characteristics'][number];
type BinRow = Characteristic['bins'][number] & { readonly characteristic: Characteristic; readonly position: number };

/** `unitOf`: the unit of a feature. The CSV has the exact bounds; the screen shows them in the feature's unit. */
const columnsOf = (unitOf: (feature: string) => FeatureUnit): readonly Column<BinRow>[] => [
  { key: 'characteristic', title: 'Characteristic', value: (row) => row.characteristic.title },
  {
    key: 'label',
    title: 'Bin',
    sortable: false,
    value: (row) => row.label,
    cell: (row) => <span title={row.label}>{formatBin(row.label, unitOf(row.characteristic.feature))}</span>,
  },
  {
    key: 'count',
    title: 'Applications',
    align: 'right',
    value: (row) => row.count,
    cell: (row) => formatCount(row.count),
  },
  {
    key: 'share',
    title: 'Share',
    align: 'right',
    value: (row) => row.share,
    cell: (row) => <Bar share={row.share} text={formatPercent(row.share, 1)} />,
  },
  {
    key: 'defaults',
    title: 'Defaults',
    align: 'right',
    value: (row) => row.defaults,
    cell: (row) => formatCount(row.defaults),
  },
  {
    key: 'badRate',
    title: 'Default rate',
    align: 'right',
    value: (row) => row.badRate,
    cell: (row) => formatPercent(row.badRate),
  },
  {
    key: 'woe',
    title: 'WoE',
    align: 'right',
    value: (row) => row.woe,
    cell: (row) => formatSigned(row.woe, 3),
    hint: 'Weight of evidence: log of the share of repaid over the share of defaulted loans in the bin.',
  },
  {
    key: 'points',
    title: 'Points',
    align: 'right',
    value: (row) => row.points,
    cell: (row) => <strong>{formatSigned(row.points, 1)}</strong>,
    hint: 'Points the bin adds to the score.',
  },
];

const SUMMARY: readonly Column<Characteristic>[] = [
  { key: 'title', title: 'Characteristic', value: (row) => row.title },
  { key: 'bins', title: 'Bins', align: 'right', value: (row) => row.bins.length },
  {
    key: 'iv',
    title: 'IV',
    align: 'right',
    value: (row) => row.iv,
    cell: (row) => formatDecimal(row.iv),
    hint: 'Information value: how much the bins tell about default.',
  },
  {
    key: 'coefficient',
    title: 'Coefficient',
    align: 'right',
    value: (row) => row.coefficient,
    cell: (row) => formatSigned(row.coefficient, 3),
  },
  {
    key: 'standardError',
    title: 'Standard error',
    align: 'right',
    value: (row) => row.standardError,
    cell: (row) => formatDecimal(row.standardError),
  },
];

const ALL = 'all';

/** The scorecard as a lender prints it: characteristics, bins, points. */
export function ScorecardTables({ scorecard }: { readonly scorecard: ScorecardTable }) {
  const { characteristic = ALL } = useSearch({ from: '/app/models/$modelVersion' });
  const navigate = useNavigate({ from: '/models/$modelVersion' });
  const { data: catalog } = useCatalog();
  const currency = useCurrency();
  const units = new Map(catalog?.features.map(({ name, unit }) => [name, unit]));
  const unitOf = (feature: string): FeatureUnit => ({ unit: units.get(feature) ?? '', currency });
  const rows = scorecard.characteristics
    .filter(({ feature }) => characteristic === ALL || feature === characteristic)
    .flatMap((row): BinRow[] => row.bins.map((bin, position) => ({ ...bin, characteristic: row, position })));
  return (
    <>
      <Panel
        note={`Score = ${formatDecimal(scorecard.basePoints, 1)} points, plus the points of the bin of each characteristic.`}
      >
        <Select
          size="xs"
          maw={340}
          mb="sm"
          label="Characteristic"
          searchable
          allowDeselect={false}
          data={[
            { value: ALL, label: 'All' },
            ...scorecard.characteristics.map(({ feature, title }) => ({ value: feature, label: title })),
          ]}
          value={characteristic}
          onChange={(next) =>
            void navigate({
              search: { characteristic: next === null || next === ALL ? undefined : next },
              resetScroll: false,
            })
          }
        />
        <DataTable
          title="Scorecard"
          columns={columnsOf(unitOf)}
          rows={rows}
          rowKey={(row) => `${row.characteristic.feature}/${row.position}`}
          maxHeight={560}
        />
      </Panel>
      <Panel>
        <DataTable
          title="Characteristics"
          columns={SUMMARY}
          rows={scorecard.characteristics}
          rowKey={(row) => row.feature}
        />
      </Panel>
    </>
  );
}
