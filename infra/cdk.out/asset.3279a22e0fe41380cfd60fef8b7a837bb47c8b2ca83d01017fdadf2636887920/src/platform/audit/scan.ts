import { sha256Hex } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import { HASH_BYTES, leafHash } from './merkle.ts';
import { type AuditRegister, GENESIS_HASH, recordHash } from './register.ts';

/**
 * What is wrong, and where. `edited`: a record is not what was written; `moved`: it is another record's; `missing`, `inserted`;
 * `unlinked`: it does not follow the one before it; `truncated`: the end is gone; `checkpoint`: the files outside the database.
 */
export type FindingKind = 'edited' | 'moved' | 'missing' | 'inserted' | 'unlinked' | 'truncated' | 'checkpoint';

export type AuditFinding = {
  readonly kind: FindingKind;
  /** Register, or the file at fault. */
  readonly where: string;
  /** Record, or line of the file; `last` when it is a range. */
  readonly sequence: number;
  readonly last?: number;
  readonly id?: string;
  readonly what: string;
};

export type ScanRange = { readonly first: number; readonly last: number };

export type ScannedRange = ScanRange & {
  /** Leaf hash and chain hash of each record of the range, 32 bytes each; zeros where there is none. */
  readonly leaves: Uint8Array;
  readonly hashes: Uint8Array;
  readonly findings: readonly AuditFinding[];
  readonly rows: number;
  /** Texts kept under their hash elsewhere that these records refer to. */
  readonly references: readonly string[];
};

type Row = {
  readonly sequence: number;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly response?: string;
} & Readonly<Record<string, unknown>>;

/** Reads the records of a range, and the one before it, and recomputes everything that can be recomputed from them alone. */
export async function scanRange(
  database: Database,
  register: AuditRegister,
  portfolio: string,
  range: ScanRange,
): Promise<ScannedRange> {
  const rows = await database.prepared<Row>(`scan_${register.name}`, selectOf(register), [
    portfolio,
    range.first - 1,
    range.last,
  ]);
  return scanRows(register, range, rows);
}

function selectOf(register: AuditRegister): string {
  const columns = register.columns.map(({ column, kind }) =>
    kind === 'time' ? `(${column} AT TIME ZONE 'UTC')::text AS ${column}` : column,
  );
  const response = register.hasResponse ? ['response'] : [];
  const names = ['sequence', 'body', 'previous_hash', 'hash', ...response, ...columns].join(', ');
  return `SELECT ${names} FROM ${register.table} WHERE portfolio = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence`;
}

/** Rows in order, that before the range first where there is one. */
export function scanRows(register: AuditRegister, range: ScanRange, rows: readonly Row[]): ScannedRange {
  const count = range.last - range.first + 1;
  const [leaves, hashes] = [Buffer.alloc(count * HASH_BYTES), Buffer.alloc(count * HASH_BYTES)];
  const findings: AuditFinding[] = [];
  const references = new Set<string>();
  // that the record before the range is gone is for the range before to say
  let before: Before = { sequence: range.first - 1, hash: range.first === 1 ? GENESIS_HASH : undefined };
  let scanned = 0;
  for (const row of rows) {
    if (row.sequence < range.first) {
      before = row;
      continue;
    }
    findings.push(...placeFindings(register, row, before), ...recordFindings(register, row));
    const place = (row.sequence - range.first) * HASH_BYTES;
    leaves.set(leafHash(Buffer.from(row.body)), place);
    hashes.set(Buffer.from(row.hash, 'hex').subarray(0, HASH_BYTES), place);
    if (register.referenceColumn !== undefined) references.add(String(row[register.referenceColumn]));
    before = row;
    scanned += 1;
  }
  if (before.sequence < range.last) findings.push(missing(register, before.sequence + 1, range.last));
  return { ...range, leaves, hashes, findings, rows: scanned, references: [...references] };
}

type Before = { readonly sequence: number; readonly hash: string | undefined };

function placeFindings(register: AuditRegister, row: Row, before: Before): readonly AuditFinding[] {
  const where = register.name;
  const at = { where, sequence: row.sequence, id: idOf(register, row) };
  if (row.sequence === before.sequence) return [{ ...at, kind: 'inserted', what: 'a second record of this number' }];
  if (row.sequence > before.sequence + 1) return [missing(register, before.sequence + 1, row.sequence - 1)];
  if (before.hash === undefined || row.previous_hash === before.hash) return [];
  const what = `does not hold the hash of record ${before.sequence}: one of the two was replaced`;
  return [{ ...at, kind: 'unlinked', what }];
}

const missing = ({ name: where }: AuditRegister, sequence: number, last: number): AuditFinding => ({
  kind: 'missing',
  where,
  sequence,
  ...(last > sequence && { last }),
  what: last > sequence ? `${last - sequence + 1} records are gone` : 'the record is gone',
});

const idOf = (register: AuditRegister, row: Row): string => String(row[register.idColumn]);

function recordFindings(register: AuditRegister, row: Row): readonly AuditFinding[] {
  const at = { where: register.name, sequence: row.sequence, id: idOf(register, row) };
  const body = parseObject(row.body);
  if (!body) return [{ ...at, kind: 'edited', what: 'the body is not the text of a record' }];
  if (body['sequence'] !== row.sequence) {
    return [{ ...at, kind: 'moved', what: `holds what was written as record ${String(body['sequence'])}` }];
  }
  if (recordHash(row.previous_hash, row.body) !== row.hash) {
    return [{ ...at, kind: 'edited', what: 'body, hash or previous hash were changed: they do not belong together' }];
  }
  const changed = changedColumns(register, row, body);
  return changed.length === 0 ? [] : [{ ...at, kind: 'edited', what: `not what the body says: ${changed.join(', ')}` }];
}

function changedColumns(register: AuditRegister, row: Row, body: Readonly<Record<string, unknown>>): string[] {
  const changed = register.columns
    .filter(({ column, path, kind }) => !isSame(kind, row[column], valueAt(body, path)))
    .map(({ column }) => `column ${column}`);
  const isAnswered = !register.hasResponse || sha256Hex(row.response ?? '') === body['responseHash'];
  return isAnswered ? changed : [...changed, 'the response'];
}

function isSame(kind: 'text' | 'number' | 'time', stored: unknown, written: unknown): boolean {
  if (kind !== 'time' || typeof stored !== 'string' || typeof written !== 'string') return stored === written;
  const [day, time = ''] = stored.split(' ');
  const [seconds, fraction = ''] = time.split('.');
  return `${day}T${seconds}.${fraction.padEnd(3, '0')}Z` === written;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      inner !== null && typeof inner === 'object'
        ? Object.entries(inner).find(([name]) => name === key)?.[1]
        : undefined,
    value,
  );
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
