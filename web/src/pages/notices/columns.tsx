import { Anchor, Badge } from '@mantine/core';
import { API_PREFIX, type NoticeChannelDto, type NoticeDutyDto } from '../../contract.ts';
import { formatTime, toWords } from '../../format/index.ts';
import { LinkAnchor } from '../../layout/index.ts';
import type { Column } from '../../tables/index.ts';

export const CHANNEL_LABELS: Readonly<Record<NoticeChannelDto, string>> = {
  post: 'By post',
  email: 'By e-mail',
  portal: 'In the portal',
  in_person: 'In person',
};

const URGENCY = {
  overdue: { label: 'Overdue', color: 'red' },
  urgent: { label: 'Soon', color: 'yellow' },
  in_time: null,
} as const;

export const dutyColumns: readonly Column<NoticeDutyDto>[] = [
  {
    key: 'applicationId',
    title: 'Application',
    sortable: false,
    value: (row) => row.applicationId,
    cell: (row) => (
      <LinkAnchor to="/decisions/$decisionId" params={{ decisionId: row.decisionId }} size="sm" className="nowrap">
        {row.applicationId}
      </LinkAnchor>
    ),
  },
  { key: 'kind', title: 'Notice', sortable: false, value: (row) => toWords(row.kind) },
  {
    key: 'about',
    title: 'Decided by',
    sortable: false,
    value: (row) => (row.about === 'review' ? 'A person' : 'The policy'),
  },
  {
    key: 'dueOn',
    title: 'Due',
    sortable: false,
    hint: 'The last day on which the notice may go out, by the rule beside it. Empty: no rule of that place sets a day.',
    value: (row) => row.dueOn,
    cell: (row) => <Due duty={row} />,
  },
  { key: 'rule', title: 'Rule', sortable: false, value: (row) => row.rule, cell: (row) => <code>{row.rule}</code> },
  { key: 'jurisdiction', title: 'Place', sortable: false, value: (row) => row.jurisdiction },
  {
    key: 'state',
    title: 'State',
    sortable: false,
    value: (row) => stateText(row),
    cell: (row) => <State duty={row} />,
  },
];

function Due({ duty }: { readonly duty: NoticeDutyDto }) {
  const badge = URGENCY[duty.urgency];
  return (
    <span className="nowrap">
      {duty.dueOn ?? '–'}{' '}
      {badge === null ? null : (
        <Badge size="sm" variant="light" color={badge.color}>
          {badge.label}
        </Badge>
      )}
    </span>
  );
}

function stateText({ state, channel, issuedAt, issuedBy }: NoticeDutyDto): string {
  if (state === 'waits') return 'Waits for a person';
  if (state === 'due' || channel === null) return 'To be issued';
  return `${CHANNEL_LABELS[channel]}, ${formatTime(issuedAt)}, ${issuedBy}`;
}

function State({ duty }: { readonly duty: NoticeDutyDto }) {
  const { decisionId, about, state, caseId } = duty;
  if (state === 'waits' && caseId !== null) {
    return (
      <LinkAnchor to="/reviews/$caseId" params={{ caseId }} size="sm">
        {stateText(duty)}
      </LinkAnchor>
    );
  }
  if (state !== 'issued') return stateText(duty);
  const href = `${API_PREFIX}/notices/${encodeURIComponent(decisionId)}/${about}/document`;
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" size="sm">
      {stateText(duty)}
    </Anchor>
  );
}
