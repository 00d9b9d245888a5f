import type { DecisionList } from '../../contract.ts';
import { formatDecimal, formatPercent, formatTime, OUTCOME_LABELS } from '../../format/index.ts';
import { LinkAnchor, OutcomeBadge } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';

type Row = DecisionList['rows'][number];

export const decisionColumns: readonly Column<Row>[] = [
  {
    key: 'decisionId',
    title: 'Decision',
    sortable: false,
    value: (row) => row.decisionId,
    cell: (row) => (
      <LinkAnchor to="/decisions/$decisionId" params={{ decisionId: row.decisionId }} size="sm" className="nowrap">
        {row.decisionId}
      </LinkAnchor>
    ),
  },
  {
    key: 'decidedAt',
    title: 'Decided',
    sortable: false,
    value: (row) => row.decidedAt,
    cell: (row) => <span className="nowrap">{formatTime(row.decidedAt)}</span>,
  },
  { key: 'applicationId', title: 'Application', sortable: false, value: (row) => row.applicationId },
  { key: 'borrowerId', title: 'Borrower', sortable: false, value: (row) => row.borrowerId },
  {
    key: 'outcome',
    title: 'Outcome',
    sortable: false,
    value: (row) => OUTCOME_LABELS[row.outcome],
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  {
    key: 'score',
    title: 'Score',
    unit: 'points',
    align: 'right',
    sortable: false,
    value: (row) => row.score,
    cell: (row) => formatDecimal(row.score, 0),
  },
  { key: 'grade', title: 'Grade', sortable: false, value: (row) => row.grade },
  {
    key: 'pd',
    title: 'PD',
    align: 'right',
    sortable: false,
    value: (row) => row.pd,
    cell: (row) => formatPercent(row.pd),
  },
  { key: 'modelVersion', title: 'Model version', sortable: false, value: (row) => row.modelVersion },
  { key: 'actor', title: 'Decided by', sortable: false, value: (row) => row.actor },
];
