import { Button } from '@mantine/core';
import type { ConsentDto } from '../../contract.ts';
import { formatTime, toWords } from '../../format/index.ts';
import { toProblem } from '../../http/problem-error.ts';
import { Panel } from '../../layout/index.ts';
import { useConsents, usePersonStep } from '../../queries/person.ts';
import { useMay } from '../../session/use-may.ts';
import { Loaded, ProblemState } from '../../states/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';

const COLUMNS: readonly Column<ConsentDto>[] = [
  { key: 'purpose', title: 'For', value: (row) => toWords(row.purpose) },
  { key: 'platform', title: 'Platform', value: (row) => row.platform },
  { key: 'scope', title: 'What', wide: true, value: (row) => row.scope.map(toWords).join(', ') },
  { key: 'grantedAt', title: 'Given', value: (row) => row.grantedAt, cell: (row) => formatTime(row.grantedAt) },
  { key: 'expiresAt', title: 'Until', value: (row) => row.expiresAt, cell: (row) => formatTime(row.expiresAt) },
  { key: 'textVersion', title: 'Text', value: (row) => row.textVersion },
  { key: 'state', title: 'State', value: (row) => stateOf(row) },
];

const stateOf = ({ isLive, revokedAt }: ConsentDto): string => {
  if (isLive) return 'live';
  return revokedAt === null ? 'ended' : 'taken back';
};

/** What the person agreed to. A consent that is taken back is used for nothing from the next decision on. */
export function ConsentsPanel({ borrowerId }: { readonly borrowerId: string }) {
  const consents = useConsents(borrowerId);
  const step = usePersonStep(borrowerId);
  const may = useMay('revokeConsent');
  const revoke = (row: ConsentDto) => (
    <Button
      size="compact-xs"
      variant="default"
      disabled={!may || row.revokedAt !== null}
      loading={step.isPending}
      onClick={() => step.mutate({ kind: 'revokeConsent', consentId: row.consentId })}
    >
      Take back
    </Button>
  );
  const action: Column<ConsentDto> = { key: 'revoke', title: '', sortable: false, value: () => '', cell: revoke };
  return (
    <Panel>
      <Loaded query={consents} subject="the consents of this person">
        {({ rows }) => (
          <DataTable
            title="Consents"
            columns={[...COLUMNS, action]}
            rows={rows}
            rowKey={(row) => row.consentId}
            nothing="This person agreed to nothing beyond the application itself."
          />
        )}
      </Loaded>
      {step.isError ? <ProblemState problem={toProblem(step.error)} /> : null}
    </Panel>
  );
}
