import { useDebouncedCallback } from '@mantine/hooks';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Provisions } from '../../contract.ts';
import { formatCount, formatMoneyCompact, formatPercent } from '../../format/index.ts';
import { Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useProvisions } from '../../queries/provisions.ts';
import type { ProvisionsSearch } from '../../search.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { BUCKET_COLUMNS, gradeColumns, scenarioColumns, stageColumns } from './columns.tsx';
import { ScenarioChart } from './scenario-chart.tsx';
import { Settings } from './settings.tsx';

const SETTLE_MS = 350;

export function ProvisionsPage() {
  const search = useSearch({ from: '/app/provisions' });
  const navigate = useNavigate({ from: '/provisions' });
  const [edited, setEdited] = useState<ProvisionsSearch>(search);
  const remember = useDebouncedCallback(
    (next: ProvisionsSearch) => void navigate({ search: next, replace: true }),
    SETTLE_MS,
  );
  const provisions = useProvisions(search);
  const change = (part: Partial<ProvisionsSearch>): void => {
    const next = { ...edited, ...part };
    setEdited(next);
    remember(next);
  };
  return (
    <Page
      title="Expected loss and stress"
      lead="What the open loans are expected to lose, under IFRS 9 and CECL side by side, and under a worse economy."
    >
      <Settings search={edited} onChange={change} />
      <Loaded query={provisions} subject="the expected losses" empty={emptyOf}>
        {(data) => <Figures data={data} fading={provisions.isPlaceholderData} />}
      </Loaded>
    </Page>
  );
}

function emptyOf({ state }: Provisions) {
  if (state === 'ready') return null;
  return (
    <EmptyState title="No open loans">
      This page needs loans with their state at month ends. The book holds none, or the pipeline has not run since they
      came.
    </EmptyState>
  );
}

function Figures({ data, fading }: { readonly data: Provisions; readonly fading: boolean }) {
  const { currency } = data;
  return (
    <>
      <Headline data={data} />
      <Row columns={2}>
        <Panel>
          <DataTable
            title="IFRS 9 by stage"
            columns={stageColumns(currency)}
            rows={data.stages}
            rowKey={(row) => String(row.stage)}
            fading={fading}
          />
        </Panel>
        <Panel>
          <ScenarioChart data={data} />
        </Panel>
      </Row>
      <Panel note="Each scenario as if it were certain: every PD shifted in log-odds while the forecast holds, then fading to nothing.">
        <DataTable
          title="Scenarios"
          columns={scenarioColumns(currency)}
          rows={data.scenarios}
          rowKey={(row) => row.name}
          fading={fading}
        />
      </Panel>
      <Row columns={2}>
        <Panel>
          <DataTable
            title="Allowance by grade at application"
            columns={gradeColumns(currency)}
            rows={data.grades}
            rowKey={(row) => row.grade}
            fading={fading}
          />
        </Panel>
        <Panel note="Current loans keep the PD of their score. A loan in arrears has at least the PD below: the book's own monthly roll rates applied twelve times.">
          <DataTable
            title="PD by arrears"
            columns={BUCKET_COLUMNS}
            rows={data.bucketPds}
            rowKey={(row) => row.bucket}
          />
        </Panel>
      </Row>
    </>
  );
}

function Headline({ data }: { readonly data: Provisions }) {
  const { currency, weighted } = data;
  const money = (minor: number) => formatMoneyCompact(minor, currency);
  const severe = data.scenarios.at(-1);
  return (
    <Tiles>
      <Tile
        dataKey="exposure"
        title={`Owed at the end of ${data.month ?? ''}`}
        value={money(data.exposureMinor)}
        note={`${formatCount(data.loans)} open loans${data.unscored === 0 ? '' : `, ${formatCount(data.unscored)} without a score`}`}
      />
      <Tile
        dataKey="ifrs9"
        title="IFRS 9 allowance"
        value={money(weighted.ifrs9Minor)}
        note={`${formatPercent(weighted.ifrs9Minor / data.exposureMinor)} of what is owed`}
        definition="Stage 1 twelve-month loss, stage 2 lifetime loss, stage 3 LGD of what is owed; discounted at the loan's rate; weighted over the scenarios."
      />
      <Tile
        dataKey="cecl"
        title="CECL allowance"
        value={money(weighted.ceclMinor)}
        note={`${formatPercent(weighted.ceclMinor / data.exposureMinor)} of what is owed`}
        definition="Lifetime loss of every loan from the first day; LGD of what is owed once in default; weighted over the scenarios."
      />
      <Tile
        dataKey="severe"
        title="IFRS 9 if the severe case came"
        value={money(severe?.ifrs9Minor ?? 0)}
        note={
          severe === undefined
            ? null
            : `${formatPercent(severe.ifrs9Minor / weighted.ifrs9Minor - 1, 0)} above what is set aside`
        }
      />
    </Tiles>
  );
}
