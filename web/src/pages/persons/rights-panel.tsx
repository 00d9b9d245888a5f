import { Button, Checkbox, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { PersonStatusDto } from '../../contract.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { usePersonStep } from '../../queries/person.ts';
import { useSession } from '../../queries/session.ts';
import { ProblemState } from '../../states/index.ts';

const LABELS = { holdPerson: 'Place a legal hold', liftHold: 'Lift the legal hold', erasePerson: 'Erase this person' };
type Step = keyof typeof LABELS;
const MIN_REASON = 10;

/** Legal hold and erasure, for those whose role may; the server refuses what a hold or a rule forbids, and says which. */
export function RightsPanel({
  borrowerId,
  hold,
}: {
  readonly borrowerId: string;
  readonly hold: PersonStatusDto['hold'];
}) {
  const { data: session } = useSession();
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const step = usePersonStep(borrowerId);
  const offered: readonly Step[] = [hold ? 'liftHold' : 'holdPerson', 'erasePerson'];
  const steps = offered.filter((name) => session?.permissions.includes(name));
  if (steps.length === 0) return null;
  return (
    <Panel title="Hold and erasure" note="An erasure cannot be undone: the key of the person is destroyed.">
      <Textarea
        size="xs"
        label="Why"
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {steps.includes('erasePerson') ? (
        <Checkbox
          size="xs"
          mt="xs"
          label="I checked who asks, and that this is the person"
          checked={isSure}
          onChange={(event) => setSure(event.currentTarget.checked)}
        />
      ) : null}
      <Group mt="xs">
        {steps.map((name) => (
          <Button
            key={name}
            size="xs"
            color={name === 'erasePerson' ? 'red' : undefined}
            variant={name === 'erasePerson' ? 'filled' : 'default'}
            disabled={reason.trim().length < MIN_REASON || (name === 'erasePerson' && !isSure)}
            loading={step.isPending}
            onClick={() => step.mutate({ kind: name, reason: reason.trim() })}
          >
            {LABELS[name]}
          </Button>
        ))}
      </Group>
      {step.isSuccess ? <output>{step.data}</output> : null}
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}
