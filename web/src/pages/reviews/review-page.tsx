import { useParams } from '@tanstack/react-router';
import type { DecisionRecordDto, ReviewDto } from '../../contract.ts';
import { formatDuration, formatMoneyWhole, formatTime, OUTCOME_LABELS, toWords } from '../../format/index.ts';
import { Facts, LinkAnchor, Page, Panel, Row } from '../../layout/index.ts';
import { useDecision } from '../../queries/decision.ts';
import { useCurrency } from '../../queries/portfolio.ts';
import { useReview } from '../../queries/review.ts';
import { Loaded } from '../../states/index.ts';
import { ApplicationDecisions } from '../applicants/application-decisions.tsx';
import { DecisionSummary } from '../decisions/decision-summary.tsx';
import { ExplanationPanel } from '../decisions/explanation-panel.tsx';
import { KnownFeatures } from '../decisions/known-features.tsx';
import { TraceTable } from '../decisions/trace-table.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import { STATUS_LABELS } from './columns.tsx';

/** One case: what to decide on the left, what is known beside it. */
export function ReviewPage() {
  const { caseId } = useParams({ from: '/app/reviews/$caseId' });
  const review = useReview(caseId);
  const { data } = review;
  return (
    <Page
      title={data === undefined ? 'Review case' : `Review of ${data.applicationId}`}
      lead={
        data === undefined
          ? undefined
          : `${STATUS_LABELS[data.status]} · ${toWords(data.origin)} ${formatTime(data.openedAt)}`
      }
    >
      <Loaded query={review} subject="this case">
        {(found) => (
          <>
            <Row columns={2}>
              <AnswerPanel review={found} />
              <CasePanel review={found} />
            </Row>
            <Evidence decisionId={found.decisionId} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function CasePanel({ review }: { readonly review: ReviewDto }) {
  const currency = useCurrency();
  const answer = review.outcome === null ? 'none yet' : `${OUTCOME_LABELS[review.outcome]} by ${review.firstBy}`;
  return (
    <Panel title="The case">
      <Facts
        facts={[
          ['Amount', formatMoneyWhole(review.amountMinor, currency)],
          ['At stake', formatMoneyWhole(review.priorityMinor, currency)],
          ['The policy leans to', OUTCOME_LABELS[review.lean]],
          [
            'Second person',
            review.needsSecond ? 'needed' : 'needed for lending against the policy, or one’s own application',
          ],
          ['Submitted by', review.submittedBy],
          ...(review.request === null ? [] : [['Contested because', review.request] as const]),
          ['Answer', answer],
          ...(review.note === null ? [] : [['Reason', review.note] as const]),
          ...(review.dwellMs === null ? [] : [['Time on the case', formatDuration(review.dwellMs)] as const]),
          ...(review.secondBy === null ? [] : [['Seconded by', review.secondBy] as const]),
          [
            'Decision',
            <LinkAnchor key="decision" to="/decisions/$decisionId" params={{ decisionId: review.decisionId }} size="sm">
              {review.decisionId}
            </LinkAnchor>,
          ],
        ]}
      />
    </Panel>
  );
}

function Evidence({ decisionId }: { readonly decisionId: string }) {
  const record = useDecision(decisionId);
  return (
    <Loaded query={record} subject="the decision">
      {(data) => <Known record={data} />}
    </Loaded>
  );
}

function Known({ record }: { readonly record: DecisionRecordDto }) {
  const { decision } = record;
  return (
    <>
      <DecisionSummary decision={decision} />
      <ExplanationPanel decisionId={decision.decisionId} />
      <Panel>
        <TraceTable trace={decision.trace} />
      </Panel>
      <Row columns={2}>
        <Panel>
          <KnownFeatures features={record.features} asOf={decision.asOf} />
        </Panel>
        <ApplicationDecisions applicationId={decision.applicationId} />
      </Row>
    </>
  );
}
