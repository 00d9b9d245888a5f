import { useParams } from '@tanstack/react-router';
import type { PolicyDto } from '../../contract.ts';
import {
  formatCount,
  formatMoneyWhole,
  formatPercent,
  formatTime,
  OUTCOME_LABELS,
  toWords,
} from '../../format/index.ts';
import { OutcomeBadge, Page, Panel, Row } from '../../layout/index.ts';
import { usePolicies } from '../../queries/policies.ts';
import { usePolicy } from '../../queries/policy.ts';
import { useCurrency } from '../../queries/portfolio.ts';
import { Loaded } from '../../states/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { CasesTable } from './cases-table.tsx';
import { ChangesPanel } from './changes-panel.tsx';
import { conditionText } from './condition.ts';
import { PolicyStatus } from './policy-status.tsx';
import { StepPanel } from './step-panel.tsx';

export function PolicyPage() {
  const { version } = useParams({ from: '/app/policies/$version' });
  const policy = usePolicy(version);
  return (
    <Page title={`Credit policy ${version}`} lead={policy.data?.description}>
      <Loaded query={policy} subject="this version of the credit policy">
        {(data) => <Detail policy={data} />}
      </Loaded>
    </Page>
  );
}

function Detail({ policy }: { readonly policy: PolicyDto }) {
  const { data } = usePolicies();
  const live = data?.live ?? null;
  return (
    <>
      <Panel>
        <PolicyStatus status={policy.status} /> proposed by <strong>{policy.proposedBy}</strong>,{' '}
        {formatTime(policy.proposedAt)}
        {policy.approvedBy === null ? null : (
          <>
            , approved by <strong>{policy.approvedBy}</strong>
          </>
        )}{' '}
        · <span className="mono muted">{policy.policyHash.slice(0, 16)}…</span>
      </Panel>
      <StepPanel policy={policy} />
      {live === null || live === policy.version ? null : <ChangesPanel version={policy.version} against={live} />}
      {policy.shadow === null ? null : <ShadowPanel shadow={policy.shadow} />}
      <Panel>
        <DataTable
          title="Rules"
          subtitle="Evaluated in order; the strictest outcome wins"
          columns={RULES}
          rows={policy.policy.rules}
          rowKey={(row) => row.id}
        />
      </Panel>
      {policy.policy.segments === undefined ? null : (
        <Panel>
          <DataTable
            title="Segments"
            subtitle="In order; limits and prices are those of the first that an applicant is of"
            columns={SEGMENTS}
            rows={policy.policy.segments}
            rowKey={(row) => row.id}
          />
        </Panel>
      )}
      <Panel>
        <CasesTable cases={policy.caseResults} rulesWithoutCase={policy.rulesWithoutCase} />
      </Panel>
      <Row columns={2}>
        <Panel>
          <GradesTable policy={policy} />
        </Panel>
        <Panel>
          <DataTable
            title="History"
            columns={HISTORY}
            rows={policy.history}
            rowKey={(row) => String(row.sequence)}
            maxHeight={420}
          />
        </Panel>
      </Row>
    </>
  );
}

type Rule = PolicyDto['policy']['rules'][number];
const RULES: readonly Column<Rule>[] = [
  { key: 'id', title: 'Rule', value: (row) => row.id, cell: (row) => <span className="mono nowrap">{row.id}</span> },
  {
    key: 'kind',
    title: 'Kind',
    value: (row) => toWords(row.kind),
    cell: (row) => <span className="nowrap">{toWords(row.kind)}</span>,
  },
  { key: 'description', title: 'In words', wide: true, value: (row) => row.description },
  {
    key: 'when',
    title: 'When',
    wide: true,
    value: (row) => conditionText(row.when),
    cell: (row) => <span className="mono">{conditionText(row.when)}</span>,
  },
  {
    key: 'outcome',
    title: 'Then',
    value: (row) => OUTCOME_LABELS[row.outcome],
    cell: (row) => <OutcomeBadge outcome={row.outcome} />,
  },
  { key: 'reason', title: 'Reason given', wide: true, value: (row) => `${row.reason.text} (${row.reason.code})` },
];

type Segment = NonNullable<PolicyDto['policy']['segments']>[number];
const SEGMENTS: readonly Column<Segment>[] = [
  { key: 'id', title: 'Segment', value: (row) => row.id, cell: (row) => <span className="mono nowrap">{row.id}</span> },
  { key: 'description', title: 'In words', wide: true, value: (row) => row.description },
  {
    key: 'when',
    title: 'When',
    wide: true,
    value: (row) => conditionText(row.when),
    cell: (row) => <span className="mono">{conditionText(row.when)}</span>,
  },
];

const HISTORY: readonly Column<PolicyDto['history'][number]>[] = [
  {
    key: 'at',
    title: 'When',
    value: (row) => row.at,
    cell: (row) => <span className="nowrap">{formatTime(row.at)}</span>,
  },
  { key: 'event', title: 'What', value: (row) => toWords(row.event.replace('policy_', '')) },
  { key: 'actor', title: 'Who', value: (row) => row.actor },
  { key: 'note', title: 'Why', wide: true, value: (row) => row.note ?? '' },
];

type Grade = {
  readonly segment: string;
  readonly grade: string;
  readonly limit: number | null;
  readonly rate: number | null;
};

const SEGMENT: Column<Grade> = {
  key: 'segment',
  title: 'Segment',
  hint: 'The entry of the segment and grade counts; where it has none, that of the grade under all others.',
  value: (row) => row.segment,
};

function GradesTable({ policy }: { readonly policy: PolicyDto }) {
  const currency = useCurrency();
  const { limits, pricing } = policy.policy;
  const segments = [undefined, ...(policy.policy.segments ?? []).map(({ id }) => id)];
  const rows = segments.flatMap((segment) => {
    const ofSegment = <Term extends { segment?: string | undefined }>(terms: readonly Term[]): Term[] =>
      terms.filter((one) => one.segment === segment);
    const [own, prices] = [ofSegment(limits), ofSegment(pricing)];
    return [...new Set([...own, ...prices].map(({ grade }) => grade))].map(
      (grade): Grade => ({
        segment: segment ?? 'all others',
        grade,
        limit: own.find((one) => one.grade === grade)?.maxAmountMinor ?? null,
        rate: prices.find((one) => one.grade === grade)?.annualRatePercent ?? null,
      }),
    );
  });
  const columns: readonly Column<Grade>[] = [
    ...(segments.length > 1 ? [SEGMENT] : []),
    { key: 'grade', title: 'Grade', value: (row) => row.grade },
    {
      key: 'limit',
      title: 'Largest loan',
      align: 'right',
      value: (row) => row.limit,
      cell: (row) => formatMoneyWhole(row.limit, currency),
    },
    {
      key: 'rate',
      title: 'Annual rate',
      align: 'right',
      value: (row) => row.rate,
      cell: (row) => (row.rate === null ? '–' : `${row.rate} %`),
    },
  ];
  return (
    <DataTable
      title="Limits and prices"
      columns={columns}
      rows={rows}
      rowKey={(row) => `${row.segment} ${row.grade}`}
      nothing="This policy has neither."
      maxHeight={420}
    />
  );
}

type Pair = NonNullable<PolicyDto['shadow']>['pairs'][number];
const PAIRS: readonly Column<Pair>[] = [
  {
    key: 'real',
    title: 'Decided',
    value: (row) => OUTCOME_LABELS[row.real],
    cell: (row) => <OutcomeBadge outcome={row.real} />,
  },
  {
    key: 'shadow',
    title: 'This version would have',
    value: (row) => OUTCOME_LABELS[row.shadow],
    cell: (row) => <OutcomeBadge outcome={row.shadow} />,
  },
  {
    key: 'count',
    title: 'Applications',
    align: 'right',
    value: (row) => row.count,
    cell: (row) => formatCount(row.count),
  },
];

function ShadowPanel({ shadow }: { readonly shadow: NonNullable<PolicyDto['shadow']> }) {
  const share = shadow.decisions === 0 ? null : shadow.agree / shadow.decisions;
  return (
    <Panel>
      <DataTable
        title="In shadow"
        subtitle={`Tried on ${shadow.decisions === 1 ? 'one decision' : `${formatCount(shadow.decisions)} decisions`}, the same outcome in ${share === null ? '–' : formatPercent(share, 1)}. Nobody was told what it said.`}
        columns={PAIRS}
        rows={shadow.pairs}
        rowKey={(row) => `${row.real} ${row.shadow}`}
        nothing="No decision was made since it went into shadow."
      />
    </Panel>
  );
}
