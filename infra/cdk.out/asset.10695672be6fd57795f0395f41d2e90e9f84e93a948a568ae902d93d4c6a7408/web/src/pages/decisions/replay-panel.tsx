import { Alert, Button } from '@mantine/core';
import type { Replay } from '../../contract.ts';
import { formatCount } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { useReplay } from '../../queries/replay.ts';
import { ProblemState } from '../../states/index.ts';
import { DataTable } from '../../tables/index.ts';

/** Recomputes the decision from its record and says whether every bit is the same. */
export function ReplayPanel({ decisionId }: { readonly decisionId: string }) {
  const replay = useReplay(decisionId);
  return (
    <Panel title="Replay">
      <p>Recompute the decision from its record, with the model and the credit policy of that time.</p>
      <Button size="xs" variant="default" loading={replay.isPending} onClick={() => replay.mutate()}>
        Replay
      </Button>
      {replay.isError ? <ProblemState problem={toProblem(replay.error)} /> : null}
      {replay.data === undefined ? null : <Verdict replay={replay.data} />}
    </Panel>
  );
}

function Verdict({ replay }: { readonly replay: Replay }) {
  const good = replay.identical && replay.recordHashValid;
  return (
    <>
      <Alert
        mt="sm"
        variant="light"
        color={good ? 'teal' : 'red'}
        role="status"
        title={good ? 'Identical, bit for bit' : 'Not identical'}
      >
        {formatCount(replay.compared)} values compared. The hash of the record is{' '}
        {replay.recordHashValid ? 'valid' : 'not valid: the record was changed after it was written'}.
      </Alert>
      {replay.differences.length === 0 ? null : (
        <DataTable
          title="Differences"
          columns={[
            { key: 'field', title: 'Field', value: (row) => row.field },
            { key: 'recorded', title: 'Recorded', value: (row) => row.recorded },
            { key: 'recomputed', title: 'Recomputed', value: (row) => row.recomputed },
          ]}
          rows={replay.differences}
          rowKey={(row) => row.field}
        />
      )}
    </>
  );
}
