import type { Vintages } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';
import type { Column } from '../../tables/index.ts';
import classes from './vintages.module.css';

type MatrixRow = Vintages['matrix'][number];

const STATE_LABELS: Readonly<Record<string, string>> = {
  current: 'Current',
  charged_off: 'Charged off',
  paid: 'Repaid',
};
const labelOf = (state: string): string => STATE_LABELS[state] ?? state;

export function matrixColumns({ states }: Vintages): readonly Column<MatrixRow>[] {
  return [
    { key: 'from', title: 'From', value: (row) => labelOf(row.from), sortable: false },
    {
      key: 'loans',
      title: 'Loans',
      align: 'right',
      sortable: false,
      value: (row) => row.loans,
      cell: (row) => formatCount(row.loans),
    },
    ...states.map(
      (state, index): Column<MatrixRow> => ({
        key: state,
        title: labelOf(state),
        align: 'right',
        sortable: false,
        value: (row) => row.to[index]?.share ?? null,
        cell: (row) => heat(row.to[index]?.share ?? 0, row.loans),
      }),
    ),
  ];
}

/** Darker with the share; empty rows say nothing. */
function heat(share: number, loans: number) {
  if (loans === 0) return '–';
  const tint = `color-mix(in srgb, var(--as-series-1) ${Math.round(Math.sqrt(share) * 45)}%, transparent)`;
  return (
    <span className={classes['heat']} style={{ background: tint }}>
      {share === 0 ? '' : formatPercent(share, share < 0.1 ? 2 : 1)}
    </span>
  );
}
