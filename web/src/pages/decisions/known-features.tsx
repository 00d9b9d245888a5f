import { useMemo } from 'react';
import type { Catalog, DecisionRecordDto } from '../../contract.ts';
import { formatFeature, formatTime } from '../../format/index.ts';
import { useCatalog } from '../../queries/catalog.ts';
import { useCurrency } from '../../queries/portfolio.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Row = {
  readonly name: string;
  readonly value: number | string | null;
  readonly entry: Catalog['features'][number] | undefined;
};

const columnsOf = (currency: string): readonly Column<Row>[] => [
  {
    key: 'name',
    title: 'Feature',
    wide: true,
    value: (row) => row.name,
    cell: (row) => (
      <>
        {row.entry?.title ?? row.name} <small className="mono muted">{row.name}</small>
      </>
    ),
  },
  {
    key: 'value',
    title: 'Value',
    align: 'right',
    value: (row) => row.value,
    cell: (row) => (
      <span className={row.value === null ? 'muted wrap' : undefined}>
        {formatFeature(row.value, { unit: row.entry?.unit ?? '', nullMeaning: row.entry?.nullMeaning, currency })}
      </span>
    ),
  },
];

type Props = { readonly features: DecisionRecordDto['features']; readonly asOf: string };

/** The values the decision was made on. Titles and units are today's; names and values are the record's. */
export function KnownFeatures({ features, asOf }: Props) {
  const { data: catalog } = useCatalog();
  const currency = useCurrency();
  const rows = useMemo(() => {
    const entries = new Map(catalog?.features.map((entry) => [entry.name, entry]));
    return Object.entries(features).map(([name, value]): Row => ({ name, value, entry: entries.get(name) }));
  }, [features, catalog]);
  return (
    <DataTable
      title="Features as known"
      subtitle={`Facts strictly before ${formatTime(asOf)}`}
      columns={columnsOf(currency)}
      rows={rows}
      rowKey={(row) => row.name}
      maxHeight={420}
    />
  );
}
