import type { AuditEntriesDto, AuditStatusDto } from '../../contract.ts';
import { formatTime, toWords } from '../../format/index.ts';
import type { Column } from '../../tables/index.ts';

type Entry = AuditEntriesDto['rows'][number];
type Checkpoint = AuditStatusDto['latest'][number];

const KINDS = [
  'model_registered',
  'model_approved',
  'model_promoted',
  'model_retired',
  'model_rejected',
  'policy_proposed',
  'policy_shadow',
  'policy_live',
  'policy_retired',
  'policy_rejected',
  'review_opened',
  'review_claimed',
  'review_released',
  'review_expired',
  'review_answered',
  'review_decided',
  'review_returned',
  'person_exported',
  'person_corrected',
  'person_erased',
  'consent_granted',
  'consent_revoked',
  'master_rotated',
  'hold_placed',
  'hold_lifted',
];
export const ENTRY_KINDS = KINDS.map((value) => ({ value, label: toWords(value) }));

const hash = (text: string) => (
  <span className="mono" title={text}>
    {text.slice(0, 16)}…
  </span>
);

export const checkpointColumns: readonly Column<Checkpoint>[] = [
  { key: 'number', title: 'Number', align: 'right', value: (row) => row.number },
  {
    key: 'at',
    title: 'Signed',
    value: (row) => row.at,
    cell: (row) => <span className="nowrap">{formatTime(row.at)}</span>,
  },
  { key: 'decisions', title: 'Decisions', align: 'right', value: (row) => row.sizes['decisions'] ?? 0 },
  { key: 'log', title: 'Entries', align: 'right', value: (row) => row.sizes['log'] ?? 0 },
  { key: 'hash', title: 'Hash', value: (row) => row.hash, cell: (row) => hash(row.hash) },
  { key: 'keyId', title: 'Key', value: (row) => row.keyId, cell: (row) => <span className="mono">{row.keyId}</span> },
];

/** What an entry says beside who and what: names and values in a line. */
function dataText(row: Entry): string {
  return Object.entries(row.data)
    .filter(([name, value]) => value !== null && !/Hash$/.test(name))
    .map(
      ([name, value]) =>
        `${toWords(name).toLowerCase()}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    )
    .join('; ');
}

export const entryColumns: readonly Column<Entry>[] = [
  { key: 'sequence', title: 'No.', align: 'right', sortable: false, value: (row) => row.sequence },
  {
    key: 'at',
    title: 'When',
    sortable: false,
    value: (row) => row.at,
    cell: (row) => <span className="nowrap">{formatTime(row.at)}</span>,
  },
  {
    key: 'kind',
    title: 'What',
    sortable: false,
    value: (row) => row.kind,
    cell: (row) => <span className="nowrap">{toWords(row.kind)}</span>,
  },
  { key: 'subject', title: 'About', sortable: false, value: (row) => row.subject },
  { key: 'actor', title: 'Who', sortable: false, value: (row) => row.actor },
  { key: 'data', title: 'Details', wide: true, sortable: false, value: dataText },
  { key: 'hash', title: 'Hash', sortable: false, value: (row) => row.hash, cell: (row) => hash(row.hash) },
];
