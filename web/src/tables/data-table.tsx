import { ActionIcon, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDownload } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { toCsv } from '../export/csv.ts';
import { download, fileNameOf } from '../export/download.ts';
import { type Column, nextSort, type Sort, sortRows } from './column.ts';
import classes from './data-table.module.css';

type Props<Row> = {
  readonly title: string;
  readonly subtitle?: ReactNode;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Set when the server sorts: the state is the page's. */
  readonly sort?: Sort | null;
  readonly onSort?: (sort: Sort | null) => void;
  /** Rows of the CSV when they are more than those on screen. */
  readonly allRows?: () => Promise<readonly Row[]>;
  readonly fading?: boolean;
  readonly rowClass?: (row: Row) => string | undefined;
  readonly nothing?: string;
  readonly maxHeight?: number;
};

/** A titled table: sorts by its headers, scrolls within itself, exports CSV. */
export function DataTable<Row>(props: Props<Row>) {
  const { title, columns, rows, rowKey, rowClass, nothing = 'Nothing to show.' } = props;
  const [ownSort, setOwnSort] = useState<Sort | null>(null);
  const sort = props.onSort === undefined ? ownSort : (props.sort ?? null);
  const sorted = useMemo(
    () => (props.onSort === undefined ? sortRows(rows, columns, ownSort) : rows),
    [rows, columns, ownSort, props.onSort],
  );
  return (
    <section className={classes['section']} aria-label={title}>
      <TableHead {...props} />
      <section
        className={classes['scroll']}
        aria-label={`${title}, scrollable`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        style={{ maxHeight: props.maxHeight }}
      >
        <table className={classes['table']} data-fading={props.fading || undefined}>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.key} column={column} sort={sort} onSort={props.onSort ?? setOwnSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={rowKey(row)} className={rowClass?.(row)}>
                {columns.map((column) => (
                  <td key={column.key} data-align={column.align} data-wide={column.wide || undefined}>
                    {column.cell === undefined ? column.value(row) : column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length === 0 ? <p className={classes['nothing']}>{nothing}</p> : null}
      </section>
    </section>
  );
}

function TableHead<Row>({ title, subtitle, columns, rows, allRows }: Props<Row>) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      download(`${fileNameOf(title)}.csv`, toCsv(columns, allRows === undefined ? rows : await allRows()), 'text/csv');
    } finally {
      setBusy(false);
    }
  };
  return (
    <header className={classes['header']}>
      <div>
        <h2 className={classes['title']}>{title}</h2>
        {subtitle === undefined ? null : <p className={classes['subtitle']}>{subtitle}</p>}
      </div>
      <Tooltip label="Export as CSV">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Export ${title} as CSV`}
          loading={busy}
          disabled={rows.length === 0}
          onClick={() => void save()}
        >
          <IconDownload size={15} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}

type HeaderProps<Row> = {
  readonly column: Column<Row>;
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort | null) => void;
};

function HeaderCell<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const active = sort?.key === column.key ? sort.direction : undefined;
  const label = (
    <span className={classes['label']} data-hinted={column.hint !== undefined || undefined}>
      {column.title}
      {column.unit === undefined ? null : <span className={classes['unit']}> {column.unit}</span>}
    </span>
  );
  const content =
    column.sortable === false ? (
      label
    ) : (
      <button type="button" className={classes['sort']} onClick={() => onSort(nextSort(sort, column.key))}>
        {label}
        {active === 'asc' ? <IconArrowUp size={12} /> : null}
        {active === 'desc' ? <IconArrowDown size={12} /> : null}
      </button>
    );
  return (
    <th
      scope="col"
      data-align={column.align}
      aria-sort={active === undefined ? undefined : active === 'asc' ? 'ascending' : 'descending'}
    >
      {column.hint === undefined ? (
        content
      ) : (
        <Tooltip label={column.hint} multiline w={280} withArrow events={{ hover: true, focus: true, touch: true }}>
          <span tabIndex={column.sortable === false ? 0 : undefined}>{content}</span>
        </Tooltip>
      )}
    </th>
  );
}
