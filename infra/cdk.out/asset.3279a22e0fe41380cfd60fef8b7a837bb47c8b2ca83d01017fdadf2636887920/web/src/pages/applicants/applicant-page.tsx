import { useParams } from '@tanstack/react-router';
import type { Applicant } from '../../contract.ts';
import { formatDecimal, formatMoney, formatPercent, formatTime, OUTCOME_LABELS } from '../../format/index.ts';
import { LinkAnchor, Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useApplicant } from '../../queries/applicant.ts';
import { Loaded } from '../../states/index.ts';
import { TraceTable } from '../decisions/trace-table.tsx';
import { ScoreLink } from '../score/score-link.tsx';
import { ApplicationDecisions } from './application-decisions.tsx';
import { knownOutcome } from './columns.tsx';
import { ContributionChart } from './contribution-chart.tsx';
import { FeatureTable } from './feature-table.tsx';
import { Reasons } from './reasons.tsx';
import { TransactionChart } from './transaction-chart.tsx';

export function ApplicantPage() {
  const { applicationId } = useParams({ from: '/app/applicants/$applicationId' });
  const applicant = useApplicant(applicationId);
  return (
    <Page
      title={`Application ${applicationId}`}
      lead={applicant.data === undefined ? undefined : <Lead applicant={applicant.data} />}
      actions={
        applicant.data === undefined ? undefined : (
          <ScoreLink search={{ borrower: applicant.data.borrowerId }}>New application of this borrower</ScoreLink>
        )
      }
    >
      <Loaded query={applicant} subject="this application">
        {(data) => <Detail applicant={data} />}
      </Loaded>
    </Page>
  );
}

function Lead({ applicant }: { readonly applicant: Applicant }) {
  return (
    <>
      Borrower {applicant.borrowerId}
      {applicant.appliedAt === null ? null : <> · applied {formatTime(applicant.appliedAt)}</>} · scored by{' '}
      <LinkAnchor size="sm" to="/models/$modelVersion" params={{ modelVersion: applicant.modelVersion }}>
        {applicant.modelVersion}
      </LinkAnchor>
    </>
  );
}

function Detail({ applicant }: { readonly applicant: Applicant }) {
  return (
    <>
      <Tiles>
        <Tile
          dataKey="score"
          title="Score"
          value={`${formatDecimal(applicant.score, 0)} points`}
          definition="Log-odds of repayment on the portfolio's points scale; more is safer."
        />
        <Tile
          dataKey="grade"
          title="Grade"
          value={applicant.grade}
          definition="Place on the master scale that the PD falls into."
        />
        <Tile
          dataKey="pd"
          title="Probability of default"
          value={formatPercent(applicant.pd)}
          note={`Higher than ${formatPercent(applicant.pdPercentile, 1)} of the book`}
          definition="Calibrated probability that this loan defaults within the portfolio's outcome window."
        />
        <Tile
          dataKey="outcome"
          title="Policy outcome"
          value={OUTCOME_LABELS[applicant.outcome]}
          definition="What today's credit policy says to this application."
        />
        <Tile
          title="Amount"
          value={formatMoney(applicant.amountMinor, applicant.currency)}
          note={applicant.termMonths === null ? undefined : `over ${applicant.termMonths} months`}
        />
        <Tile
          title="What happened"
          value={knownOutcome(applicant.defaulted)}
          definition="The outcome of the loan, where it is known. The score never saw it."
        />
      </Tiles>
      <Row columns={2}>
        <Panel>
          <ContributionChart
            features={applicant.features}
            reference={applicant.reference}
            currency={applicant.currency}
          />
        </Panel>
        <Panel title="Reasons" note={`Score points lost. Reference: ${applicant.reference}`}>
          <Reasons reasons={applicant.reasons} features={applicant.features} />
        </Panel>
      </Row>
      {applicant.transactions.length === 0 ? null : (
        <Panel>
          <TransactionChart transactions={applicant.transactions} currency={applicant.currency} />
        </Panel>
      )}
      <Panel>
        <TraceTable trace={applicant.trace} />
      </Panel>
      <Panel>
        <FeatureTable features={applicant.features} currency={applicant.currency} />
      </Panel>
      <ApplicationDecisions applicationId={applicant.applicationId} />
    </>
  );
}
