import { useSearch } from '@tanstack/react-router';
import type { LoanApplicationDto, PortfolioInfo } from '../../contract.ts';
import { Page } from '../../layout/index.ts';
import { useDecision } from '../../queries/decision.ts';
import { usePortfolio } from '../../queries/portfolio.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded, NoPermission } from '../../states/index.ts';
import { ApplicationForm } from './application-form.tsx';
import { exampleValues, toFormValues } from './form-values.ts';

export function ScorePage() {
  const { decision, borrower } = useSearch({ from: '/app/score' });
  const portfolio = usePortfolio();
  const may = [useMay('createScores'), useMay('createApplication')].some(Boolean);
  return (
    <Page
      title="Score an application"
      lead="Score as often as you like: nothing is stored. Deciding records the decision for good."
    >
      <Loaded
        query={portfolio}
        subject="the application form"
        empty={({ champion }) => {
          if (!may) return <NoPermission subject="the application form" />;
          return champion === null ? <NoChampion /> : null;
        }}
      >
        {(data) =>
          decision === undefined ? (
            <ApplicationForm key={borrower} portfolio={data} initial={exampleValues(data, borrower)} />
          ) : (
            <FromDecision decisionId={decision} portfolio={data} />
          )
        }
      </Loaded>
    </Page>
  );
}

function NoChampion() {
  return (
    <EmptyState title="No champion yet">
      An application can be scored once a model version is the champion: run the pipeline, or promote an approved
      version.
    </EmptyState>
  );
}

/** The form as a decided application had it, without its id: a new request is a new application. */
function FromDecision({ decisionId, portfolio }: { readonly decisionId: string; readonly portfolio: PortfolioInfo }) {
  const record = useDecision(decisionId);
  return (
    <Loaded query={record} subject="this decision">
      {({ application }) => {
        const { applicationId: _, ...rest }: LoanApplicationDto = application;
        const initial = toFormValues(portfolio.applicationFields, rest, portfolio.currency);
        return <ApplicationForm key={decisionId} portfolio={portfolio} initial={initial} />;
      }}
    </Loaded>
  );
}
