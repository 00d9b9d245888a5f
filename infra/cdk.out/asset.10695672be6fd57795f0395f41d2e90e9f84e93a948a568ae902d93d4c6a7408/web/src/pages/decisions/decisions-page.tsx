import { useNavigate, useSearch } from '@tanstack/react-router';
import { formatCount } from '../../format/index.ts';
import { Page, Panel } from '../../layout/index.ts';
import { useDecisions } from '../../queries/decisions.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable, Pager } from '../../tables/index.ts';
import { ScoreLink } from '../score/score-link.tsx';
import { decisionColumns } from './columns.tsx';

const PAGE_SIZE = 25;

export function DecisionsPage() {
  const search = useSearch({ from: '/app/decisions' });
  const navigate = useNavigate({ from: '/decisions' });
  const { page = 1, pageSize = PAGE_SIZE } = search;
  const decisions = useDecisions({ ...search, page, pageSize: Math.min(pageSize, 200) });
  return (
    <Page
      title="Decisions"
      lead="Every decision made through this system, newest first. A record is never changed; each is chained to the one before."
      actions={<ScoreLink main>Score an application</ScoreLink>}
    >
      <Loaded query={decisions} subject="the decisions" empty={(data) => (data.total === 0 ? <NoDecisions /> : null)}>
        {(data) => (
          <Panel>
            <DataTable
              title="Decision records"
              subtitle={`${formatCount(data.total)} in all`}
              columns={decisionColumns}
              rows={data.rows}
              rowKey={(row) => row.decisionId}
              fading={decisions.isPlaceholderData}
            />
            <Pager
              page={page}
              pageSize={pageSize}
              total={data.total}
              onChange={(next) => void navigate({ search: (previous) => ({ ...previous, ...next }) })}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}

function NoDecisions() {
  return (
    <EmptyState title="No decision yet">
      A decision is recorded when an application is decided: on the page Score an application, or through the API.
    </EmptyState>
  );
}
