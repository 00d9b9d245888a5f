import { Button, Group, Select, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { PortfolioInfo } from '../../contract.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { usePersonStep } from '../../queries/person.ts';
import { usePortfolio } from '../../queries/portfolio.ts';
import { useMay } from '../../session/use-may.ts';
import { ProblemState } from '../../states/index.ts';

type Field = PortfolioInfo['applicationFields'][number];

/** As the API takes it: numbers and truth values are not texts; what is no number is sent as written, and refused by name. */
export function correctedValue({ type }: Pick<Field, 'type'>, text: string): number | string | boolean | null {
  const written = text.trim();
  if (written === '') return null;
  if (type === 'boolean') return written === 'true' || (written === 'false' ? false : written);
  const isNumber = ['integer', 'money', 'number'].includes(type) && Number.isFinite(Number(written));
  return isNumber ? Number(written) : written;
}

/** One wrong value put right; the application is decided anew, and the two decisions are linked. */
export function CorrectPanel({ borrowerId }: { readonly borrowerId: string }) {
  const [decisionId, setDecisionId] = useState('');
  const [name, setName] = useState<string | null>(null);
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const fields = usePortfolio().data?.applicationFields.filter((field) => field.in === 'attributes') ?? [];
  const step = usePersonStep(borrowerId);
  const field = fields.find((one) => one.name === name);
  if (!useMay('correctPerson')) return null;
  const correct = (chosen: Field) => {
    const attributes = { [chosen.name]: correctedValue(chosen, value) };
    step.mutate({ kind: 'correctPerson', decisionId: decisionId.trim(), attributes, reason: reason.trim() });
  };
  return (
    <Panel title="Correct and decide anew" note="The earlier decision stays as it is; the audit log links the two.">
      <Group align="flex-end">
        <TextInput
          size="xs"
          label="Decision"
          value={decisionId}
          onChange={(e) => setDecisionId(e.currentTarget.value)}
        />
        <Select
          size="xs"
          label="Field"
          searchable
          data={fields.map((one) => one.name)}
          value={name}
          onChange={setName}
        />
        <TextInput size="xs" label="Corrected value" value={value} onChange={(e) => setValue(e.currentTarget.value)} />
      </Group>
      <Textarea
        size="xs"
        mt="xs"
        label="Why it is corrected"
        maxLength={2000}
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
      <Button
        size="xs"
        mt="xs"
        disabled={!field || decisionId.trim() === '' || reason.trim().length < 10}
        loading={step.isPending}
        onClick={() => field && correct(field)}
      >
        Correct
      </Button>
      {step.isSuccess ? <output>{step.data}</output> : null}
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}
