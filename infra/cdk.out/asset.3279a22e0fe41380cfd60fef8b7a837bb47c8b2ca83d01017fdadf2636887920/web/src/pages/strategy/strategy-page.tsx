import { SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../../layout/index.ts';
import { useStrategyBook } from '../../queries/strategy-book.ts';
import { useStrategyGroups } from '../../queries/strategy-groups.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded, NoBook } from '../../states/index.ts';
import { Bench } from './bench.tsx';
import { ClaimsTab } from './claims-tab.tsx';

const TABS = [
  { value: 'bench', label: 'Bench' },
  { value: 'claims', label: 'Against the incumbent' },
] as const;

export function StrategyPage() {
  const { tab = 'bench' } = useSearch({ from: '/app/strategy' });
  const navigate = useNavigate({ from: '/strategy' });
  return (
    <Page
      title="Strategy"
      lead="Where to approve, refer and decline, recomputed over every application of the book as you move."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="View"
          data={[...TABS]}
          value={tab}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, tab: TABS.find((one) => one.value === value)?.value }),
            })
          }
        />
      }
    >
      {tab === 'bench' ? <BenchTab /> : <ClaimsTab />}
    </Page>
  );
}

function BenchTab() {
  const book = useStrategyBook();
  const mayGroups = useMay('getStrategyGroups');
  const groups = useStrategyGroups(mayGroups);
  return (
    <Loaded query={book} subject="the strategy bench" empty={(data) => (data.state === 'empty' ? <NoBook /> : null)}>
      {(data) =>
        mayGroups && groups.isPending ? null : (
          <Bench book={data} groups={groups.data?.state === 'ready' ? groups.data : undefined} mayGroups={mayGroups} />
        )
      }
    </Loaded>
  );
}
