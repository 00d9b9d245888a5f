import { useMemo } from 'react';
import type { StrategyGroups } from '../../contract.ts';
import { formatCategory, formatCount, formatDecimal, formatPercent } from '../../format/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { FOUR_FIFTHS, type ImpactRow, impactRows } from './impact.ts';
import type { Recomputed } from './recompute.ts';

const TOO_FEW = <span className="muted">too few</span>;

const COLUMNS: readonly Column<ImpactRow>[] = [
  { key: 'attribute', title: 'Attribute', value: (row) => row.attribute },
  { key: 'group', title: 'Group', value: (row) => row.group, cell: (row) => formatCategory(row.group) },
  {
    key: 'applicants',
    title: 'Applicants',
    align: 'right',
    value: (row) => row.applicants,
    cell: (row) => formatCount(row.applicants),
  },
  {
    key: 'approved',
    title: 'Approved',
    align: 'right',
    value: (row) => row.approvedShare,
    cell: (row) => (row.tooFew ? TOO_FEW : formatPercent(row.approvedShare, 1)),
  },
  {
    key: 'ratio',
    title: 'AIR',
    align: 'right',
    value: (row) => row.ratio?.value ?? null,
    cell: ratioCell,
    hint: `Adverse impact ratio: approval rate over that of the group with the highest. Below ${FOUR_FIFTHS} calls for an explanation (four-fifths rule).`,
  },
  {
    key: 'interval',
    title: '95 % interval',
    align: 'right',
    sortable: false,
    value: (row) => (row.ratio === null ? null : `${row.ratio.lower} to ${row.ratio.upper}`),
    cell: (row) =>
      row.ratio === null ? '–' : `${formatDecimal(row.ratio.lower, 2)} to ${formatDecimal(row.ratio.upper, 2)}`,
  },
];

function ratioCell(row: ImpactRow) {
  if (row.tooFew) return TOO_FEW;
  if (row.isReference) return <span className="muted">reference</span>;
  if (row.ratio === null) return '–';
  const text = formatDecimal(row.ratio.value, 2);
  return row.ratio.value < FOUR_FIFTHS ? <strong>{text} · below 0.80</strong> : text;
}

type Props = {
  readonly found: Recomputed;
  readonly groups: StrategyGroups | undefined;
  readonly mayGroups: boolean;
};

export function ImpactTable({ found, groups, mayGroups }: Props) {
  const rows = useMemo(
    () => (groups === undefined ? [] : impactRows(found, groups.attributes, groups.minimumGroup)),
    [found, groups],
  );
  return (
    <DataTable
      title="Adverse impact by protected group"
      subtitle="Approved without a person, under this strategy"
      columns={COLUMNS}
      rows={rows}
      rowKey={(row) => `${row.attribute}/${row.group}`}
      maxHeight={360}
      nothing={
        mayGroups
          ? 'This book holds no protected attributes.'
          : 'Your role does not see protected attributes; compliance and validators do.'
      }
    />
  );
}
