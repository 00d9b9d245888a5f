import { IconAdjustments } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import type { DecisionRecordDto } from '../../contract.ts';
import { formatTime } from '../../format/index.ts';
import { Facts, Page, Panel, Row } from '../../layout/index.ts';
import { useDecision } from '../../queries/decision.ts';
import { Loaded } from '../../states/index.ts';
import { ScoreLink } from '../score/score-link.tsx';
import { ApplicationTable } from './application-table.tsx';
import { DecisionSummary } from './decision-summary.tsx';
import { ExplanationPanel } from './explanation-panel.tsx';
import { FraudPanel } from './fraud-panel.tsx';
import { KnownFeatures } from './known-features.tsx';
import { NoticePanel } from './notice-panel.tsx';
import { ReplayPanel } from './replay-panel.tsx';
import { TraceTable } from './trace-table.tsx';

export function DecisionPage() {
  const { decisionId } = useParams({ from: '/app/decisions/$decisionId' });
  const record = useDecision(decisionId);
  return (
    <Page
      title={`Decision ${decisionId}`}
      lead={record.data === undefined ? undefined : <Lead record={record.data} />}
      actions={
        <ScoreLink search={{ decision: decisionId }} icon={<IconAdjustments size={15} />}>
          What if it were different?
        </ScoreLink>
      }
    >
      <Loaded query={record} subject="this decision">
        {(data) => <Detail record={data} />}
      </Loaded>
    </Page>
  );
}

function Lead({ record }: { readonly record: DecisionRecordDto }) {
  const { decision } = record;
  return (
    <>
      Application {decision.applicationId} of borrower {decision.borrowerId} · decided {formatTime(decision.decidedAt)}{' '}
      by {record.actor} · record {record.sequence}
    </>
  );
}

function Detail({ record }: { readonly record: DecisionRecordDto }) {
  const { decision } = record;
  return (
    <>
      <DecisionSummary decision={decision} />
      <ExplanationPanel decisionId={decision.decisionId} />
      <NoticePanel decisionId={decision.decisionId} />
      <FraudPanel fraud={decision.fraud} />
      <Panel>
        <TraceTable trace={decision.trace} />
      </Panel>
      <Row columns={2}>
        <Panel>
          <KnownFeatures features={record.features} asOf={decision.asOf} />
        </Panel>
        <Panel>
          <ApplicationTable application={record.application} />
        </Panel>
      </Row>
      <Row columns={2}>
        <RecordPanel record={record} />
        <ReplayPanel decisionId={decision.decisionId} />
      </Row>
    </>
  );
}

function RecordPanel({ record }: { readonly record: DecisionRecordDto }) {
  const { decision } = record;
  const hash = (text: string) => <span className="mono">{text}</span>;
  return (
    <Panel title="Record" note="Each record holds the hash of the one before: a change, once made, is found.">
      <Facts
        facts={[
          ['Model version', decision.modelVersion],
          ['Credit policy version', decision.creditPolicyVersion],
          ['Catalog', hash(record.catalogHash)],
          ['Idempotency key', record.idempotencyKey ?? 'none given'],
          ['Request hash', hash(record.requestHash)],
          ['Previous record', hash(record.previousHash)],
          ['This record', hash(record.hash)],
          ...Object.entries(record.provenance).map(([name, value]) => [name, value ?? 'none'] as const),
        ]}
      />
    </Panel>
  );
}
