import { Alert, Button, Group, JsonInput, Textarea } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { PolicyDto } from '../../contract.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Page, Panel } from '../../layout/index.ts';
import { usePolicies } from '../../queries/policies.ts';
import { usePolicy } from '../../queries/policy.ts';
import { type PolicyProposal, useCheckPolicy, useProposePolicy } from '../../queries/propose-policy.ts';
import { Loaded, ProblemState } from '../../states/index.ts';
import { CasesTable } from './cases-table.tsx';
import { ChangesTable } from './changes-panel.tsx';

/** A new version, begun from the live one: written, tried on its cases, proposed. */
export function ProposePage() {
  const { data } = usePolicies();
  const live = usePolicy(data?.live ?? undefined);
  return (
    <Page
      title="Propose a version"
      lead="Begin from the live policy; change rules, limits, prices and the cases that must hold. Nothing decides by it until a second person approves."
    >
      <Loaded query={live} subject="the live policy">
        {(policy) => <Editor live={policy} />}
      </Loaded>
    </Page>
  );
}

const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

function startOf({ policy }: PolicyDto): string {
  return pretty({ ...policy, status: 'draft', version: `${policy.version.replace(/\+.*$/, '')}-next` });
}

const casesOf = ({ caseResults }: PolicyDto): string =>
  pretty(caseResults.map(({ name, facts, expected }) => ({ name, facts, expected })));

function parse(policy: string, cases: string): PolicyProposal | string {
  try {
    return { policy: JSON.parse(policy), cases: JSON.parse(cases) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function Editor({ live }: { readonly live: PolicyDto }) {
  const [policy, setPolicy] = useState(() => startOf(live));
  const [cases, setCases] = useState(() => casesOf(live));
  const check = useCheckPolicy();
  const proposal = parse(policy, cases);
  const text = { autosize: true, size: 'xs', ff: 'monospace' } as const;
  return (
    <>
      <Panel title="Policy">
        <JsonInput
          {...text}
          aria-label="Policy as JSON"
          value={policy}
          onChange={setPolicy}
          minRows={12}
          maxRows={28}
        />
      </Panel>
      <Panel title="Cases" note="Each: a name, the facts, and the outcome and rules expected of them.">
        <JsonInput {...text} aria-label="Cases as JSON" value={cases} onChange={setCases} minRows={6} maxRows={20} />
      </Panel>
      <SendPanel proposal={proposal} check={check} />
      {check.data === undefined ? null : (
        <>
          <Panel>
            <ChangesTable changes={check.data.changes} against={live.version} />
          </Panel>
          <Panel>
            <CasesTable cases={check.data.caseResults} rulesWithoutCase={check.data.rulesWithoutCase} />
          </Panel>
        </>
      )}
    </>
  );
}

type SendProps = {
  /** What is to be sent, or why the text is none. */
  readonly proposal: PolicyProposal | string;
  readonly check: ReturnType<typeof useCheckPolicy>;
};

function SendPanel({ proposal, check }: SendProps) {
  const [note, setNote] = useState('');
  const propose = useProposePolicy();
  const navigate = useNavigate();
  const failed = check.error ?? propose.error;
  const ready = typeof proposal === 'string' ? null : proposal;
  const send = (sent: PolicyProposal) =>
    propose.mutate(
      { ...sent, note: note.trim() },
      { onSuccess: ({ version }) => void navigate({ to: '/policies/$version', params: { version } }) },
    );
  return (
    <Panel title="Propose">
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
        <Button
          size="xs"
          variant="default"
          disabled={ready === null}
          loading={check.isPending}
          onClick={() => ready && check.mutate(ready)}
        >
          Try it on its cases
        </Button>
        <Button
          size="xs"
          disabled={ready === null || note.trim() === ''}
          loading={propose.isPending}
          onClick={() => ready && send(ready)}
        >
          Propose
        </Button>
      </Group>
      {typeof proposal === 'string' ? (
        <Alert mt="sm" color="red" variant="light" title="This is not JSON">
          {proposal}
        </Alert>
      ) : null}
      {failed === null ? null : <ProblemState problem={toProblem(failed)} />}
    </Panel>
  );
}
