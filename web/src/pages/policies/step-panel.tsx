import { Button, Group, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { PolicyDto, PolicyStatusDto } from '../../contract.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { type PolicyStep, usePolicyStep } from '../../queries/policy-step.ts';
import { useSession } from '../../queries/session.ts';
import { ProblemState } from '../../states/index.ts';

const STEPS: Readonly<Record<PolicyStatusDto, readonly PolicyStep[]>> = {
  draft: ['approvePolicy', 'shadowPolicy', 'rejectPolicy'],
  shadow: ['approvePolicy', 'rejectPolicy'],
  live: [],
  retired: ['proposePolicyAgain'],
  rejected: ['proposePolicyAgain'],
};
const LABELS: Readonly<Record<PolicyStep, string>> = {
  approvePolicy: 'Approve and make it live',
  shadowPolicy: 'Try it in shadow',
  rejectPolicy: 'Reject',
  proposePolicyAgain: 'Propose it again',
};

/** The next steps of a version, for those whose role may take them. The reason is kept in the audit log. */
export function StepPanel({ policy }: { readonly policy: PolicyDto }) {
  const { data: session } = useSession();
  const [note, setNote] = useState('');
  const step = usePolicyStep(policy.version);
  const steps = STEPS[policy.status].filter((name) => session?.permissions.includes(name));
  if (steps.length === 0) return null;
  const isOwn = session?.user.username === policy.proposedBy;
  const take = (name: PolicyStep) => step.mutate({ step: name, note: note.trim() }, { onSuccess: () => setNote('') });
  return (
    <Panel title="Next step" note={isOwn ? 'You proposed this version: another person approves it.' : undefined}>
      <Textarea
        size="xs"
        label="Why"
        minRows={2}
        autosize
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group mt="xs">
        {steps.map((name) => (
          <Button
            key={name}
            size="xs"
            variant={name === 'approvePolicy' ? 'filled' : 'default'}
            disabled={note.trim() === '' || (name === 'approvePolicy' && isOwn)}
            loading={step.isPending && step.variables?.step === name}
            onClick={() => take(name)}
          >
            {LABELS[name]}
          </Button>
        ))}
      </Group>
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}
