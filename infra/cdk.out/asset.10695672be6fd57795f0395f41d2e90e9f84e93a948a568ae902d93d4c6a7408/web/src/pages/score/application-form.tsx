import { Button, Group } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { LoanApplicationDto, PortfolioInfo } from '../../contract.ts';
import { formatTime } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { LinkAnchor, Panel } from '../../layout/index.ts';
import { useDecide } from '../../queries/decide.ts';
import { useScore } from '../../queries/score.ts';
import { useMay } from '../../session/use-may.ts';
import { ProblemState } from '../../states/index.ts';
import { DecisionSummary } from '../decisions/decision-summary.tsx';
import { TraceTable } from '../decisions/trace-table.tsx';
import classes from './application-form.module.css';
import { FieldInput } from './field-input.tsx';
import { exampleValues, type FormValues, toApplication } from './form-values.ts';
import { newIdempotencyKey } from './idempotency-key.ts';
import { ScenarioTable } from './scenario-table.tsx';
import type { Scenario } from './scenarios.ts';
import { ScoredPanel } from './scored-panel.tsx';

type Props = { readonly portfolio: PortfolioInfo; readonly initial: FormValues };

export function ApplicationForm({ portfolio, initial }: Props) {
  const form = useApplicationForm(portfolio, initial);
  const [mayScore, mayDecide] = [useMay('createScores'), useMay('createApplication')];
  const problem = form.decide.error ?? form.score.error;
  return (
    <>
      <Panel>
        <form onSubmit={form.submitScore} noValidate>
          <div className={classes['fields']}>
            {portfolio.applicationFields.map((field) => (
              <FieldInput
                key={field.name}
                field={field}
                value={form.values[field.name] ?? ''}
                currency={portfolio.currency}
                error={form.errors[field.name]}
                suggestions={field.name === 'borrowerId' ? portfolio.exampleBorrowers : []}
                onChange={(value) => form.change(field.name, value)}
              />
            ))}
          </div>
          <Group mt="md" gap="xs">
            {mayScore ? (
              <Button type="submit" size="xs" variant="default" loading={form.score.isPending}>
                Score only
              </Button>
            ) : null}
            {mayDecide ? (
              <Button size="xs" loading={form.decide.isPending} onClick={form.submitDecision}>
                Decide and record
              </Button>
            ) : null}
            {portfolio.exampleApplication === null ? null : (
              <Button size="xs" variant="subtle" onClick={form.fillExample}>
                Fill in the example
              </Button>
            )}
          </Group>
        </form>
      </Panel>
      {problem === null ? null : <ProblemState problem={toProblem(problem)} />}
      <Results form={form} portfolio={portfolio} />
    </>
  );
}

function useApplicationForm(portfolio: PortfolioInfo, initial: FormValues) {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [scenarios, setScenarios] = useState<readonly Scenario[]>([]);
  // The same key goes with the same form: sent twice, the decision is made once. A change makes it another request.
  const [key, setKey] = useState(newIdempotencyKey);
  const score = useScore();
  const decide = useDecide();

  const replace = (next: FormValues) => {
    setValues(next);
    setKey(newIdempotencyKey());
    setErrors({});
    decide.reset();
  };
  const prepare = (): LoanApplicationDto | null => {
    const prepared = toApplication(portfolio.applicationFields, values, portfolio.currency);
    setErrors(prepared.kind === 'invalid' ? prepared.errors : {});
    return prepared.kind === 'ready' ? prepared.application : null;
  };
  const submitScore = (event: FormEvent) => {
    event.preventDefault();
    const application = prepare();
    if (application === null) return;
    decide.reset();
    score.mutate(application, {
      onSuccess: (result) => setScenarios((before) => [...before, { number: before.length + 1, values, result }]),
    });
  };
  const submitDecision = () => {
    const application = prepare();
    if (application === null) return;
    score.reset();
    decide.mutate({ application, idempotencyKey: key });
  };
  return {
    values,
    errors,
    scenarios,
    score,
    decide,
    submitScore,
    submitDecision,
    change: (name: string, value: string) => replace({ ...values, [name]: value }),
    fillExample: () => replace(exampleValues(portfolio, undefined)),
    clearScenarios: () => setScenarios([]),
  };
}

type ResultsProps = { readonly form: ReturnType<typeof useApplicationForm>; readonly portfolio: PortfolioInfo };

function Results({ form, portfolio }: ResultsProps) {
  const decision = form.decide.data;
  const latest = form.scenarios.at(-1);
  return (
    <div role="status" className={classes['results']}>
      {decision === undefined ? null : (
        <>
          <p className={classes['recorded']}>
            Recorded as decision{' '}
            <LinkAnchor size="sm" to="/decisions/$decisionId" params={{ decisionId: decision.decisionId }}>
              {decision.decisionId}
            </LinkAnchor>
            , {formatTime(decision.decidedAt)}
          </p>
          <DecisionSummary decision={decision} />
          <Panel>
            <TraceTable trace={decision.trace} />
          </Panel>
        </>
      )}
      {decision === undefined && latest !== undefined ? <ScoredPanel result={latest.result} /> : null}
      {form.scenarios.length > 0 ? (
        <ScenarioTable scenarios={form.scenarios} fields={portfolio.applicationFields} onClear={form.clearScenarios} />
      ) : null}
    </div>
  );
}
