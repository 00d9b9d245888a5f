import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Models } from '../../contract.ts';
import { toWords } from '../../format/index.ts';
import { Page, Panel } from '../../layout/index.ts';
import { useModels } from '../../queries/models.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { bySnapshot, comparedOf, splitsOf } from './compared.ts';
import { comparisonColumns } from './comparison-columns.tsx';
import { DiscriminationChart } from './discrimination-chart.tsx';

export function ModelsPage() {
  const models = useModels();
  return (
    <Page
      title="Models"
      lead="Registered model versions, compared on the same applications. Figures carry their 95 % intervals."
    >
      <Loaded query={models} subject="the models" empty={(data) => (data.models.length === 0 ? <NoModels /> : null)}>
        {(data) => <Comparison models={data} />}
      </Loaded>
    </Page>
  );
}

function NoModels() {
  return (
    <EmptyState title="No model version yet">
      Model versions appear here when the pipeline has trained the estimators of this portfolio.
    </EmptyState>
  );
}

function Comparison({ models }: { readonly models: Models }) {
  const search = useSearch({ from: '/app/models' });
  const navigate = useNavigate({ from: '/models' });
  const splits = splitsOf(models);
  const split = splits.find((name) => name === search.split) ?? models.comparedOn ?? splits[0] ?? '';
  const { rows, others } = useMemo(() => {
    const groups = bySnapshot(models.models);
    return { rows: comparedOf(groups.comparable, split), others: comparedOf(groups.others, split) };
  }, [models.models, split]);
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="Compared on"
        style={{ alignSelf: 'flex-start' }}
        data={splits.map((name) => ({ value: name, label: toWords(name) }))}
        value={split}
        onChange={(next) => void navigate({ search: { split: next === models.comparedOn ? undefined : next } })}
      />
      <Panel>
        <DiscriminationChart rows={rows} split={split} />
      </Panel>
      <Panel>
        <DataTable
          title="Model versions"
          subtitle={`Measured on: ${toWords(split).toLowerCase()}${split === models.comparedOn ? ' (the champion is chosen on this)' : ''}`}
          columns={comparisonColumns}
          rows={rows}
          rowKey={(row) => row.model.modelVersion}
        />
      </Panel>
      {others.length === 0 ? null : (
        <Panel>
          <DataTable
            title="Versions of other training data"
            subtitle="Measured on other applications: their figures cannot be compared with those above"
            columns={comparisonColumns}
            rows={others}
            rowKey={(row) => row.model.modelVersion}
          />
        </Panel>
      )}
    </>
  );
}
