import { Button, Group, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { PersonStatusDto } from '../../contract.ts';
import { download } from '../../export/download.ts';
import { formatCount } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Facts, Page, Panel } from '../../layout/index.ts';
import { usePerson, usePersonCopy } from '../../queries/person.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded, ProblemState } from '../../states/index.ts';
import { ConsentsPanel } from './consents-panel.tsx';
import { CorrectPanel } from './correct-panel.tsx';
import { GrantPanel } from './grant-panel.tsx';
import { RightsPanel } from './rights-panel.tsx';

/** The reference is kept in the page and nowhere else: neither the address nor the browser's history names a person. */
export function PersonsPage() {
  const [typed, setTyped] = useState('');
  const [borrowerId, setBorrowerId] = useState('');
  const find = (event: FormEvent) => {
    event.preventDefault();
    setBorrowerId(typed.trim());
  };
  return (
    <Page
      title="Persons"
      lead="What is kept of a person and until when, what they agreed to, and what they may ask for. Every step is entered in the audit log, under a pseudonym."
    >
      <Panel title="Find">
        <form onSubmit={find}>
          <Group align="flex-end">
            <TextInput
              size="xs"
              label="Borrower reference"
              autoComplete="off"
              maxLength={200}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <Button size="xs" type="submit" disabled={typed.trim() === ''}>
              Find
            </Button>
          </Group>
        </form>
      </Panel>
      {borrowerId === '' ? (
        <EmptyState title="No person chosen">Enter the reference that the book has of the borrower.</EmptyState>
      ) : (
        <Person key={borrowerId} borrowerId={borrowerId} />
      )}
    </Page>
  );
}

function Person({ borrowerId }: { readonly borrowerId: string }) {
  const person = usePerson(borrowerId);
  return (
    <Loaded query={person} subject="what is kept of this person">
      {(data) => (
        <>
          <Panel title="What is kept">
            <Facts facts={factsOf(data)} />
            <CopyButton borrowerId={borrowerId} />
          </Panel>
          <ConsentsPanel borrowerId={borrowerId} />
          <GrantPanel borrowerId={borrowerId} />
          <CorrectPanel borrowerId={borrowerId} />
          <RightsPanel borrowerId={borrowerId} hold={data.hold} />
        </>
      )}
    </Loaded>
  );
}

function factsOf({
  person,
  decisions,
  erasedDecisions,
  hold,
  keptUntil,
}: PersonStatusDto): (readonly [string, string])[] {
  return [
    ['Pseudonym', person],
    ['Decisions', formatCount(decisions)],
    ['Of these erased', formatCount(erasedDecisions)],
    ['Legal hold', hold ? `since ${hold.placedAt.slice(0, 10)} by ${hold.placedBy}: ${hold.reason}` : 'none'],
    [
      'Kept at least until',
      keptUntil ? `${keptUntil.day} (${keptUntil.rule}; ${keptUntil.source})` : 'no rule says so',
    ],
  ];
}

/** A copy of everything, as a file for the person. Its name holds the pseudonym. */
function CopyButton({ borrowerId }: { readonly borrowerId: string }) {
  const copy = usePersonCopy(borrowerId);
  if (!useMay('exportPerson')) return null;
  const save = () =>
    copy.mutate(undefined, {
      onSuccess: (data) => download(`person-${data.person}.json`, JSON.stringify(data, null, 2), 'application/json'),
    });
  return (
    <>
      <Button size="xs" mt="sm" variant="default" loading={copy.isPending} onClick={save}>
        Copy of everything
      </Button>
      {copy.isError ? <ProblemState problem={toProblem(copy.error)} /> : null}
    </>
  );
}
