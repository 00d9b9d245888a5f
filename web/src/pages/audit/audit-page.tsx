import { Alert, Box, Select, TextInput } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { AuditStatusDto } from '../../contract.ts';
import { formatCount, formatTime } from '../../format/index.ts';
import { Page, Panel, Row, Tile, Tiles } from '../../layout/index.ts';
import { useAudit } from '../../queries/audit.ts';
import { useAuditEntries } from '../../queries/audit-entries.ts';
import { useMay } from '../../session/use-may.ts';
import { EmptyState, Loaded } from '../../states/index.ts';
import { DataTable, Pager } from '../../tables/index.ts';
import { checkpointColumns, ENTRY_KINDS, entryColumns } from './columns.tsx';

const PAGE_SIZE = 25;

/** How much of the record is signed, and who did what. */
export function AuditPage() {
  const audit = useAudit();
  return (
    <Page
      title="Audit"
      lead="Decisions and everything done around them, each chained to the one before. Checkpoints are signed and lie outside the database."
    >
      <Loaded query={audit} subject="the audit record">
        {(status) => (
          <>
            <Problems status={status} />
            <StatusTiles status={status} />
            <Checkpoints status={status} />
          </>
        )}
      </Loaded>
      <Entries />
    </Page>
  );
}

function Problems({ status }: { readonly status: AuditStatusDto }) {
  if (status.problems.length === 0) return null;
  return (
    <Alert color="red" variant="light" title="The checkpoint file is not what was written">
      {status.problems.join('; ')}. Run “assay audit verify”: it says what was changed.
    </Alert>
  );
}

function StatusTiles({ status }: { readonly status: AuditStatusDto }) {
  const last = status.latest[0];
  return (
    <Tiles>
      {status.registers.map(({ register, records, checkpointed }) => (
        <Tile
          key={register}
          dataKey={`records-${register}`}
          title={register === 'log' ? 'Entries of the log' : 'Decisions'}
          value={formatCount(records)}
          note={
            checkpointed >= records
              ? 'all under a signed checkpoint'
              : `${formatCount(records - checkpointed)} not signed yet`
          }
          definition="Records of this register. A checkpoint is signed at least once a minute while there is anything new."
        />
      ))}
      <Tile
        title="Checkpoints"
        value={formatCount(status.checkpoints)}
        note={last && `the last ${formatTime(last.at)}`}
      />
      <Tile
        title="Verify"
        value={<span className="mono">assay audit verify</span>}
        note="This page shows; the command checks"
        definition="The command reads rows and files by itself, recomputes every hash and root, and names the record that was changed. It believes neither this server nor the database."
      />
    </Tiles>
  );
}

function Checkpoints({ status }: { readonly status: AuditStatusDto }) {
  if (status.latest.length === 0) {
    return (
      <EmptyState title="No checkpoint yet">
        The first is signed within a minute of the first record, or by “assay audit checkpoint”.
      </EmptyState>
    );
  }
  return (
    <Panel>
      <DataTable
        title="Latest checkpoints"
        subtitle="Each holds the hash of the one before; keep copies of the file where nobody who runs this system can write"
        columns={checkpointColumns}
        rows={status.latest}
        rowKey={(row) => String(row.number)}
        maxHeight={280}
      />
    </Panel>
  );
}

function Entries() {
  return useMay('listAuditEntries') ? <Log /> : null;
}

function Log() {
  const search = useSearch({ from: '/app/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const { page = 1, pageSize = PAGE_SIZE, kind, subject } = search;
  const entries = useAuditEntries({ page, pageSize: Math.min(pageSize, 200), kind, subject });
  const change = (next: Partial<typeof search>) =>
    void navigate({ search: (previous) => ({ ...previous, page: 1, ...next }) });
  return (
    <Panel>
      <Row columns={2}>
        <Select
          size="xs"
          label="Kind"
          placeholder="Every kind"
          clearable
          searchable
          data={ENTRY_KINDS}
          value={kind ?? null}
          onChange={(value) => change({ kind: value ?? undefined })}
        />
        <TextInput
          size="xs"
          label="About (version, case or pseudonym, exactly)"
          defaultValue={subject ?? ''}
          maxLength={200}
          onBlur={(event) => change({ subject: event.currentTarget.value.trim() || undefined })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') change({ subject: event.currentTarget.value.trim() || undefined });
          }}
        />
      </Row>
      <Loaded query={entries} subject="the audit log">
        {(data) => (
          <Box mt="md">
            <DataTable
              title="Audit log"
              subtitle={`${formatCount(data.total)} entries, newest first`}
              columns={entryColumns}
              rows={data.rows}
              rowKey={(row) => String(row.sequence)}
              fading={entries.isPlaceholderData}
              nothing="No entry is like that."
            />
            <Pager page={page} pageSize={pageSize} total={data.total} onChange={(next) => change(next)} />
          </Box>
        )}
      </Loaded>
    </Panel>
  );
}
