import { Alert } from '@mantine/core';
import type { DriftDto } from '../../contract.ts';
import { formatCount, formatDecimal, formatPercent } from '../../format/index.ts';
import { Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useDrift } from '../../queries/drift.ts';
import { EmptyState, Loaded, NoBook } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { CalibrationChart } from './calibration-chart.tsx';
import { ALARM_COLUMNS, FEATURE_COLUMNS } from './columns.tsx';
import { StabilityChart } from './stability-chart.tsx';

type Drift = NonNullable<DriftDto['drift']>;

export function MonitoringPage() {
  const drift = useDrift();
  return (
    <Page
      title="Monitoring"
      lead="Whether the applications of today still look like those the model was developed on, and whether its PDs came true."
    >
      <Loaded query={drift} subject="the monitoring" empty={emptyOf}>
        {(data) => (data.drift === null ? null : <Figures drift={data.drift} />)}
      </Loaded>
    </Page>
  );
}

function emptyOf({ state }: DriftDto) {
  if (state === 'empty') return <NoBook />;
  if (state === 'undated')
    return (
      <EmptyState title="This book has no dates">
        All its applications fall on one day, so nothing can drift. Monitoring needs applications of at least two
        months.
      </EmptyState>
    );
  return null;
}

function Figures({ drift }: { readonly drift: Drift }) {
  const { alarms, reference, recent } = drift;
  return (
    <>
      <Headline drift={drift} />
      {alarms.length === 0 ? (
        <Alert color="teal" title="No alarm">
          Nothing lies outside its limits.
        </Alert>
      ) : (
        <Panel note="Score and features: PSI from 0.1 watch, from 0.25 act. Calibration: the predicted rate lies outside the 95 % interval of the observed; too low is to be acted on. Missing values: 5 and 20 % points. Volume: half the median month. Refused rows: 0.5 and 5 %.">
          <DataTable
            title="Alarms"
            columns={ALARM_COLUMNS}
            rows={alarms}
            rowKey={(row) => `${row.kind}/${row.subject}`}
            maxHeight={320}
          />
        </Panel>
      )}
      <Row columns={2}>
        <Panel>
          <StabilityChart months={drift.months} />
        </Panel>
        <Panel>
          <CalibrationChart quarters={drift.quarters} />
        </Panel>
      </Row>
      <Panel
        note={`Reference: ${formatCount(reference.applications)} applications from ${reference.from} to ${reference.until}. Now: ${formatCount(recent.applications)} from ${recent.from} to ${recent.until}. Deciles of the reference, or levels; missing is a bin of its own.`}
      >
        <DataTable
          title="Features, most shifted first"
          columns={FEATURE_COLUMNS}
          rows={drift.features}
          rowKey={(row) => row.feature}
          nothing="Too few applications in one of the two spans."
          maxHeight={480}
        />
      </Panel>
    </>
  );
}

function Headline({ drift }: { readonly drift: Drift }) {
  const { alarms, features, months, quarters } = drift;
  const month = months.findLast(({ psi }) => psi !== null);
  const quarter = quarters.findLast(({ observed }) => observed !== null);
  return (
    <Tiles>
      <Tile
        dataKey="alarms"
        title="Alarms"
        value={formatCount(alarms.length)}
        note={`${formatCount(alarms.filter(({ level }) => level === 'act').length)} to be acted on`}
      />
      <Tile
        dataKey="psi"
        title="PSI of the score"
        value={formatDecimal(month?.psi)}
        note={month === undefined ? 'too few applications' : month.month}
        definition="Population stability index of the PD of one month against the reference, over the reference's deciles. Under 0.1 stable, above 0.25 shifted."
      />
      <Tile
        dataKey="shifted"
        title="Shifted features"
        value={formatCount(features.filter(({ csi }) => csi >= 0.1).length)}
        note={`of ${formatCount(features.length)}, CSI from 0.1`}
      />
      <Tile
        dataKey="calibration"
        title={`Predicted and observed, ${quarter?.quarter ?? ''}`}
        value={`${formatPercent(quarter?.meanPd, 1)} · ${formatPercent(quarter?.observed?.value, 1)}`}
        note={
          quarter?.observed
            ? `95 %: ${formatPercent(quarter.observed.lower, 1)} to ${formatPercent(quarter.observed.upper, 1)}`
            : 'too few known outcomes'
        }
      />
    </Tiles>
  );
}
