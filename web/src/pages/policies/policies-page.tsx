import type { PolicySummaryDto } from '../../contract.ts';
import { formatTime, toWords } from '../../format/index.ts';
import { LinkAnchor, LinkButton, Page, Panel } from '../../layout/index.ts';
import { usePolicies } from '../../queries/policies.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded } from '../../states/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { PolicyStatus } from './policy-status.tsx';

const COLUMNS: readonly Column<PolicySummaryDto>[] = [
  {
    key: 'version',
    title: 'Version',
    value: (row) => row.version,
    cell: (row) => (
      <LinkAnchor to="/policies/$version" params={{ version: row.version }} size="sm" className="nowrap">
        {row.version}
      </LinkAnchor>
    ),
  },
  {
    key: 'status',
    title: 'Status',
    value: (row) => toWords(row.status),
    cell: (row) => <PolicyStatus status={row.status} />,
  },
  { key: 'description', title: 'What it does', wide: true, value: (row) => row.description },
  { key: 'rules', title: 'Rules', align: 'right', value: (row) => row.rules },
  {
    key: 'cases',
    title: 'Cases that hold',
    align: 'right',
    value: (row) => row.cases.passed,
    cell: (row) => `${row.cases.passed} of ${row.cases.total}`,
  },
  { key: 'proposedBy', title: 'Proposed by', value: (row) => row.proposedBy },
  { key: 'approvedBy', title: 'Approved by', value: (row) => row.approvedBy ?? '' },
  {
    key: 'changedAt',
    title: 'Changed',
    value: (row) => row.changedAt,
    cell: (row) => <span className="nowrap">{formatTime(row.changedAt)}</span>,
  },
];

/** Versions of the credit policy, and which one decides. */
export function PoliciesPage() {
  const policies = usePolicies();
  const mayPropose = useMay('proposePolicy');
  return (
    <Page
      title="Credit policy"
      lead="Rules, limits and prices that turn a score into a decision. A version never changes; it goes live by a second person, when its cases hold."
      actions={
        mayPropose ? (
          <LinkButton to="/policies/new" size="xs">
            Propose a version
          </LinkButton>
        ) : undefined
      }
    >
      <Loaded query={policies} subject="the credit policy">
        {({ live, versions }) => (
          <Panel>
            <DataTable
              title="Versions"
              subtitle={live === null ? 'None is live: nothing can be decided' : `${live} decides now`}
              columns={COLUMNS}
              rows={versions}
              rowKey={(row) => row.version}
            />
          </Panel>
        )}
      </Loaded>
    </Page>
  );
}
