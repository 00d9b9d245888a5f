import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FraudQueueDto } from '../../contract.ts';
import { formatCount, formatDecimal, formatTime } from '../../format/index.ts';
import { LinkAnchor, Page, Panel, Tile, Tiles } from '../../layout/index.ts';
import { useFraudQueue } from '../../queries/fraud-queue.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded, NoBook } from '../../states/index.ts';
import { type Column, DataTable, Pager } from '../../tables/index.ts';
import { CasePanel } from './case-panel.tsx';
import { ResultsPanel } from './results-panel.tsx';
import { caseLabel } from './verdicts.ts';

const PAGE_SIZE = 50;
type Row = FraudQueueDto['rows'][number];

const COLUMNS: readonly Column<Row>[] = [
  {
    key: 'applicationId',
    title: 'Application',
    sortable: false,
    value: (row) => row.applicationId,
    cell: (row) => (
      <LinkAnchor to="/fraud" search={(before) => ({ ...before, case: row.applicationId })} size="sm">
        {row.applicationId}
      </LinkAnchor>
    ),
  },
  { key: 'borrowerId', title: 'Borrower', sortable: false, value: (row) => row.borrowerId },
  {
    key: 'appliedAt',
    title: 'Applied',
    sortable: false,
    value: (row) => row.appliedAt,
    cell: (row) => formatTime(row.appliedAt),
  },
  {
    key: 'score',
    title: 'Suspicion',
    align: 'right',
    sortable: false,
    hint: '1 - product of (1 - evidence) of the signals; 0 to 1, no probability. By all that is known now: a decision knew only who came before.',
    value: (row) => row.score,
    cell: (row) => formatDecimal(row.score, 2),
  },
  { key: 'band', title: 'Band', sortable: false, value: (row) => row.band },
  {
    key: 'signals',
    title: 'What was seen',
    wide: true,
    sortable: false,
    value: (row) => row.signals.map(({ text, value }) => `${text} (${formatDecimal(value, 1)})`).join('; '),
  },
  { key: 'case', title: 'Case', sortable: false, value: (row) => caseLabel(row.case) },
];

export function FraudPage() {
  const { page = 1, pageSize = PAGE_SIZE, case: chosen } = useSearch({ from: '/app/fraud' });
  const navigate = useNavigate({ from: '/fraud' });
  const queue = useFraudQueue(page, pageSize);
  const mayResults = useMay('getFraudResults');
  return (
    <Page
      title="Fraud"
      lead="Applications that share a device, a telephone, an address or a file with other borrowers, or state an income that does not fit. Apart from credit risk: nothing here enters the pd, the score or its reasons; a credit policy may send what is suspicious to a person."
    >
      <Loaded
        query={queue}
        subject="the fraud queue"
        empty={(data) => {
          if (data.state === 'empty') return <NoBook />;
          if (data.state === 'ready') return null;
          return <EmptyState title="This book has no fraud definition">Add `fraud` to its portfolio.</EmptyState>;
        }}
      >
        {(data) => (
          <>
            <Tiles>
              <Tile dataKey="scanned" title="Scanned" value={formatCount(data.scanned)} />
              <Tile dataKey="high" title="High" value={formatCount(data.bands.high)} />
              <Tile dataKey="look" title="To look at" value={formatCount(data.bands.look)} />
            </Tiles>
            {data.rows
              .filter((row) => row.applicationId === chosen)
              .map((row) => (
                <CasePanel key={row.applicationId} row={row} />
              ))}
            <Panel>
              <DataTable
                title="Queue"
                columns={COLUMNS}
                rows={data.rows}
                rowKey={(row) => row.applicationId}
                fading={queue.isPlaceholderData}
              />
              <Pager
                page={page}
                pageSize={pageSize}
                total={data.total}
                onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })}
              />
            </Panel>
            {mayResults ? <ResultsPanel /> : null}
          </>
        )}
      </Loaded>
    </Page>
  );
}
