import { ScrollArea, SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { reviewStatusSchema } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { Page, Panel } from '../../layout/index.ts';
import { useCurrency } from '../../queries/portfolio.ts';
import { useReviewers } from '../../queries/reviewers.ts';
import { useReviews } from '../../queries/reviews.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable, Pager } from '../../tables/index.ts';
import { caseColumns, lentColumns, reviewerColumns, STATUS_LABELS } from './columns.tsx';

const PAGE_SIZE = 25;
const FILTERS = [
  { value: 'waiting', label: 'Waiting' },
  ...reviewStatusSchema.options.map((value) => ({ value, label: STATUS_LABELS[value] })),
];

/** Applications that a person decides, what matters most first. */
export function ReviewsPage() {
  const search = useSearch({ from: '/app/reviews' });
  const navigate = useNavigate({ from: '/reviews' });
  const { page = 1, pageSize = PAGE_SIZE, status } = search;
  const reviews = useReviews({ page, pageSize: Math.min(pageSize, 200), status });
  const currency = useCurrency();
  const choose = (value: string) => {
    const chosen = reviewStatusSchema.safeParse(value);
    void navigate({ search: { status: chosen.success ? chosen.data : undefined } });
  };
  return (
    <Page
      title="Review queue"
      lead="Applications that the policy or the borrower sends to a person, ordered by what a person can change."
    >
      <ScrollArea type="auto" offsetScrollbars="present">
        <SegmentedControl
          size="xs"
          aria-label="Which cases"
          data={FILTERS}
          value={status ?? 'waiting'}
          onChange={choose}
        />
      </ScrollArea>
      <Loaded
        query={reviews}
        subject="the review queue"
        empty={(data) => (data.total === 0 ? <Nothing status={status} /> : null)}
      >
        {(data) => (
          <Panel>
            <DataTable
              title="Cases"
              subtitle={`${formatCount(data.total)} in all; a case is yours for ${data.leaseMinutes} minutes once you take it`}
              columns={caseColumns(currency)}
              rows={data.rows}
              rowKey={(row) => row.caseId}
              fading={reviews.isPlaceholderData}
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
      <Reviewers />
    </Page>
  );
}

function Nothing({ status }: { readonly status: string | undefined }) {
  return (
    <EmptyState title={status === undefined ? 'Nobody is waiting' : 'No such case'}>
      A case opens within a second when the policy refers an application, or when somebody contests a decision.
    </EmptyState>
  );
}

/** How people decide: for those who watch over it. */
function Reviewers() {
  const may = useMay('listReviewers');
  const reviewers = useReviewers(may);
  if (!may) return null;
  return (
    <Loaded query={reviewers} subject="how people decide">
      {(data) => (
        <>
          <Panel>
            <DataTable
              title="How people decide"
              subtitle="Over the last 50 answers of each. Who signs whatever comes is no safeguard"
              columns={reviewerColumns}
              rows={data.reviewers}
              rowKey={(row) => row.reviewer}
              nothing="Nobody has answered a case yet."
            />
          </Panel>
          <Panel>
            <DataTable
              title="What became of the loans people gave"
              subtitle="By person, code and kind of override. Whoever was declined has no outcome"
              columns={lentColumns}
              rows={data.lent}
              rowKey={(row) => `${row.by} ${row.name}`}
              nothing="No case has been decided in favour of the borrower yet."
            />
          </Panel>
        </>
      )}
    </Loaded>
  );
}
