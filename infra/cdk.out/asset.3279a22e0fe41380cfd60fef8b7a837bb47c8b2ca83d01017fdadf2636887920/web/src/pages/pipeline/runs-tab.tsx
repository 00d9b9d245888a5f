import { Button } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { PipelineDefinition, PipelineRunDetail, PipelineRuns } from '../../contract.ts';
import { toWords } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel, Row } from '../../layout/index.ts';
import { useCancelRun } from '../../queries/cancel-run.ts';
import { usePipelineDefinition } from '../../queries/pipeline-definition.ts';
import { usePipelineRun } from '../../queries/pipeline-run.ts';
import { usePipelineRuns } from '../../queries/pipeline-runs.ts';
import { useStartRun } from '../../queries/start-run.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded, ProblemState } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { Graph } from './graph.tsx';
import { runColumns, stepColumns } from './run-columns.tsx';
import classes from './runs-tab.module.css';

export function RunsTab() {
  const definition = usePipelineDefinition();
  const runs = usePipelineRuns();
  return (
    <Loaded query={definition} subject="the pipeline">
      {(machine) => (
        <Loaded query={runs} subject="the runs">
          {(history) => <Runs definition={machine} history={history} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function Runs({ definition, history }: { readonly definition: PipelineDefinition; readonly history: PipelineRuns }) {
  const search = useSearch({ from: '/app/pipeline' });
  const navigate = useNavigate({ from: '/pipeline' });
  const runId = search.run ?? history.runs[0]?.runId;
  const run = usePipelineRun(runId);
  const select = (step: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, step }), replace: true, resetScroll: false });
  return (
    <div className={classes['stack']}>
      <Actions runs={history} run={run.data} selected={search.step} />
      <Row columns={2}>
        <Panel title="State machine" note={definition.comment}>
          <Graph definition={definition} steps={run.data?.steps ?? []} selected={search.step} onSelect={select} />
        </Panel>
        <div className={classes['stack']}>
          <Panel>
            {runId === undefined ? (
              <p className="muted">No run yet. Start one here, or with “assay pipeline run” in a terminal.</p>
            ) : (
              <Loaded query={run} subject="this run">
                {(data) => <Steps run={data} selected={search.step} />}
              </Loaded>
            )}
          </Panel>
          <Panel>
            <DataTable
              title="Runs"
              subtitle="Newest first"
              columns={runColumns(runId, (next) => void navigate({ search: { run: next }, resetScroll: false }))}
              rows={history.runs}
              rowKey={(row) => row.runId}
              maxHeight={320}
            />
          </Panel>
        </div>
      </Row>
    </div>
  );
}

function Steps({ run, selected }: { readonly run: PipelineRunDetail; readonly selected: string | undefined }) {
  const steps = selected === undefined ? run.steps : run.steps.filter(({ step }) => step === selected);
  return (
    <>
      <DataTable
        title={selected === undefined ? 'Steps of this run' : `Step ${toWords(selected)}`}
        subtitle={<span className="mono">{run.runId}</span>}
        columns={stepColumns(Date.now())}
        rows={steps}
        rowKey={(row) => `${row.step}/${row.item}`}
        nothing={
          selected === undefined ? 'No step has begun.' : 'This state is not a step of work, or was not reached.'
        }
      />
      {run.error === null ? null : <p className={classes['error']}>{run.error}</p>}
    </>
  );
}

type ActionsProps = {
  readonly runs: PipelineRuns;
  readonly run: PipelineRunDetail | undefined;
  readonly selected: string | undefined;
};

function Actions({ runs, run, selected }: ActionsProps) {
  const start = useStartRun();
  const cancel = useCancelRun();
  const live = runs.runs.find((candidate) => candidate.status === 'running');
  const mayStart = useMay('startRun');
  const mayCancel = useMay('cancelRun');
  const restartable = selected !== undefined && (run?.steps.some(({ step }) => step === selected) ?? false);
  const error = start.error ?? cancel.error;
  if (!mayStart && !mayCancel) return null;
  return (
    <>
      <div className={classes['actions']}>
        {mayStart ? (
          <Button
            size="xs"
            leftSection={<IconPlayerPlay size={14} />}
            disabled={live !== undefined}
            loading={start.isPending}
            onClick={() => start.mutate(restartable ? { from: selected } : {})}
          >
            {restartable ? `Run again from ${toWords(selected).toLowerCase()}` : 'Start a run'}
          </Button>
        ) : null}
        {mayCancel && live !== undefined ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerStop size={14} />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(live.runId)}
          >
            Cancel the run under way
          </Button>
        ) : null}
        {mayStart && !restartable && live === undefined ? (
          <span className="muted">Steps whose inputs have not changed are reused. Select a step to run it anew.</span>
        ) : null}
      </div>
      {error === null ? null : <ProblemState problem={toProblem(error)} />}
    </>
  );
}
