import type { ApplicantRow } from '../../contract.ts';
import {
  formatDate,
  formatDecimal,
  formatMoney,
  formatPercent,
  NOTHING,
  OUTCOME_LABELS,
  toMajor,
} from '../../format/index.ts';
import { LinkAnchor, OutcomeBadge } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';

export function knownOutcome(defaulted: number | null): string {
  if (defaulted === null) return 'Not known';
  return defaulted === 1 ? 'Defaulted' : 'Repaid';
}

export function applicantColumns(currency: string): readonly Column<ApplicantRow>[] {
  return [
    {
      key: 'applicationId',
      title: 'Application',
      value: (row) => row.applicationId,
      cell: (row) => (
        <LinkAnchor
          to="/applicants/$applicationId"
          params={{ applicationId: row.applicationId }}
          size="sm"
          className="nowrap"
        >
          {row.applicationId}
        </LinkAnchor>
      ),
    },
    { key: 'borrowerId', title: 'Borrower', value: (row) => row.borrowerId },
    {
      key: 'appliedAt',
      title: 'Applied',
      value: (row) => row.appliedAt,
      cell: (row) => <span className="nowrap">{formatDate(row.appliedAt)}</span>,
    },
    {
      key: 'amount',
      title: 'Amount',
      unit: currency,
      align: 'right',
      value: (row) => (row.amountMinor === null ? null : toMajor(row.amountMinor, currency)),
      cell: (row) => formatMoney(row.amountMinor, currency).replace(currency, '').trim(),
    },
    {
      key: 'termMonths',
      title: 'Term',
      unit: 'months',
      align: 'right',
      sortable: false,
      value: (row) => row.termMonths,
      cell: (row) => row.termMonths ?? NOTHING,
    },
    ...SCORE_COLUMNS,
  ];
}

const SCORE_COLUMNS: readonly Column<ApplicantRow>[] = [
  {
    key: 'score',
    title: 'Score',
    unit: 'points',
    align: 'right',
    value: (row) => row.score,
    cell: (row) => formatDecimal(row.score, 0),
    hint: 'Points on the portfolio’s scale; more is safer.',
  },
  {
    key: 'grade',
    title: 'Grade',
    sortable: false,
    value: (row) => row.grade,
    hint: 'Place on the master scale, best first.',
  },
  {
    key: 'pd',
    title: 'PD',
    align: 'right',
    value: (row) => row.pd,
    cell: (row) => formatPercent(row.pd),
    hint: 'Calibrated probability of default in the outcome window.',
  },
  {
    key: 'outcome',
    title: 'Policy outcome',
    sortable: false,
    value: (row) => OUTCOME_LABELS[row.outcome],
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  {
    key: 'topReason',
    title: 'First reason',
    wide: true,
    sortable: false,
    value: (row) => row.topReason,
    cell: (row) => row.topReason ?? NOTHING,
  },
  {
    key: 'defaulted',
    title: 'What happened',
    sortable: false,
    value: (row) => knownOutcome(row.defaulted),
    cell: (row) => (
      <span className={row.defaulted === null ? 'muted nowrap' : 'nowrap'}>{knownOutcome(row.defaulted)}</span>
    ),
  },
];
