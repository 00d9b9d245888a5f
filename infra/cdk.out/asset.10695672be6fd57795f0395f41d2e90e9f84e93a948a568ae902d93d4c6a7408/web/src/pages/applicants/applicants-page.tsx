import { useNavigate, useSearch } from '@tanstack/react-router';
import { APPLICANT_SORTS, type Applicants, type ApplicantsQuery } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { Page, Panel } from '../../layout/index.ts';
import { EXPORT_ROWS_LIMIT, fetchAllApplicants, useApplicants } from '../../queries/applicants.ts';
import type { ApplicantsSearch } from '../../search.ts';
import { Loaded, NoBook } from '../../states/index.ts';
import { DataTable, Pager, type Sort } from '../../tables/index.ts';
import { ScoreLink } from '../score/score-link.tsx';
import { applicantColumns } from './columns.tsx';
import { Filters } from './filters.tsx';

const PAGE_SIZE = 25;

/** The address holds only what differs from the defaults. */
function queryOf(search: ApplicantsSearch): ApplicantsQuery {
  return {
    ...search,
    page: search.page ?? 1,
    pageSize: Math.min(search.pageSize ?? PAGE_SIZE, 200),
    sort: search.sort ?? 'appliedAt',
    direction: search.direction ?? 'desc',
  };
}

export function ApplicantsPage() {
  const search = useSearch({ from: '/app/applicants' });
  const navigate = useNavigate({ from: '/applicants' });
  const applicants = useApplicants(queryOf(search));
  const change = (next: Partial<ApplicantsSearch>) =>
    void navigate({ search: (previous) => ({ ...previous, page: undefined, ...next }), replace: true });
  return (
    <Page
      title="Applicants"
      lead="Every application of the book, scored by the champion, with what the credit policy says to it."
      actions={<ScoreLink main>Score an application</ScoreLink>}
    >
      <Panel>
        <Filters search={search} grades={applicants.data?.grades ?? []} onChange={change} />
        <Loaded
          query={applicants}
          subject="the applicants"
          empty={(data) => (data.state === 'empty' ? <NoBook /> : null)}
        >
          {(data) => <Results data={data} search={search} fading={applicants.isPlaceholderData} onChange={change} />}
        </Loaded>
      </Panel>
    </Page>
  );
}

type ResultsProps = {
  readonly data: Applicants;
  readonly search: ApplicantsSearch;
  readonly fading: boolean;
  readonly onChange: (next: Partial<ApplicantsSearch>) => void;
};

function Results({ data, search, fading, onChange }: ResultsProps) {
  const query = queryOf(search);
  const onSort = (sort: Sort | null) => {
    const key = APPLICANT_SORTS.find((candidate) => candidate === sort?.key);
    onChange({ sort: key, direction: key === undefined ? undefined : sort?.direction });
  };
  const more = data.total > EXPORT_ROWS_LIMIT ? ` The CSV holds the first ${formatCount(EXPORT_ROWS_LIMIT)}.` : '';
  return (
    <>
      <DataTable
        title="Applications"
        subtitle={`${formatCount(data.total)} match.${more}`}
        columns={applicantColumns(data.currency)}
        rows={data.rows}
        rowKey={(row) => row.applicationId}
        sort={{ key: query.sort, direction: query.direction }}
        onSort={onSort}
        allRows={() => fetchAllApplicants(query)}
        fading={fading}
        nothing="No application matches these filters."
      />
      <Pager
        page={query.page}
        pageSize={query.pageSize}
        total={data.total}
        onChange={({ page, pageSize }) =>
          onChange({ page: page === 1 ? undefined : page, pageSize: pageSize === PAGE_SIZE ? undefined : pageSize })
        }
      />
    </>
  );
}
