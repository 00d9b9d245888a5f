import type { DecisionRecordDto } from '../../contract.ts';
import { formatMoney, toWords } from '../../format/index.ts';
import { usePortfolio } from '../../queries/portfolio.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Value = string | number | boolean | null;
type Row = { readonly name: string; readonly title: string; readonly value: Value; readonly money: boolean };

const columnsOf = (currency: string | undefined): readonly Column<Row>[] => [
  {
    key: 'name',
    title: 'Field',
    wide: true,
    value: (row) => row.name,
    cell: (row) => (
      <>
        {row.title} <small className="mono muted">{row.name}</small>
      </>
    ),
  },
  {
    key: 'value',
    title: 'Value',
    align: 'right',
    value: (row) => row.value,
    cell: (row) => (row.value === null ? <span className="muted">missing</span> : shown(row, currency)),
  },
];

function shown({ value, money }: Row, currency: string | undefined): string {
  return money && typeof value === 'number' && currency !== undefined ? formatMoney(value, currency) : String(value);
}

/** The request as the borrower or the channel sent it; titles are today's, names and values the record's. */
export function ApplicationTable({ application }: Pick<DecisionRecordDto, 'application'>) {
  const { data: portfolio } = usePortfolio();
  const fields = new Map(portfolio?.applicationFields.map((field) => [field.name, field]));
  const { attributes = {}, ...members } = application;
  const rows = Object.entries({ ...members, ...attributes }).map(([name, value]): Row => {
    const field = fields.get(name);
    return { name, title: field?.title ?? toWords(name), value: value ?? null, money: field?.type === 'money' };
  });
  return (
    <DataTable
      title="Application as it came"
      columns={columnsOf(portfolio?.currency)}
      rows={rows}
      rowKey={(row) => row.name}
      maxHeight={420}
    />
  );
}
