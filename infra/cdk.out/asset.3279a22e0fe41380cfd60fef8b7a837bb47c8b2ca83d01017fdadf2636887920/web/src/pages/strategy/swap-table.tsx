import { useMemo } from 'react';
import { formatCount, formatPercent, OUTCOME_LABELS } from '../../format/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { type SwapRow, swapRows } from './outcome.ts';
import type { Recomputed } from './recompute.ts';

const count = (key: 'approved' | 'referred' | 'declined', title: string): Column<SwapRow> => ({
  key,
  title,
  align: 'right',
  value: (row) => row[key],
  cell: (row) => formatCount(row[key]),
});

const COLUMNS: readonly Column<SwapRow>[] = [
  {
    key: 'today',
    title: 'Today',
    value: (row) => OUTCOME_LABELS[row.today],
    hint: 'What the credit policy in use says.',
  },
  count('approved', 'Strategy approves'),
  count('referred', 'refers'),
  count('declined', 'declines'),
  {
    key: 'badRate',
    title: 'Bad rate of those approved',
    align: 'right',
    value: (row) => row.approvedBadRate?.value ?? null,
    cell: (row) =>
      row.approvedBadRate === null ? (
        <span className="muted">too few</span>
      ) : (
        `${formatPercent(row.approvedBadRate.value)} (${formatPercent(row.approvedBadRate.lower, 1)} to ${formatPercent(row.approvedBadRate.upper, 1)})`
      ),
  },
];

/** Who would be decided otherwise than by the credit policy in use. */
export function SwapTable({ found }: { readonly found: Recomputed }) {
  const rows = useMemo(() => swapRows(found), [found]);
  return <DataTable title="Swap set" columns={COLUMNS} rows={rows} rowKey={(row) => row.today} />;
}
