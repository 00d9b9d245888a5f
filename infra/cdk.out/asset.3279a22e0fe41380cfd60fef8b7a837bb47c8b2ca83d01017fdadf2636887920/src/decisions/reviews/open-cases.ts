import { type CreditPolicy, sha256Hex } from '../../domain/index.ts';
import { type AuditKind, type Database, enterAudit } from '../../platform/index.ts';
import type { DecisionRecord } from '../record.ts';
import type { DecisionStore } from '../store.ts';
import { numberOrNull, priorityOf } from './priority.ts';
import { leanOf, type ReviewCase } from './review.ts';

/** Decisions looked through in one transaction. */
const BATCH = 500;
/** Above this a second person agrees, where the policy names no limit. */
const DEFAULT_SECOND_ABOVE_MINOR = 2_500_000;

export type OpenDependencies = {
  readonly database: Database;
  readonly store: DecisionStore;
  readonly portfolio: string;
  readonly policy: CreditPolicy;
  readonly now: Date;
  readonly newId: () => string;
};

/**
 * Opens a case for every referred decision made since the last call: cursor and cases in one transaction, so that none is lost and none
 * has two, whatever crashes. Several servers may call it. Returns how many were opened.
 */
export async function openReferredCases(dependencies: OpenDependencies): Promise<number> {
  const { database, store, portfolio } = dependencies;
  let opened = 0;
  for (let looked = BATCH; looked === BATCH; ) {
    looked = await database.transaction(async (transaction) => {
      const after = await lockCursor(transaction, portfolio);
      const records = await store.since(after, BATCH);
      const last = records.at(-1)?.body.sequence;
      if (last === undefined) return 0;
      for (const record of records.filter(({ body }) => body.result.outcome === 'referred')) {
        if (await openCase({ ...dependencies, database: transaction }, record, { origin: 'referred', actor: 'system' }))
          opened++;
      }
      await transaction.query('UPDATE review_cursors SET sequence = $2 WHERE portfolio = $1', [portfolio, last]);
      return records.length;
    });
  }
  return opened;
}

async function lockCursor(transaction: Database, portfolio: string): Promise<number> {
  await transaction.query(
    'INSERT INTO review_cursors (portfolio, sequence) VALUES ($1, 0) ON CONFLICT (portfolio) DO NOTHING',
    [portfolio],
  );
  const [row] = await transaction.query<{ sequence: number }>(
    'SELECT sequence FROM review_cursors WHERE portfolio = $1 FOR UPDATE',
    [portfolio],
  );
  return row?.sequence ?? 0;
}

/** Inside a transaction. False when the decision has a case already. */
export async function openCase(
  dependencies: OpenDependencies,
  { body, hash }: DecisionRecord,
  {
    origin,
    actor,
    request,
  }: { readonly origin: ReviewCase['origin']; readonly actor: string; readonly request?: string },
): Promise<boolean> {
  const { database, portfolio, policy, now } = dependencies;
  const amountMinor = numberOrNull(body.application.columns['amount_minor']);
  const priorityMinor = priorityOf(body, policy);
  const needsSecond = (amountMinor ?? 0) > (policy.secondApprovalAboveMinor ?? DEFAULT_SECOND_ABOVE_MINOR);
  const caseId = dependencies.newId();
  const rows = await database.query(
    `INSERT INTO review_cases (case_id, portfolio, decision_id, application_id, origin, opened_at, priority_minor, amount_minor,
       submitted_by, lean, needs_second, request, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open') ON CONFLICT (decision_id) DO NOTHING RETURNING 1`,
    [
      ...[caseId, portfolio, body.decisionId, body.application.applicationId, origin, now, priorityMinor, amountMinor],
      ...[body.actor, leanOf(body), needsSecond, request ?? null],
    ],
  );
  if (rows.length === 0) return false;
  const kind: AuditKind = 'review_opened';
  const requestHash = request === undefined ? null : sha256Hex(request);
  const data = { decisionId: body.decisionId, decisionHash: hash, origin, priorityMinor, needsSecond, requestHash };
  await enterAudit(database, { portfolio, kind, subject: caseId, actor, at: now, data });
  return true;
}
