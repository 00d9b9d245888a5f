import { canonicalJson } from '../../domain/index.ts';
import type { Database } from '../contract.ts';
import { type AuditRegister, GENESIS_HASH, recordHash } from './register.ts';

/** Everything that is entered; a reader never meets a kind that is not here. */
export type AuditKind =
  | 'model_registered'
  | 'model_approved'
  | 'model_promoted'
  | 'model_retired'
  | 'model_rejected'
  | 'model_evidence'
  | 'policy_proposed'
  | 'policy_approved'
  | 'policy_rejected'
  | 'policy_live'
  | 'policy_shadow'
  | 'policy_retired'
  | 'review_opened'
  | 'review_claimed'
  | 'review_released'
  | 'review_expired'
  | 'review_answered'
  | 'review_decided'
  | 'review_returned'
  | 'fraud_claimed'
  | 'fraud_released'
  | 'fraud_decided'
  | 'what_if_probing'
  | 'notice_issued'
  | 'person_exported'
  | 'person_corrected'
  | 'person_erased'
  | 'consent_granted'
  | 'consent_revoked'
  | 'master_rotated'
  | 'master_sealed'
  | 'hold_placed'
  | 'hold_lifted'
  | 'sql_asked';

export type AuditEntry = {
  readonly portfolio: string;
  readonly kind: AuditKind;
  readonly subject: string;
  readonly actor: string;
  readonly at: Date;
  /** Plain JSON; nothing that names a person. */
  readonly data: Readonly<Record<string, unknown>>;
};

export type AuditRow = Omit<AuditEntry, 'kind'> & {
  readonly kind: string;
  readonly sequence: number;
  readonly hash: string;
};

export type AuditFilter = {
  readonly subject?: string | undefined;
  readonly kind?: string | undefined;
  readonly limit: number;
  readonly offset: number;
};

export const LOG_REGISTER: AuditRegister = {
  name: 'log',
  table: 'audit_log',
  idColumn: 'subject',
  columns: [
    { column: 'kind', paths: [['kind']], kind: 'text' },
    { column: 'subject', paths: [['subject']], kind: 'text' },
    { column: 'actor', paths: [['actor']], kind: 'text' },
    { column: 'at', paths: [['at']], kind: 'time' },
    { column: 'portfolio', paths: [['portfolio']], kind: 'text' },
  ],
  hasResponse: false,
};

/**
 * Enters what was done, in the transaction that does it: both are kept or neither. One writer at a time holds a portfolio's chain
 * until its transaction ends, so enter late in a transaction.
 */
export async function enterAudit(transaction: Database, entry: AuditEntry): Promise<AuditRow> {
  const { portfolio, kind, subject, actor, at, data } = entry;
  await transaction.query("SELECT pg_advisory_xact_lock(hashtext('assay.audit_log'), hashtext($1))", [portfolio]);
  const [last] = await transaction.query<{ sequence: number; hash: string }>(
    'SELECT sequence, hash FROM audit_log WHERE portfolio = $1 ORDER BY sequence DESC LIMIT 1',
    [portfolio],
  );
  const sequence = (last?.sequence ?? 0) + 1;
  const body = canonicalJson({ format: 'assay-audit/1', ...entry, at: at.toISOString(), sequence });
  const previousHash = last?.hash ?? GENESIS_HASH;
  const hash = recordHash(previousHash, body);
  await transaction.query(
    `INSERT INTO audit_log (portfolio, sequence, kind, subject, actor, at, body, previous_hash, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [portfolio, sequence, kind, subject, actor, at, body, previousHash, hash],
  );
  return { portfolio, kind, subject, actor, at, data, sequence, hash };
}

type Row = { sequence: number; kind: string; subject: string; actor: string; at: Date; body: string; hash: string };

/** Newest first. */
export async function listAudit(
  database: Database,
  portfolio: string,
  filter: AuditFilter,
): Promise<{ rows: AuditRow[]; total: number }> {
  const where = 'portfolio = $1 AND ($2::text IS NULL OR subject = $2) AND ($3::text IS NULL OR kind = $3)';
  const values = [portfolio, filter.subject ?? null, filter.kind ?? null];
  const rows = await database.query<Row>(
    `SELECT sequence, kind, subject, actor, at, body, hash FROM audit_log WHERE ${where}
     ORDER BY sequence DESC LIMIT $4 OFFSET $5`,
    [...values, filter.limit, filter.offset],
  );
  const [counted] = await database.query<{ total: number }>(
    `SELECT count(*) AS total FROM audit_log WHERE ${where}`,
    values,
  );
  return {
    rows: rows.map(({ body, ...row }) => ({ ...row, portfolio, data: JSON.parse(body).data })),
    total: counted?.total ?? 0,
  };
}
