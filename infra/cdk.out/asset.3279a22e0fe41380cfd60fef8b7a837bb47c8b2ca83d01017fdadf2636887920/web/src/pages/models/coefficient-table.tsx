import type { Model } from '../../contract.ts';
import { formatDecimal, formatSigned } from '../../format/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Coefficient = NonNullable<Model['coefficients']>[number];

const COLUMNS: readonly Column<Coefficient>[] = [
  { key: 'title', title: 'Feature', value: (row) => row.title },
  { key: 'term', title: 'Term', value: (row) => row.term, cell: (row) => <span className="mono">{row.term}</span> },
  {
    key: 'coefficient',
    title: 'Coefficient',
    align: 'right',
    value: (row) => row.coefficient,
    cell: (row) => formatSigned(row.coefficient, 4),
    hint: 'Change of the log-odds of default for one unit of the term.',
  },
  {
    key: 'standardError',
    title: 'Standard error',
    align: 'right',
    value: (row) => row.standardError,
    cell: (row) => formatDecimal(row.standardError, 4),
  },
  {
    key: 'oddsRatio',
    title: 'Odds ratio',
    align: 'right',
    value: (row) => row.oddsRatio,
    cell: (row) => formatDecimal(row.oddsRatio),
  },
];

export function CoefficientTable({ coefficients }: { readonly coefficients: readonly Coefficient[] }) {
  return (
    <DataTable
      title="Coefficients"
      columns={COLUMNS}
      rows={coefficients}
      rowKey={(row) => `${row.feature}/${row.term}`}
      maxHeight={520}
    />
  );
}
