import { SegmentedControl, Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Vintages } from '../../contract.ts';
import { formatCount, formatPercent } from '../../format/index.ts';
import { Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useVintages } from '../../queries/vintages.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { CurvesChart } from './curves-chart.tsx';
import { matrixColumns } from './matrix-columns.tsx';
import { RollChart } from './roll-chart.tsx';
import classes from './vintages.module.css';

const THRESHOLDS = [30, 60, 90] as const;

export function VintagesPage() {
  const { from, until } = useSearch({ from: '/app/vintages' });
  const vintages = useVintages({ from, until });
  return (
    <Page
      title="Vintages and roll rates"
      lead="How each cohort of loans went late as it aged, and how loans move between arrears from month to month."
    >
      <Loaded query={vintages} subject="the vintages" empty={emptyOf}>
        {(data) => <Figures data={data} fading={vintages.isPlaceholderData} />}
      </Loaded>
    </Page>
  );
}

function emptyOf({ state }: Vintages) {
  if (state === 'ready') return null;
  return (
    <EmptyState title="No monthly reports of loans">
      This page reads loans and their state at each month end. The book holds none, or the pipeline has not run since
      they came.
    </EmptyState>
  );
}

function Figures({ data, fading }: { readonly data: Vintages; readonly fading: boolean }) {
  const search = useSearch({ from: '/app/vintages' });
  const navigate = useNavigate({ from: '/vintages' });
  const threshold = THRESHOLDS.find((days) => days === search.days) ?? 90;
  const curves = data.vintages.filter(({ daysPastDue }) => daysPastDue === threshold);
  return (
    <>
      <Panel>
        <SegmentedControl
          size="xs"
          mb="sm"
          maw="100%"
          className={classes['scrolls']}
          aria-label="Ever past due"
          data={THRESHOLDS.map((days) => ({ value: String(days), label: `Ever ${days} days late` }))}
          value={String(threshold)}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, days: THRESHOLDS.find((days) => String(days) === value) }),
            })
          }
        />
        <CurvesChart curves={curves} days={threshold} />
      </Panel>
      <div className={classes['span']}>
        <MonthSelect
          label="Months from"
          months={data.months}
          value={search.from}
          onChange={(from) => void navigate({ search: (before) => ({ ...before, from }) })}
        />
        <MonthSelect
          label="until"
          months={data.months}
          value={search.until}
          onChange={(until) => void navigate({ search: (before) => ({ ...before, until }) })}
        />
      </div>
      <RollTiles data={data} />
      <Row columns={2}>
        <Panel note="Share of the loans in a state at one month end, by their state at the next. Loans without a report in the next month are left out; charged off means 180 days past due.">
          <DataTable
            title="Monthly roll rates"
            subtitle={`${formatCount(data.matrix.reduce((sum, row) => sum + row.loans, 0))} transitions`}
            columns={matrixColumns(data)}
            rows={data.matrix}
            rowKey={(row) => row.from}
            fading={fading}
          />
        </Panel>
        <Panel>
          <RollChart months={data.byMonth} />
        </Panel>
      </Row>
    </>
  );
}

function RollTiles({ data }: { readonly data: Vintages }) {
  const rolled = (from: string, to: string) =>
    data.matrix.find((row) => row.from === from)?.to.find(({ state }) => state === to)?.share;
  return (
    <Tiles>
      <Tile
        dataKey="currentStays"
        title="Current stays current"
        value={formatPercent(rolled('current', 'current'))}
        note="from one month end to the next"
      />
      <Tile
        dataKey="rolls60"
        title="30-59 rolls on"
        value={formatPercent(rolled('30-59', '60-89'), 1)}
        note="to 60-89 days past due"
      />
      <Tile
        dataKey="rolls90"
        title="60-89 rolls on"
        value={formatPercent(rolled('60-89', '90+'), 1)}
        note="to 90 or more"
      />
      <Tile
        dataKey="cure"
        title="Cure from 90 or more"
        value={formatPercent(data.cureRate, 1)}
        note="less than 30 days past due or repaid a month later"
      />
      <Tile
        dataKey="chain"
        title="Current to 90 within a year"
        value={formatPercent(data.defaultWithin12m[0])}
        note="by the chain of these roll rates"
        definition="A Markov chain: the monthly roll rates applied twelve times, 90 days past due final. It forgets how old a loan is and how it came to its state, so it need not equal the PD of the score."
      />
    </Tiles>
  );
}

type MonthProps = {
  readonly label: string;
  readonly months: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (month: string | undefined) => void;
};

function MonthSelect({ label, months, value, onChange }: MonthProps) {
  return (
    <Select
      size="xs"
      label={label}
      placeholder="all"
      clearable
      searchable
      data={[...months]}
      value={value ?? null}
      onChange={(month) => onChange(month ?? undefined)}
    />
  );
}
