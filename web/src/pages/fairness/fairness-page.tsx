import { Group, Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FairnessGroups } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { Page, Panel } from '../../layout/index.ts';
import { useFairnessGroups, useFairnessSearch, useFairnessTraits } from '../../queries/fairness.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';
import { cutOffColumns, cutOffRows, groupColumns } from './columns.tsx';
import { SearchPanel } from './search-panel.tsx';

const LEAD =
  'Protected traits lie in a sealed zone that training and scoring cannot read; they are opened here alone. An impact ratio of 0.80 is a screening convention, not a legal threshold.';

export function FairnessPage() {
  const address = useSearch({ from: '/app/fairness' });
  const navigate = useNavigate({ from: '/fairness' });
  const traits = useFairnessTraits();
  const trait = address.trait ?? traits.data?.traits[0]?.name;
  const groups = useFairnessGroups(trait, address.reference);
  const search = useFairnessSearch(trait);
  return (
    <Page title="Fairness" lead={LEAD}>
      <Loaded
        query={traits}
        subject="fairness"
        empty={(data) =>
          data.traits.length === 0 ? (
            <EmptyState title="This book keeps no protected traits">
              Without them there is nothing to compare.
            </EmptyState>
          ) : null
        }
      >
        {(data) => (
          <>
            <Group gap="md">
              <Select
                label="Trait"
                size="xs"
                w={240}
                allowDeselect={false}
                data={data.traits.map(({ name, title }) => ({ value: name, label: title }))}
                value={trait ?? null}
                onChange={(next) => void navigate({ search: { trait: next ?? undefined } })}
              />
              <Select
                label="Reference group"
                size="xs"
                w={240}
                allowDeselect={false}
                data={groups.data?.policy.map(({ name }) => name) ?? []}
                value={groups.data?.reference ?? null}
                onChange={(next) => void navigate({ search: { trait, reference: next ?? undefined } })}
              />
            </Group>
            <Loaded query={groups} subject="these groups">
              {(found) => <Groups groups={found} minimum={data.minimumGroup} fading={groups.isPlaceholderData} />}
            </Loaded>
            <Loaded query={search} subject="proxies and alternatives">
              {(found) => <SearchPanel search={found} />}
            </Loaded>
          </>
        )}
      </Loaded>
    </Page>
  );
}

type GroupsProps = { readonly groups: FairnessGroups; readonly minimum: number; readonly fading: boolean };

function Groups({ groups, minimum, fading }: GroupsProps) {
  return (
    <>
      <Panel
        note={`“Too few” stands below ${minimum} applications. Trait not known: ${formatCount(groups.unknown)} applications.`}
      >
        <DataTable
          title={`Decisions of the credit policy by ${groups.title.toLowerCase()}`}
          columns={groupColumns}
          rows={groups.policy}
          rowKey={(row) => row.name}
          fading={fading}
        />
      </Panel>
      <Panel>
        <DataTable
          title="At each cut-off"
          columns={cutOffColumns}
          rows={cutOffRows(groups)}
          rowKey={(row) => `${row.cutOff} ${row.name}`}
          fading={fading}
          maxHeight={420}
        />
      </Panel>
    </>
  );
}
