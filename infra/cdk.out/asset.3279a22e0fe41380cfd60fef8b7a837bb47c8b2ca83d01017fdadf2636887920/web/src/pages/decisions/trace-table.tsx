import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import type { Applicant } from '../../contract.ts';
import { formatQuantity, OUTCOME_LABELS, toWords } from '../../format/index.ts';
import { OutcomeBadge } from '../../layout/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import classes from './trace-table.module.css';

type Entry = Applicant['trace'][number];

function seen(entry: Entry): string {
  return Object.entries(entry.saw)
    .map(
      ([fact, value]) =>
        `${fact} = ${value === null ? 'missing' : typeof value === 'number' ? formatQuantity(value) : value}`,
    )
    .join(', ');
}

const COLUMNS: readonly Column<Entry>[] = [
  {
    key: 'fired',
    title: 'Fired',
    value: (row) => (row.fired ? 'yes' : 'no'),
    cell: (row) => (
      <span className={classes['fired']} data-fired={row.fired || undefined}>
        {row.fired ? (
          <IconCircleCheckFilled size={15} aria-hidden />
        ) : (
          <IconCircle size={15} stroke={1.2} aria-hidden />
        )}
        {row.fired ? 'Yes' : 'No'}
      </span>
    ),
  },
  { key: 'description', title: 'Rule', wide: true, value: (row) => row.description },
  {
    key: 'rule',
    title: 'Code',
    value: (row) => row.rule,
    cell: (row) => <span className="mono nowrap">{row.rule}</span>,
  },
  {
    key: 'kind',
    title: 'Kind',
    value: (row) => toWords(row.kind),
    cell: (row) => <span className="nowrap">{toWords(row.kind)}</span>,
  },
  {
    key: 'outcome',
    title: 'Leads to',
    value: (row) => OUTCOME_LABELS[row.outcome],
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  { key: 'saw', title: 'Saw', wide: true, value: seen, cell: (row) => <span className="mono">{seen(row)}</span> },
];

/** Each rule of the credit policy, whether it fired, and the facts it read. */
export function TraceTable({ trace }: { readonly trace: readonly Entry[] }) {
  return (
    <DataTable
      title="Credit policy, rule by rule"
      columns={COLUMNS}
      rows={trace}
      rowKey={(row) => row.rule}
      nothing="The credit policy has no rules."
    />
  );
}
