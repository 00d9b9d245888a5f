import { Button, Checkbox, Group, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ConsentGrant } from '../../contract.ts';
import { toWords } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { useConsents, usePersonStep } from '../../queries/person.ts';
import { useMay } from '../../session/use-may.ts';
import { ProblemState } from '../../states/index.ts';

const PURPOSES: readonly ConsentGrant['purpose'][] = ['credit_decision', 'model_development'];
const EMPTY: ConsentGrant = {
  purpose: 'credit_decision',
  platform: '',
  scope: [],
  days: 90,
  textVersion: '',
  text: '',
  evidence: '',
};

const isWhole = ({ platform, scope, days, textVersion, text, evidence }: ConsentGrant): boolean =>
  scope.length > 0 && days >= 1 && [platform, textVersion, text, evidence].every((value) => value.trim() !== '');

/** A consent as the person gave it, with the text they saw. The server refuses what no consent can cover, and says which. */
export function GrantPanel({ borrowerId }: { readonly borrowerId: string }) {
  const [grant, setGrant] = useState(EMPTY);
  const step = usePersonStep(borrowerId);
  if (!useMay('grantConsent')) return null;
  const change = (part: Partial<ConsentGrant>) => setGrant({ ...grant, ...part });
  return (
    <Panel
      title="Keep a consent"
      note="Never more than the borrower's own account; the text is kept whole, and one version is one text."
    >
      <TermsFields grant={grant} change={change} />
      <ScopeField borrowerId={borrowerId} grant={grant} change={change} />
      <TextFields grant={grant} change={change} />
      <Button
        size="xs"
        mt="xs"
        disabled={!isWhole(grant)}
        loading={step.isPending}
        onClick={() => step.mutate({ kind: 'grantConsent', grant }, { onSuccess: () => setGrant(EMPTY) })}
      >
        Keep this consent
      </Button>
      {step.isSuccess ? <output>{step.data}</output> : null}
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}

type FieldsProps = { readonly grant: ConsentGrant; readonly change: (part: Partial<ConsentGrant>) => void };

function TermsFields({ grant, change }: FieldsProps) {
  return (
    <Group align="flex-end">
      <Select
        size="xs"
        label="Purpose"
        allowDeselect={false}
        data={PURPOSES.map((value) => ({ value, label: toWords(value) }))}
        value={grant.purpose}
        onChange={(value) => change({ purpose: PURPOSES.find((purpose) => purpose === value) ?? grant.purpose })}
      />
      <TextInput
        size="xs"
        label="Platform"
        maxLength={40}
        value={grant.platform}
        onChange={(event) => change({ platform: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        type="number"
        label="Days it holds"
        min={1}
        max={365}
        value={grant.days === 0 ? '' : grant.days}
        onChange={(event) => change({ days: Math.trunc(Number(event.currentTarget.value)) })}
      />
      <TextInput
        size="xs"
        label="Version of the text"
        maxLength={100}
        value={grant.textVersion}
        onChange={(event) => change({ textVersion: event.currentTarget.value })}
      />
    </Group>
  );
}

function ScopeField({ borrowerId, grant, change }: FieldsProps & { readonly borrowerId: string }) {
  const attributes = useConsents(borrowerId).data?.attributes ?? [];
  return (
    <Checkbox.Group
      size="xs"
      mt="xs"
      label="What may be asked for"
      value={[...grant.scope]}
      onChange={(scope) => change({ scope })}
    >
      <Group mt={4}>
        {attributes.map(({ name, description }) => (
          <Checkbox key={name} size="xs" value={name} label={description} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

function TextFields({ grant, change }: FieldsProps) {
  return (
    <>
      <Textarea
        size="xs"
        mt="xs"
        label="The text as it was shown"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={20_000}
        value={grant.text}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
      <TextInput
        size="xs"
        mt="xs"
        label="How it was given"
        placeholder="signed form, with its number"
        maxLength={2000}
        value={grant.evidence}
        onChange={(event) => change({ evidence: event.currentTarget.value })}
      />
    </>
  );
}
