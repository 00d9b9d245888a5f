import type { Applicant } from '../../contract.ts';
import { formatFeature, formatPercent, formatSigned, NOTHING, toWords } from '../../format/index.ts';
import { Bar } from '../../layout/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Feature = Applicant['features'][number];

const columnsOf = (currency: string): readonly Column<Feature>[] => [
  {
    key: 'title',
    title: 'Feature',
    wide: true,
    value: (row) => row.title,
    cell: (row) => <span title={row.name}>{row.title}</span>,
  },
  { key: 'group', title: 'Group', value: (row) => toWords(row.group) },
  { key: 'dataClass', title: 'Data class', value: (row) => toWords(row.dataClass) },
  {
    key: 'value',
    title: 'Value',
    align: 'right',
    value: (row) => row.value,
    cell: (row) => (
      <span className={row.value === null ? 'muted' : undefined}>{formatFeature(row.value, { ...row, currency })}</span>
    ),
  },
  {
    key: 'percentile',
    title: 'Place in the book',
    align: 'right',
    value: (row) => row.percentile,
    cell: (row) =>
      row.percentile === null ? NOTHING : <Bar share={row.percentile} text={formatPercent(row.percentile, 0)} />,
    hint: 'Share of the book with a lower value of this feature.',
  },
  {
    key: 'points',
    title: 'Score points',
    align: 'right',
    value: (row) => row.points,
    cell: (row) => (row.points === null ? <span className="muted">not an input</span> : formatSigned(row.points)),
    hint: 'Points against the reference; below zero lowers the score.',
  },
];

type Props = { readonly features: readonly Feature[]; readonly currency: string };

export function FeatureTable({ features, currency }: Props) {
  return (
    <DataTable
      title="Features"
      subtitle="As known when the application was made"
      columns={columnsOf(currency)}
      rows={features}
      rowKey={(row) => row.name}
      maxHeight={560}
    />
  );
}
