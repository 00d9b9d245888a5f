import { type PolicyChangesDto, policyConditionSchema } from '../../contract.ts';
import { toWords } from '../../format/index.ts';
import { Panel } from '../../layout/index.ts';
import { usePolicyChanges } from '../../queries/policy-changes.ts';
import { Loaded } from '../../states/index.ts';
import { type Column, DataTable } from '../../tables/index.ts';
import { conditionText } from './condition.ts';

type Change = PolicyChangesDto['changes'][number];

/** Of something changed only what differs; of something added or removed all of it. */
function sideText(value: unknown, fields: readonly string[]): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object' || Array.isArray(value)) return Array.isArray(value) ? value.join(', ') : String(value);
  const members = Object.entries(value).filter(([name]) => fields.length === 0 || fields.includes(name));
  return members.map(([name, member]) => `${name}: ${memberText(name, member)}`).join('\n');
}

function memberText(name: string, member: unknown): string {
  const condition = name === 'when' ? policyConditionSchema.safeParse(member) : undefined;
  if (condition?.success) return conditionText(condition.data);
  return typeof member === 'object' ? JSON.stringify(member) : String(member);
}

const side = (text: string) => (
  <span className="mono" style={{ whiteSpace: 'pre-wrap' }}>
    {text}
  </span>
);

const COLUMNS: readonly Column<Change>[] = [
  { key: 'kind', title: 'Change', value: (row) => toWords(row.kind) },
  { key: 'part', title: 'Of', value: (row) => toWords(row.part) },
  { key: 'name', title: 'Name', value: (row) => row.name, cell: (row) => <span className="mono">{row.name}</span> },
  {
    key: 'before',
    title: 'Live now',
    wide: true,
    value: (row) => sideText(row.before, row.fields),
    cell: (row) => side(sideText(row.before, row.fields)),
  },
  {
    key: 'after',
    title: 'In this version',
    wide: true,
    value: (row) => sideText(row.after, row.fields),
    cell: (row) => side(sideText(row.after, row.fields)),
  },
];

export function ChangesTable({ changes, against }: { readonly changes: readonly Change[]; readonly against: string }) {
  return (
    <DataTable
      title={`Against ${against}, which is live`}
      subtitle={changes.length === 1 ? 'One difference' : `${changes.length} differences`}
      columns={COLUMNS}
      rows={changes}
      rowKey={(row) => `${row.part} ${row.name} ${row.kind}`}
      nothing="It says the same."
    />
  );
}

/** What a version changes against the live one. */
export function ChangesPanel({ version, against }: { readonly version: string; readonly against: string }) {
  const changes = usePolicyChanges(version, against);
  return (
    <Loaded query={changes} subject="the differences">
      {(data) => (
        <Panel>
          <ChangesTable changes={data.changes} against={against} />
        </Panel>
      )}
    </Loaded>
  );
}
