import type { DeadLetterDto, DecisionList, RecentEvents, StreamStatusDto } from '../../contract.ts';
import {
  formatCategory,
  formatCount,
  formatDecimal,
  formatDuration,
  formatPercent,
  formatTime,
  NOTHING,
  OUTCOME_LABELS,
} from '../../format/index.ts';
import { LinkAnchor, OutcomeBadge } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';

type Consumer = StreamStatusDto['consumers'][number];
type Event = RecentEvents['rows'][number];
type Decision = DecisionList['rows'][number];

/** Behind by so long; nothing behind is "up to date". */
export function lagText(millis: number | null): string {
  if (millis === null) return NOTHING;
  return millis === 0 ? 'up to date' : formatDuration(millis);
}

/** "14:05:09" of today, else the whole time. */
const clockText = (iso: string): string => iso.slice(11, 19);

export const CONSUMER_COLUMNS: readonly Column<Consumer>[] = [
  { key: 'consumer', title: 'Consumer', value: (row) => row.consumer },
  { key: 'shard', title: 'Shard', value: (row) => row.shardId.replace('shardId-', '') },
  {
    key: 'lag',
    title: 'Behind',
    align: 'right',
    value: (row) => row.millisBehind,
    cell: (row) => (row.ended ? 'ended' : lagText(row.millisBehind)),
  },
  {
    key: 'rate',
    title: 'a second',
    align: 'right',
    value: (row) => row.recordsPerSecond,
    cell: (row) => formatDecimal(row.recordsPerSecond, 1),
  },
  {
    key: 'records',
    title: 'Taken',
    align: 'right',
    value: (row) => row.records,
    cell: (row) => formatCount(row.records),
  },
  {
    key: 'rejected',
    title: 'Refused',
    align: 'right',
    value: (row) => row.rejected,
    cell: (row) => formatCount(row.rejected),
  },
  {
    key: 'state',
    title: 'State',
    value: (row) => row.lastError ?? (row.isLeased ? 'reading' : 'nobody reads'),
    cell: (row) => {
      if (row.ended) return 'ended';
      return row.isLeased ? 'reading' : <strong>nobody reads</strong>;
    },
    hint: 'A shard that nobody reads falls behind: start the server, or assay worker.',
  },
];

export const EVENT_COLUMNS: readonly Column<Event>[] = [
  {
    key: 'applied',
    title: 'Applied',
    value: (row) => row.appliedAt,
    cell: (row) => (
      <time dateTime={row.appliedAt} title={formatTime(row.appliedAt)} className="nowrap">
        {clockText(row.appliedAt)}
      </time>
    ),
  },
  { key: 'table', title: 'Fact', value: (row) => row.table, cell: (row) => formatCategory(row.table) },
  { key: 'borrower', title: 'Borrower', value: (row) => row.borrowerId ?? NOTHING },
  {
    key: 'known',
    title: 'Known',
    value: (row) => row.knownAt,
    cell: (row) => <span className="nowrap">{formatTime(row.knownAt)}</span>,
  },
  {
    key: 'content',
    title: 'Values',
    wide: true,
    sortable: false,
    value: (row) => row.content,
    cell: (row) => <span className="mono">{row.content.slice(0, 160)}</span>,
  },
];

export const DECISION_COLUMNS: readonly Column<Decision>[] = [
  {
    key: 'at',
    title: 'Decided',
    value: (row) => row.decidedAt,
    cell: (row) => (
      <LinkAnchor to="/decisions/$decisionId" params={{ decisionId: row.decisionId }} size="sm" className="nowrap">
        {formatTime(row.decidedAt)}
      </LinkAnchor>
    ),
  },
  { key: 'borrower', title: 'Borrower', value: (row) => row.borrowerId },
  {
    key: 'outcome',
    title: 'Outcome',
    value: (row) => OUTCOME_LABELS[row.outcome],
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  { key: 'grade', title: 'Grade', value: (row) => row.grade },
  { key: 'pd', title: 'PD', align: 'right', value: (row) => row.pd, cell: (row) => formatPercent(row.pd) },
];

export const LETTER_COLUMNS: readonly Column<DeadLetterDto>[] = [
  {
    key: 'last',
    title: 'Last seen',
    value: (row) => row.lastAt,
    cell: (row) => <span className="nowrap">{formatTime(row.lastAt)}</span>,
  },
  { key: 'source', title: 'Source', value: (row) => row.source },
  { key: 'field', title: 'Field', value: (row) => row.field },
  { key: 'reason', title: 'Reason', wide: true, value: (row) => row.reason },
  { key: 'times', title: 'Times', align: 'right', value: (row) => row.times, cell: (row) => formatCount(row.times) },
  { key: 'status', title: 'Status', value: (row) => row.status },
  {
    key: 'original',
    title: 'As it came',
    wide: true,
    sortable: false,
    value: (row) => row.original,
    cell: (row) => <span className="mono">{row.original.slice(0, 200)}</span>,
  },
];
