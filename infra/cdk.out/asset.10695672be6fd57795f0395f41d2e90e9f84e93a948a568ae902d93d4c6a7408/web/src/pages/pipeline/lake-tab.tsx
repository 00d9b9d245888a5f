import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { DataQuality } from '../../contract.ts';
import { formatBytes, formatCount, formatDate, formatPercent, NOTHING, toWords } from '../../format/index.ts';
import { Bar, Panel } from '../../layout/index.ts';
import { useDataQuality } from '../../queries/data-quality.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import classes from './runs-tab.module.css';

type Table = DataQuality['tables'][number];

const TABLE_COLUMNS: readonly Column<Table>[] = [
  { key: 'table', title: 'Table', value: (row) => row.table, cell: (row) => <span className="mono">{row.table}</span> },
  { key: 'layer', title: 'Zone', value: (row) => toWords(row.layer) },
  { key: 'description', title: 'What it holds', wide: true, value: (row) => row.description, sortable: false },
  { key: 'rows', title: 'Rows', align: 'right', value: (row) => row.rows, cell: (row) => formatCount(row.rows) },
  { key: 'columns', title: 'Columns', align: 'right', value: (row) => row.columns.length },
  {
    key: 'partitions',
    title: 'Partitions',
    align: 'right',
    value: (row) => row.partitions,
    cell: (row) => formatCount(row.partitions),
  },
  { key: 'bytes', title: 'Size', align: 'right', value: (row) => row.bytes, cell: (row) => formatBytes(row.bytes) },
  {
    key: 'firstEvent',
    title: 'From',
    value: (row) => row.firstEvent,
    cell: (row) => <span className="nowrap">{formatDate(row.firstEvent)}</span>,
  },
  {
    key: 'lastEvent',
    title: 'To',
    value: (row) => row.lastEvent,
    cell: (row) => <span className="nowrap">{formatDate(row.lastEvent)}</span>,
  },
];

const COLUMN_COLUMNS: readonly Column<Table['columns'][number]>[] = [
  { key: 'name', title: 'Column', value: (row) => row.name, cell: (row) => <span className="mono">{row.name}</span> },
  { key: 'type', title: 'Type', value: (row) => row.type },
  {
    key: 'dataClass',
    title: 'Data class',
    value: (row) => (row.dataClass === null ? null : toWords(row.dataClass)),
    cell: (row) => (row.dataClass === null ? NOTHING : toWords(row.dataClass)),
  },
  {
    key: 'missing',
    title: 'Missing',
    align: 'right',
    value: (row) => row.missingShare,
    cell: (row) => <Bar share={row.missingShare} text={formatPercent(row.missingShare, 1)} />,
  },
];

export function LakeTab() {
  const quality = useDataQuality();
  return (
    <Loaded
      query={quality}
      subject="the lake"
      empty={(data) => (data.tables.length === 0 ? <EmptyState title="The lake is empty" /> : null)}
    >
      {(data) => <Tables tables={data.tables} />}
    </Loaded>
  );
}

function Tables({ tables }: { readonly tables: readonly Table[] }) {
  const search = useSearch({ from: '/app/pipeline' });
  const navigate = useNavigate({ from: '/pipeline' });
  const chosen = tables.find(({ table }) => table === search.table) ?? tables[0];
  return (
    <div className={classes['stack']}>
      <Panel>
        <DataTable
          title="Tables of the lake"
          columns={TABLE_COLUMNS}
          rows={tables}
          rowKey={(row) => `${row.layer}/${row.table}`}
        />
      </Panel>
      {chosen === undefined ? null : (
        <Panel>
          <Select
            size="xs"
            label="Table"
            maw={320}
            mb="sm"
            searchable
            allowDeselect={false}
            data={tables.map(({ table }) => table)}
            value={chosen.table}
            onChange={(next) =>
              void navigate({
                search: (before) => ({ ...before, table: next ?? undefined }),
                replace: true,
                resetScroll: false,
              })
            }
          />
          <DataTable
            title={`Columns of ${chosen.table}`}
            columns={COLUMN_COLUMNS}
            rows={chosen.columns}
            rowKey={(row) => row.name}
            maxHeight={480}
          />
        </Panel>
      )}
    </div>
  );
}
