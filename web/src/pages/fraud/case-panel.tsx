import { Button, Group, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { type FraudQueueDto, fraudVerdictSchema } from '../../contract.ts';
import { formatDecimal } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { LinkAnchor, Panel } from '../../layout/index.ts';
import { type FraudStep, useFraudStep } from '../../queries/fraud-step.ts';
import { useSession } from '../../queries/session.ts';
import { ProblemState } from '../../states/index.ts';
import { caseText, VERDICTS } from './verdicts.ts';

type Row = FraudQueueDto['rows'][number];
const MIN_NOTE_CHARS = 10;

/** One suspicious application: what was seen, who has it, and what they found. */
export function CasePanel({ row }: { readonly row: Row }) {
  const { data: session } = useSession();
  const step = useFraudStep(row.applicationId);
  const may = session?.permissions.includes('decideFraudCase') ?? false;
  return (
    <Panel title={`Case ${row.applicationId}`}>
      <ul>
        {row.signals.map(({ id, text, value }) => (
          <li key={id}>
            {text} ({formatDecimal(value, 1)})
          </li>
        ))}
      </ul>
      <p>
        {caseText(row.case)}{' '}
        <LinkAnchor to="/applicants/$applicationId" params={{ applicationId: row.applicationId }} size="sm">
          The application
        </LinkAnchor>
      </p>
      {row.case?.note ? <p className="muted">{row.case.note}</p> : null}
      {may ? (
        <Part row={row} user={session?.user.username ?? ''} busy={step.isPending} take={(next) => step.mutate(next)} />
      ) : (
        <p className="muted">Your role looks on.</p>
      )}
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}

type PartProps = {
  readonly row: Row;
  readonly user: string;
  readonly busy: boolean;
  readonly take: (step: FraudStep) => void;
};

function Part({ row, user, busy, take }: PartProps) {
  const found = row.case;
  if (found?.status === 'claimed' && found.claimedBy === user) return <Answer busy={busy} take={take} />;
  if (found?.status === 'claimed') return null;
  if (found?.status === 'decided' && found.verdict !== 'unsure') return null;
  return (
    <Button size="xs" loading={busy} onClick={() => take({ kind: 'claim' })}>
      {found?.verdict === 'unsure' ? 'Take it up again' : 'Take this case'}
    </Button>
  );
}

function Answer({ busy, take }: Pick<PartProps, 'busy' | 'take'>) {
  const [verdict, setVerdict] = useState<keyof typeof VERDICTS>('unsure');
  const [note, setNote] = useState('');
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="What was found"
        data={Object.entries(VERDICTS).map(([value, label]) => ({ value, label }))}
        value={verdict}
        onChange={(value) => setVerdict(fraudVerdictSchema.parse(value))}
      />
      <Textarea
        size="xs"
        label="Why"
        description="What was asked, of whom, and what came out; kept under the person’s own key."
        minRows={3}
        autosize
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Group gap="xs" mt="xs">
        <Button
          size="xs"
          disabled={note.trim().length < MIN_NOTE_CHARS}
          loading={busy}
          onClick={() => take({ kind: 'decide', verdict, note })}
        >
          Settle
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => take({ kind: 'release' })}>
          Give it back
        </Button>
      </Group>
    </>
  );
}
