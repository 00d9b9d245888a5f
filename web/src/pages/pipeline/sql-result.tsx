import { useMemo } from 'react';
import { SQL_LIMITS, type SqlResultDto } from '../../contract.ts';
import { formatCount, formatDecimal, NOTHING } from '../../format/index.ts';
import { call } from '../../http/call.ts';
import { Panel } from '../../layout/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';

type Row = { readonly place: number; readonly cells: SqlResultDto['rows'][number] };

const CUTS = { rows: 'more rows were left out', bytes: 'more rows were left out: the answer is too large' } as const;

export function SqlResult({ sql, result }: { readonly sql: string; readonly result: SqlResultDto }) {
  const columns = useMemo(() => result.columns.map(columnOf), [result.columns]);
  const rows = useMemo(() => rowsOf(result), [result]);
  const seconds = `${formatDecimal(result.elapsedMs / 1000, 2)} s`;
  const counted = `${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'} in ${seconds}`;
  const all =
    result.cut === 'rows'
      ? async () => rowsOf(await call('runSql', { body: { sql, maxRows: SQL_LIMITS.rows } }))
      : undefined;
  return (
    <Panel
      {...(all && { note: `The CSV has up to ${formatCount(SQL_LIMITS.rows)} rows: the query runs once more for it.` })}
    >
      <DataTable
        title="Result"
        subtitle={result.cut === null ? counted : `${counted}; ${CUTS[result.cut]}`}
        columns={columns}
        rows={rows}
        rowKey={(row) => String(row.place)}
        nothing="No row matches."
        maxHeight={560}
        {...(all && { allRows: all })}
      />
    </Panel>
  );
}

const rowsOf = (result: SqlResultDto): Row[] => result.rows.map((cells, place) => ({ place, cells }));

const NUMERIC = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

function columnOf({ name, type }: SqlResultDto['columns'][number], index: number): Column<Row> {
  return {
    key: String(index),
    title: name,
    hint: type,
    ...(NUMERIC.test(type) && { align: 'right' as const }),
    value: (row) => row.cells[index],
    cell: (row) => cellText(row.cells[index]),
  };
}

/** Values as they are, for they may be read off: no grouping, no rounding. */
function cellText(value: Row['cells'][number] | undefined) {
  if (value === null || value === undefined) return <span className="muted">{NOTHING}</span>;
  return <span className="mono">{String(value)}</span>;
}
