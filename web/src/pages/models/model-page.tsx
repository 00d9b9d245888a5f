import { Button } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import type { Model } from '../../contract.ts';
import { ESTIMATOR_LABELS, formatPercent, formatTime, toWords } from '../../format/index.ts';
import { Facts, Page, Panel, Row } from '../../layout/index.ts';
import { useModel } from '../../queries/model.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { CalibrationChart } from './calibration-chart.tsx';
import { ChangePanel } from './change-panel.tsx';
import { CoefficientTable } from './coefficient-table.tsx';
import { Signature } from './comparison-columns.tsx';
import { GainsChart, RocChart } from './curve-charts.tsx';
import { ImportanceChart } from './importance-chart.tsx';
import { LiftPanels } from './lift-panel.tsx';
import { MetricsTable } from './metrics-table.tsx';
import { ScorecardTables } from './scorecard-tables.tsx';
import { StatusBadge } from './status-badge.tsx';

export function ModelPage() {
  const { modelVersion } = useParams({ from: '/app/models/$modelVersion' });
  const model = useModel(modelVersion);
  const mayRead = useMay('getModelDocument');
  const { data } = model;
  return (
    <Page
      title={data === undefined ? 'Model version' : ESTIMATOR_LABELS[data.estimator]}
      lead={
        <>
          <span className="mono">{modelVersion}</span>{' '}
          {data === undefined ? null : <StatusBadge status={data.status} />}
        </>
      }
      actions={
        !mayRead || data === undefined || data.documentUrl === null ? undefined : (
          <Button
            component="a"
            href={data.documentUrl}
            target="_blank"
            rel="noreferrer"
            size="xs"
            variant="default"
            leftSection={<IconFileText size={15} />}
          >
            Model document
          </Button>
        )
      }
    >
      <Loaded query={model} subject="this model version">
        {(found) => <Detail model={found} />}
      </Loaded>
    </Page>
  );
}

function Detail({ model }: { readonly model: Model }) {
  const { curves } = model;
  return (
    <>
      <Panel>
        <MetricsTable metrics={model.metrics} />
      </Panel>
      {curves === null ? null : (
        <Row columns={3}>
          <Panel>
            <CalibrationChart curves={curves} />
          </Panel>
          <Panel>
            <RocChart curves={curves} />
          </Panel>
          <Panel>
            <GainsChart curves={curves} />
          </Panel>
        </Row>
      )}
      <Row columns={2}>
        <Panel>
          <ImportanceChart importance={model.importance} />
        </Panel>
        <AboutPanel model={model} />
      </Row>
      <LiftPanels lift={model.lift} />
      {model.scorecard === null ? null : <ScorecardTables scorecard={model.scorecard} />}
      {model.coefficients === null ? null : (
        <Panel>
          <CoefficientTable coefficients={model.coefficients} />
        </Panel>
      )}
      <Row columns={2}>
        <Panel>
          <GradesTable model={model} />
        </Panel>
        <Panel>
          <ParametersTable model={model} />
        </Panel>
      </Row>
      <Panel>
        <HistoryTable model={model} />
      </Panel>
      <ChangePanel model={model} />
    </>
  );
}

function AboutPanel({ model }: { readonly model: Model }) {
  const hash = (text: string) => <span className="mono">{text}</span>;
  return (
    <Panel title="About this version">
      <Facts
        facts={[
          ['Trained', formatTime(model.createdAt)],
          ['Signature', <Signature key="signature" valid={model.signatureValid} />],
          ['Inputs', model.inputs],
          ['Seed', model.seed],
          ['Calibration', `${toWords(model.calibration.kind)}. ${model.calibration.note}`],
          [
            'Scale',
            `${model.scale.baseScore} points at odds of ${model.scale.baseOdds} to 1; ${model.scale.pdo} points double the odds`,
          ],
          ['Reference of the reasons', model.reference],
          ['Code version', hash(model.codeVersion)],
          ['Training snapshot', hash(model.snapshotHash)],
          ['Feature catalog', hash(model.catalogHash)],
        ]}
      />
    </Panel>
  );
}

function GradesTable({ model }: { readonly model: Model }) {
  return (
    <DataTable
      title="Master scale"
      columns={[
        { key: 'grade', title: 'Grade', value: (row) => row.grade },
        {
          key: 'upperPd',
          title: 'PD up to',
          align: 'right',
          value: (row) => row.upperPd,
          cell: (row) => formatPercent(row.upperPd),
        },
      ]}
      rows={model.grades}
      rowKey={(row) => row.grade}
    />
  );
}

function ParametersTable({ model }: { readonly model: Model }) {
  return (
    <DataTable
      title="Parameters"
      columns={[
        {
          key: 'name',
          title: 'Parameter',
          value: ([name]) => name,
          cell: ([name]) => <span className="mono">{name}</span>,
        },
        {
          key: 'value',
          title: 'Value',
          align: 'right',
          value: ([, value]) => value,
          cell: ([, value]) => String(value ?? 'none'),
        },
      ]}
      rows={Object.entries(model.parameters)}
      rowKey={([name]) => name}
    />
  );
}

function HistoryTable({ model }: { readonly model: Model }) {
  return (
    <DataTable
      title="History"
      columns={[
        {
          key: 'at',
          title: 'When',
          value: (row) => row.at,
          cell: (row) => <span className="nowrap">{formatTime(row.at)}</span>,
        },
        { key: 'event', title: 'What', value: (row) => toWords(row.event) },
        { key: 'actor', title: 'Who', value: (row) => row.actor },
        { key: 'note', title: 'Note', value: (row) => row.note },
      ]}
      rows={model.history}
      rowKey={(row) => `${row.at}/${row.event}`}
    />
  );
}
