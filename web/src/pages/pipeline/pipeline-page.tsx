import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../../layout/index.ts';
import { LakeTab } from './lake-tab.tsx';
import { QualityTab } from './quality-tab.tsx';
import { RunsTab } from './runs-tab.tsx';
import { SqlTab } from './sql-tab.tsx';

const TABS = [
  { value: 'runs', label: 'Runs' },
  { value: 'quality', label: 'Data quality' },
  { value: 'lake', label: 'Lake' },
  { value: 'sql', label: 'SQL console' },
] as const;

export function PipelinePage() {
  const { tab = 'runs' } = useSearch({ from: '/app/pipeline' });
  const navigate = useNavigate({ from: '/pipeline' });
  const change = (next: string | null) =>
    void navigate({ search: { tab: TABS.find(({ value }) => value === next && value !== 'runs')?.value } });
  return (
    <Page
      title="Data and pipeline"
      lead="From source files to a scored book: the steps, how each run went, which rows came through and which did not."
    >
      <Tabs value={tab} onChange={change} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="runs">
          <RunsTab />
        </Tabs.Panel>
        <Tabs.Panel value="quality">
          <QualityTab />
        </Tabs.Panel>
        <Tabs.Panel value="lake">
          <LakeTab />
        </Tabs.Panel>
        <Tabs.Panel value="sql">
          <SqlTab />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
