import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { DataQuality, Rejects } from '../../contract.ts';
import { formatCount, NOTHING } from '../../format/index.ts';
import { Panel } from '../../layout/index.ts';
import { useDataQuality } from '../../queries/data-quality.ts';
import { useRejects } from '../../queries/rejects.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { type Column, DataTable, Pager } from '../../tables/index.ts';
import classes from './runs-tab.module.css';

const PAGE_SIZE = 25;

type Funnel = DataQuality['funnel'][number];
const COUNTS = [
  ['read', 'Read', 'Records of the source.'],
  ['excluded', 'Excluded', 'Left out by a stated rule of the portfolio.'],
  ['rejected', 'Rejected', 'Refused, with a reason; kept among the rejects.'],
  ['duplicates', 'Duplicates', 'The same record again.'],
  ['erased', 'Erased', 'Rows of persons who were erased: they go no further than the raw zone.'],
  ['notApplicable', 'Not applicable', 'Records that by design give no row for this table.'],
  ['written', 'Written', 'Rows in the processed zone.'],
] as const satisfies readonly (readonly [keyof Funnel, string, string])[];

const FUNNEL_COLUMNS: readonly Column<Funnel>[] = [
  { key: 'source', title: 'Source', value: (row) => row.source },
  { key: 'table', title: 'Table', value: (row) => row.table },
  ...COUNTS.map(
    ([key, title, hint]): Column<Funnel> => ({
      key,
      title,
      hint,
      align: 'right',
      value: (row) => row[key],
      cell: (row) => formatCount(row[key]),
    }),
  ),
];

const REASON_COLUMNS: readonly Column<DataQuality['rejectReasons'][number]>[] = [
  { key: 'source', title: 'Source', value: (row) => row.source },
  { key: 'reason', title: 'Reason', value: (row) => row.reason },
  { key: 'rows', title: 'Rows', align: 'right', value: (row) => row.rows, cell: (row) => formatCount(row.rows) },
];

const REJECT_COLUMNS: readonly Column<Rejects['rows'][number]>[] = [
  { key: 'source', title: 'Source', value: (row) => row.source, sortable: false },
  { key: 'file', title: 'File', value: (row) => row.file, sortable: false },
  {
    key: 'line',
    title: 'Line',
    align: 'right',
    value: (row) => row.line,
    cell: (row) => (row.line === null ? NOTHING : formatCount(row.line)),
    sortable: false,
  },
  { key: 'field', title: 'Field', value: (row) => row.field, sortable: false },
  { key: 'reason', title: 'Reason', value: (row) => row.reason, sortable: false },
  {
    key: 'raw',
    title: 'Record as it came',
    wide: true,
    value: (row) => row.raw,
    cell: (row) => <span className="mono">{row.raw}</span>,
    sortable: false,
  },
];

/** Every row that came in is accounted for: written, or why not. */
export function QualityTab() {
  const quality = useDataQuality();
  // The records themselves hold what a borrower sent: not for every role.
  const mayReadRejects = useMay('listRejects');
  return (
    <Loaded query={quality} subject="the data quality" empty={(data) => (data.state === 'empty' ? <NoData /> : null)}>
      {(data) => (
        <div className={classes['stack']}>
          <Panel note="Read = excluded + rejected + duplicates + erased + not applicable + written, in every line.">
            <DataTable
              title="Rows in, rows out"
              columns={FUNNEL_COLUMNS}
              rows={data.funnel}
              rowKey={(row) => `${row.source}/${row.table}`}
            />
          </Panel>
          <Panel>
            <DataTable
              title="Reasons of the rejects"
              columns={REASON_COLUMNS}
              rows={data.rejectReasons}
              rowKey={(row) => `${row.source}/${row.reason}`}
              nothing="No row was rejected."
              maxHeight={300}
            />
          </Panel>
          {mayReadRejects ? <RejectsPanel reasons={data.rejectReasons} /> : null}
        </div>
      )}
    </Loaded>
  );
}

function NoData() {
  return (
    <EmptyState title="No data has come in yet">
      Once the pipeline has read the sources, every row is accounted for here.
    </EmptyState>
  );
}

function RejectsPanel({ reasons }: { readonly reasons: DataQuality['rejectReasons'] }) {
  const search = useSearch({ from: '/app/pipeline' });
  const navigate = useNavigate({ from: '/pipeline' });
  const { page = 1, source, reason } = search;
  const rejects = useRejects({ page, pageSize: PAGE_SIZE, source, reason });
  const change = (next: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, page: undefined, ...next }), replace: true, resetScroll: false });
  if (reasons.length === 0) return null;
  return (
    <Panel>
      <div className={classes['actions']}>
        <Select
          size="xs"
          label="Source"
          placeholder="All"
          clearable
          data={[...new Set(reasons.map((row) => row.source))]}
          value={source ?? null}
          onChange={(next) => change({ source: next ?? undefined })}
        />
        <Select
          size="xs"
          label="Reason"
          placeholder="All"
          clearable
          w={320}
          data={[...new Set(reasons.map((row) => row.reason))]}
          value={reason ?? null}
          onChange={(next) => change({ reason: next ?? undefined })}
        />
      </div>
      <Loaded query={rejects} subject="the rejects">
        {(data) => (
          <>
            <DataTable
              title="Rejected records"
              columns={REJECT_COLUMNS}
              rows={data.rows}
              rowKey={(row) => `${row.file}/${row.line}/${row.field}/${row.reason}/${row.raw}`}
              fading={rejects.isPlaceholderData}
              nothing="No rejected record matches."
            />
            <Pager
              page={page}
              pageSize={PAGE_SIZE}
              total={data.total}
              onChange={(next) => change({ page: next.page })}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}
