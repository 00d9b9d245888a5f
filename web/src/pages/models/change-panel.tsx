import { Button, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Model } from '../../contract.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { type ModelChange, useModelChange } from '../../queries/model-change.ts';
import { useMay } from '../../session/use-may.ts';
import { ProblemState } from '../../states/index.ts';

const CHANGES = {
  candidate: { kind: 'approve', operation: 'approveModel', label: 'Approve', hint: 'Why may this version be used?' },
  approved: {
    kind: 'promote',
    operation: 'promoteModel',
    label: 'Make it the champion',
    hint: 'Why does it replace the champion?',
  },
} as const satisfies Record<string, { kind: ModelChange['kind']; operation: string; label: string; hint: string }>;

/** The next step in the life of a version, for those whose role may take it. The reason is kept in the history. */
export function ChangePanel({ model }: { readonly model: Model }) {
  const may = {
    approveModel: useMay('approveModel'),
    promoteModel: useMay('promoteModel'),
    rejectModel: useMay('rejectModel'),
  };
  const [note, setNote] = useState('');
  const change = useModelChange(model.modelVersion);
  if (model.status !== 'candidate' && model.status !== 'approved') return null;
  const step = CHANGES[model.status];
  if (!may[step.operation] && !may.rejectModel) return null;
  const submit = (kind: ModelChange['kind']) =>
    change.mutate({ kind, note: note.trim() }, { onSuccess: () => setNote('') });
  const isEmpty = note.trim() === '';
  return (
    <Panel title={may[step.operation] ? step.label : 'Reject'}>
      <Textarea
        size="xs"
        label={may[step.operation] ? step.hint : 'Why may this version not be used?'}
        minRows={2}
        autosize
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group mt="xs">
        {may[step.operation] ? (
          <Button size="xs" disabled={isEmpty} loading={change.isPending} onClick={() => submit(step.kind)}>
            {step.label}
          </Button>
        ) : null}
        {may.rejectModel ? (
          <Button
            size="xs"
            variant="default"
            disabled={isEmpty}
            loading={change.isPending}
            onClick={() => submit('reject')}
          >
            Reject
          </Button>
        ) : null}
      </Group>
      {change.isError ? <ProblemState problem={toProblem(change.error)} /> : null}
    </Panel>
  );
}
