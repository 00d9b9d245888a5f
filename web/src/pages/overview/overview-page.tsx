import { SegmentedControl, Text } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Overview } from '../../contract.ts';
import { formatTime } from '../../format/index.ts';
import { Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useOverview } from '../../queries/overview.ts';
import { usePortfolio } from '../../queries/portfolio.ts';
import { Loaded, NoBook } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { CalibrationByMonth } from './calibration-by-month.tsx';
import { defineKpi, formatKpi } from './format-kpi.ts';
import { GradeChart } from './grade-chart.tsx';
import { OutcomesByMonth } from './outcomes-by-month.tsx';
import { ExpectedLossChart, OutcomeShares } from './share-charts.tsx';
import { gradeColumns, monthColumns, vintageColumns, vintageRows } from './tables.ts';
import { VintageChart } from './vintage-chart.tsx';

export function OverviewPage() {
  const overview = useOverview();
  return (
    <Page title="Portfolio overview" lead={<Lead snapshot={overview.data?.snapshot ?? null} />}>
      <Loaded query={overview} subject="the overview" empty={(data) => (data.state === 'empty' ? <NoBook /> : null)}>
        {(data) => <Figures overview={data} />}
      </Loaded>
    </Page>
  );
}

function Lead({ snapshot }: { readonly snapshot: Overview['snapshot'] }) {
  const { data: portfolio } = usePortfolio();
  if (portfolio === undefined) return null;
  return (
    <>
      {portfolio.title}. {portfolio.defaultDefinition}
      {snapshot === null ? null : <> Figures as of {formatTime(snapshot.builtAt)}.</>}
    </>
  );
}

function Figures({ overview }: { readonly overview: Overview }) {
  return (
    <>
      <Headlines overview={overview} />
      {overview.months.length > 0 ? <ChartsOverTime overview={overview} /> : <ChartsByGrade overview={overview} />}
      <Tables overview={overview} />
      <Assumptions overview={overview} />
    </>
  );
}

/** What is looked at first: how many are let in, what is predicted, what came, and what it costs. */
const HEADLINES: ReadonlySet<string> = new Set([
  'approvalShare',
  'meanPd',
  'defaultRate',
  'outstanding',
  'expectedLoss',
]);

function Headlines({ overview: { kpis, currency } }: { readonly overview: Overview }) {
  const tileOf = (kpi: Overview['kpis'][number]) => (
    <Tile
      key={kpi.key}
      dataKey={kpi.key}
      title={kpi.title}
      value={formatKpi(kpi, currency)}
      definition={defineKpi(kpi, currency)}
    />
  );
  return (
    <>
      <Tiles size="large">{kpis.filter(({ key }) => HEADLINES.has(key)).map(tileOf)}</Tiles>
      <Tiles>{kpis.filter(({ key }) => !HEADLINES.has(key)).map(tileOf)}</Tiles>
    </>
  );
}

function ChartsOverTime({ overview }: { readonly overview: Overview }) {
  return (
    <>
      <Row columns="2:1">
        <Panel>
          <CalibrationByMonth months={overview.months} titles={overview.charts.calibrationByMonth} />
        </Panel>
        <Panel>
          <OutcomeShares outcomes={overview.outcomes} titles={overview.charts.outcomes} />
        </Panel>
      </Row>
      <Row columns={2}>
        <Panel>
          <GradeChart grades={overview.grades} titles={overview.charts.grades} />
        </Panel>
        <Panel>
          <ExpectedLossChart
            grades={overview.grades}
            currency={overview.currency}
            titles={overview.charts.expectedLossByGrade}
          />
        </Panel>
      </Row>
      <Row columns={2}>
        <Panel>
          <OutcomesByMonth months={overview.months} titles={overview.charts.outcomesByMonth} />
        </Panel>
        {overview.vintages.length > 0 ? (
          <Panel>
            <VintageChart vintages={overview.vintages} titles={overview.charts.vintages} />
          </Panel>
        ) : null}
      </Row>
    </>
  );
}

/** A book whose applications have no date has no months and no vintages; empty axes would look like missing data. */
function ChartsByGrade({ overview }: { readonly overview: Overview }) {
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        The applications of this book have no date: figures are shown by grade, and there are none by month or vintage.
      </Text>
      <Row columns="2:1">
        <Panel>
          <GradeChart grades={overview.grades} titles={overview.charts.grades} />
        </Panel>
        <Panel>
          <OutcomeShares outcomes={overview.outcomes} titles={overview.charts.outcomes} />
        </Panel>
      </Row>
      <Panel>
        <ExpectedLossChart
          grades={overview.grades}
          currency={overview.currency}
          titles={overview.charts.expectedLossByGrade}
        />
      </Panel>
    </>
  );
}

function Tables({ overview }: { readonly overview: Overview }) {
  const { table = 'grades' } = useSearch({ from: '/app/' });
  const navigate = useNavigate({ from: '/' });
  const choices = [
    { value: 'grades', label: 'By grade' },
    ...(overview.months.length > 0 ? [{ value: 'months', label: 'By month' }] : []),
    ...(overview.vintages.length > 0 ? [{ value: 'vintages', label: 'Vintages' }] : []),
  ];
  return (
    <Panel>
      <SegmentedControl
        size="xs"
        mb="sm"
        aria-label="Table"
        data={choices}
        value={table}
        onChange={(value) =>
          void navigate({ search: { table: choices.find((choice) => choice.value === value)?.value as typeof table } })
        }
      />
      {table === 'grades' ? (
        <DataTable
          title="Book by grade"
          columns={gradeColumns(overview.currency)}
          rows={overview.grades}
          rowKey={(row) => row.grade}
        />
      ) : null}
      {table === 'months' ? (
        <DataTable
          title="Book by month of application"
          columns={monthColumns(overview.currency)}
          rows={overview.months}
          rowKey={(row) => row.month}
          maxHeight={480}
        />
      ) : null}
      {table === 'vintages' ? (
        <DataTable
          title="Vintages"
          subtitle="Share of a cohort's loans in default, by months on book"
          columns={vintageColumns}
          rows={vintageRows(overview.vintages)}
          rowKey={(row) => `${row.cohort}/${row.monthsOnBook}`}
          maxHeight={480}
        />
      ) : null}
    </Panel>
  );
}

function Assumptions({ overview }: { readonly overview: Overview }) {
  if (overview.assumptions.length === 0) return null;
  return (
    <Panel>
      <DataTable
        title="Assumptions behind these figures"
        columns={[
          { key: 'name', title: 'Assumption', value: (row) => row.name },
          { key: 'value', title: 'Value', value: (row) => row.value },
          { key: 'note', title: 'Note', value: (row) => row.note, sortable: false },
        ]}
        rows={overview.assumptions}
        rowKey={(row) => row.name}
      />
    </Panel>
  );
}
