import { Button, Group, SegmentedControl } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { DeadLetterDto, RedrivenDto } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { useDeadLetters } from '../../queries/dead-letters.ts';
import { useRedrive } from '../../queries/redrive.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded } from '../../states/index.ts';
import { type Column, DataTable, Pager } from '../../tables/index.ts';
import { LETTER_COLUMNS } from './columns.tsx';

const STATUSES = [
  { value: 'waiting', label: 'Waiting' },
  { value: 'redriven', label: 'Redriven' },
] as const;

/** What was refused, with the reason, and another try for it. */
export function DeadLetters() {
  const { letters: status = 'waiting', page = 1, pageSize = 25 } = useSearch({ from: '/app/live' });
  const navigate = useNavigate({ from: '/live' });
  const [maySee, mayRedrive] = [useMay('listDeadLetters'), useMay('redriveDeadLetters')];
  const letters = useDeadLetters({ page, pageSize, status }, maySee);
  const redrive = useRedrive();
  if (!maySee) return null;
  const columns = mayRedrive && status === 'waiting' ? [...LETTER_COLUMNS, againColumn(redrive)] : LETTER_COLUMNS;
  return (
    <Panel
      title="Dead letters"
      note="An event tried again is checked like a new one and applied at most once. What still is refused stays here."
    >
      <Group justify="space-between" mb="sm">
        <SegmentedControl
          size="xs"
          aria-label="Status"
          data={[...STATUSES]}
          value={status}
          onChange={(value) =>
            void navigate({
              search: (before) => ({
                ...before,
                page: undefined,
                letters: STATUSES.find((one) => one.value === value)?.value,
              }),
            })
          }
        />
        {mayRedrive && status === 'waiting' ? (
          <Button size="xs" variant="default" loading={redrive.isPending} onClick={() => redrive.mutate(undefined)}>
            Try all again
          </Button>
        ) : null}
      </Group>
      <p role="status">{redrivenText(redrive.data, redrive.error)}</p>
      <Loaded query={letters} subject="the dead letters">
        {(data) => (
          <>
            <DataTable
              title={status === 'waiting' ? 'Waiting' : 'Redriven'}
              subtitle={`${formatCount(data.total)} in all`}
              columns={columns}
              rows={data.rows}
              rowKey={(row) => row.deadLetterId}
              nothing="None."
              maxHeight={420}
            />
            <Pager
              page={page}
              pageSize={pageSize}
              total={data.total}
              onChange={(next) => void navigate({ search: (before) => ({ ...before, ...next }) })}
            />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

type Redrive = ReturnType<typeof useRedrive>;

function againColumn(redrive: Redrive): Column<DeadLetterDto> {
  const again = (row: DeadLetterDto) => (
    <Button
      size="compact-xs"
      variant="default"
      disabled={redrive.isPending}
      onClick={() => redrive.mutate([row.deadLetterId])}
    >
      Try again
    </Button>
  );
  return { key: 'again', title: '', sortable: false, value: () => null, cell: again };
}

function redrivenText(done: RedrivenDto | undefined, error: Error | null): string {
  if (error !== null) return toProblem(error).detail;
  if (done === undefined) return '';
  return `Tried again: ${formatCount(done.accepted)} applied, ${formatCount(done.duplicates)} were there already, ${formatCount(done.refused)} still refused.`;
}
