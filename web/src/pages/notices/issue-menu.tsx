import { Button, Menu } from '@mantine/core';
import { type NoticeDutyDto, noticeChannelSchema } from '../../contract.ts';
import type { useIssueNotice } from '../../queries/issue-notice.ts';
import type { Column } from '../../tables/index.ts';
import { CHANNEL_LABELS } from './columns.tsx';

type Issue = ReturnType<typeof useIssueNotice>;

/** How the notice goes out: choosing it keeps the exact document. */
export function issueColumn(issue: Issue): Column<NoticeDutyDto> {
  return {
    key: 'issue',
    title: '',
    sortable: false,
    value: () => '',
    cell: (row) => (row.state === 'due' ? <IssueMenu duty={row} issue={issue} /> : null),
  };
}

function IssueMenu({ duty: { decisionId, about, applicationId }, issue }: { duty: NoticeDutyDto; issue: Issue }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button
          size="compact-xs"
          variant="default"
          disabled={issue.isPending}
          aria-label={`Issue the notice of ${applicationId}`}
        >
          Issue
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>The document is kept as it is now</Menu.Label>
        {noticeChannelSchema.options.map((channel) => (
          <Menu.Item key={channel} onClick={() => issue.mutate({ decisionId, about, channel })}>
            {CHANNEL_LABELS[channel]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
