import { Alert, ScrollArea, SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { dutyFilterSchema, type NoticeDutiesDto } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Page, Panel, Tile, Tiles } from '../../layout/index.ts';
import { useIssueNotice } from '../../queries/issue-notice.ts';
import { useNotices } from '../../queries/notices.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded, ProblemState } from '../../states/index.ts';
import { DataTable, Pager } from '../../tables/index.ts';
import { dutyColumns } from './columns.tsx';
import { issueColumn } from './issue-menu.tsx';

const PAGE_SIZE = 25;
const FILTERS = [
  { value: 'open', label: 'Not issued' },
  { value: 'due', label: 'To be issued' },
  { value: 'overdue', label: 'Overdue' },
  { value: 'waits', label: 'Waits for a person' },
  { value: 'issued', label: 'Issued' },
];

/** What applicants must be told, by the day it is due. */
export function NoticesPage() {
  const { page = 1, pageSize = PAGE_SIZE, state } = useSearch({ from: '/app/notices' });
  const navigate = useNavigate({ from: '/notices' });
  const notices = useNotices({ page, pageSize: Math.min(pageSize, 200), state });
  const mayIssue = useMay('issueNotice');
  const issue = useIssueNotice();
  const choose = (value: string) => {
    const chosen = dutyFilterSchema.safeParse(value);
    void navigate({ search: { state: chosen.success ? chosen.data : undefined } });
  };
  return (
    <Page
      title="Notices"
      lead="What applicants must be told of decisions, by the day it is due. An issued notice is kept as it was, sealed, and its hash is in the audit log."
    >
      <Loaded query={notices} subject="the notices">
        {(data) => (
          <>
            <Counts data={data} />
            <ScrollArea type="auto" offsetScrollbars="present">
              <SegmentedControl
                size="xs"
                aria-label="Which notices"
                data={FILTERS}
                value={state ?? 'open'}
                onChange={choose}
              />
            </ScrollArea>
            {issue.isError ? <ProblemState problem={toProblem(issue.error)} /> : null}
            {data.total === 0 ? (
              <EmptyState title="Nothing here">
                A notice becomes due within a second when an application is declined, answered with an offer, or decided
                by a person.
              </EmptyState>
            ) : (
              <Panel>
                <DataTable
                  title="Notices"
                  subtitle={`${formatCount(data.total)} in all, what is due first comes first`}
                  columns={mayIssue ? [...dutyColumns, issueColumn(issue)] : dutyColumns}
                  rows={data.rows}
                  rowKey={(row) => `${row.decisionId} ${row.about}`}
                  fading={notices.isPlaceholderData}
                />
                <Pager
                  page={page}
                  pageSize={pageSize}
                  total={data.total}
                  onChange={(next) => void navigate({ search: (previous) => ({ ...previous, ...next }) })}
                />
              </Panel>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Counts({ data: { counts, urgentDays } }: { readonly data: NoticeDutiesDto }) {
  return (
    <>
      {counts.overdue > 0 ? (
        <Alert variant="light" color="red" title={`${formatCount(counts.overdue)} overdue`}>
          The last day on which these may be told has passed. Issue them now, and record why they are late.
        </Alert>
      ) : null}
      <Tiles>
        <Tile title="To be issued" value={formatCount(counts.due)} />
        <Tile title="Overdue" value={formatCount(counts.overdue)} />
        <Tile title={`Due within ${urgentDays} days`} value={formatCount(counts.urgent)} />
        <Tile title="Wait for a person" value={formatCount(counts.waits)} />
      </Tiles>
    </>
  );
}
