import type { ReviewDto, ReviewersDto, ReviewStatusDto } from '../../contract.ts';
import {
  formatDuration,
  formatMoneyWhole,
  formatPercent,
  formatTime,
  OUTCOME_LABELS,
  toWords,
} from '../../format/index.ts';
import { LinkAnchor, OutcomeBadge } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';

export const STATUS_LABELS: Readonly<Record<ReviewStatusDto, string>> = {
  open: 'Open',
  claimed: 'Taken',
  second: 'Waits for a second person',
  decided: 'Decided',
};

export const caseColumns = (currency: string): readonly Column<ReviewDto>[] => [
  {
    key: 'applicationId',
    title: 'Application',
    sortable: false,
    value: (row) => row.applicationId,
    cell: (row) => (
      <LinkAnchor to="/reviews/$caseId" params={{ caseId: row.caseId }} size="sm" className="nowrap">
        {row.applicationId}
      </LinkAnchor>
    ),
  },
  {
    key: 'priorityMinor',
    title: 'At stake',
    align: 'right',
    sortable: false,
    hint: 'What perfect knowledge of this loan would be worth: the smaller of pd × loss and (1 − pd) × interest. The queue is ordered by it.',
    value: (row) => row.priorityMinor,
    cell: (row) => formatMoneyWhole(row.priorityMinor, currency),
  },
  {
    key: 'amountMinor',
    title: 'Amount',
    align: 'right',
    sortable: false,
    value: (row) => row.amountMinor,
    cell: (row) => formatMoneyWhole(row.amountMinor, currency),
  },
  { key: 'origin', title: 'Why here', sortable: false, value: (row) => toWords(row.origin) },
  {
    key: 'lean',
    title: 'The policy leans to',
    sortable: false,
    hint: 'What the policy says when referral rules and missing data are left out. Another answer is an override.',
    value: (row) => OUTCOME_LABELS[row.lean],
    cell: (row) => <OutcomeBadge outcome={row.lean} />,
  },
  { key: 'status', title: 'Status', sortable: false, value: (row) => STATUS_LABELS[row.status] },
  { key: 'who', title: 'With', sortable: false, value: (row) => row.claimedBy ?? row.firstBy ?? '' },
  {
    key: 'openedAt',
    title: 'Opened',
    sortable: false,
    value: (row) => row.openedAt,
    cell: (row) => <span className="nowrap">{formatTime(row.openedAt)}</span>,
  },
  {
    key: 'outcome',
    title: 'Answer',
    sortable: false,
    value: (row) => (row.outcome === null ? '' : OUTCOME_LABELS[row.outcome]),
    cell: (row) => (row.outcome === null ? null : <OutcomeBadge outcome={row.outcome} />),
  },
];

type Lent = ReviewersDto['lent'][number];
const LENT_BY = { reviewer: 'Person', code: 'Code', override: 'Override' } as const;
const OVERRIDES: Readonly<Record<string, string>> = {
  none: 'As the policy leans',
  high: 'Lent against the policy',
  low: 'Less than the policy offers',
};

export const lentColumns: readonly Column<Lent>[] = [
  { key: 'by', title: 'By', value: (row) => LENT_BY[row.by] },
  {
    key: 'name',
    title: 'Who or what',
    value: (row) => (row.by === 'reviewer' ? row.name : (OVERRIDES[row.name] ?? toWords(row.name.toLowerCase()))),
  },
  { key: 'lent', title: 'Loans given', align: 'right', value: (row) => row.lent },
  {
    key: 'known',
    title: 'Outcome known',
    align: 'right',
    hint: 'Loans whose outcome window is over.',
    value: (row) => row.known,
  },
  { key: 'defaulted', title: 'Defaulted', align: 'right', value: (row) => row.defaulted },
  {
    key: 'badRate',
    title: 'Default rate',
    align: 'right',
    hint: 'Of the known, with its 95 % interval.',
    value: (row) => row.badRate?.value ?? null,
    cell: (row) =>
      row.badRate === null ? (
        <span className="muted">not known yet</span>
      ) : (
        `${formatPercent(row.badRate.value)} (${formatPercent(row.badRate.lower)} to ${formatPercent(row.badRate.upper)})`
      ),
  },
  {
    key: 'meanPd',
    title: 'Expected by the model',
    align: 'right',
    value: (row) => row.meanPd,
    cell: (row) => (row.meanPd === null ? '' : formatPercent(row.meanPd)),
  },
];

type Reviewer = ReviewersDto['reviewers'][number];
const ALARMS = { too_quick: 'Half or more in under 30 seconds', always_the_same: 'Always the same outcome' } as const;

export const reviewerColumns: readonly Column<Reviewer>[] = [
  { key: 'reviewer', title: 'Person', value: (row) => row.reviewer },
  { key: 'answers', title: 'Answers', align: 'right', value: (row) => row.answers },
  {
    key: 'medianDwellMs',
    title: 'Median time on a case',
    align: 'right',
    value: (row) => row.medianDwellMs,
    cell: (row) => formatDuration(row.medianDwellMs),
  },
  {
    key: 'quickShare',
    title: 'Under 30 seconds',
    align: 'right',
    value: (row) => row.quickShare,
    cell: (row) => formatPercent(row.quickShare, 0),
  },
  { key: 'approved', title: 'Approved', align: 'right', value: (row) => row.outcomes.approved },
  { key: 'declined', title: 'Declined', align: 'right', value: (row) => row.outcomes.declined },
  { key: 'counter', title: 'Counter-offers', align: 'right', value: (row) => row.outcomes.counter_offer },
  {
    key: 'alarms',
    title: 'Alarm',
    wide: true,
    value: (row) => row.alarms.map((alarm) => ALARMS[alarm]).join('; '),
    cell: (row) =>
      row.alarms.length === 0 ? (
        <span className="muted">none</span>
      ) : (
        <strong style={{ color: 'var(--as-declined)' }}>{row.alarms.map((alarm) => ALARMS[alarm]).join('; ')}</strong>
      ),
  },
];
