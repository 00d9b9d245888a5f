import { type CreditPolicy, sha256Hex } from '../../domain/index.ts';
import { type Database, enterAudit, type PersonVault } from '../../platform/index.ts';
import { moveCursor, readCursor } from '../decision-cursor.ts';
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
  readonly vault: PersonVault;
  readonly policy: CreditPolicy;
  readonly now: Date;
  readonly newId: () => string;
};

/**
 * Opens a case for every referred decision made since the last call: cursor and cases in one transaction, so that none is lost and none
 * has two, whatever crashes. Several servers may call it: who finds the cursor moved meanwhile leaves the batch to the other.
 * Returns how many were opened.
 */
export async function openReferredCases(dependencies: OpenDependencies): Promise<number> {
  const { database, store, portfolio } = dependencies;
  let opened = 0;
  for (;;) {
    const after = await readCursor(database, 'review_cursors', portfolio);
    const { records, lookedAt, last } = await store.referredSince(after, BATCH);
    if (last === undefined) return opened;
    const referred = records.flatMap(({ record }) => (record?.body.result.outcome === 'referred' ? [record] : []));
    const cases: NewCase[] = [];
    for (const record of referred) {
      cases.push(await prepareCase(dependencies, record, { origin: 'referred', actor: 'system' }));
    }
    opened += await database.transaction(async (transaction) => {
      if (!(await moveCursor(transaction, 'review_cursors', portfolio, { from: after, to: last }))) return 0;
      let count = 0;
      for (const one of cases) if (await openCase(transaction, one)) count++;
      return count;
    });
    if (lookedAt < BATCH) return opened;
  }
}

/** A case that is not kept yet. */
export type NewCase = {
  readonly caseId: string;
  readonly portfolio: string;
  readonly actor: string;
  readonly at: Date;
  readonly person: string;
  /** In the order of the insert below. */
  readonly values: readonly unknown[];
  readonly data: Readonly<Record<string, unknown>>;
};

type Origin = { readonly origin: ReviewCase['origin']; readonly actor: string; readonly request?: string };

/** Everything a case holds, what somebody wrote sealed under the person's key; before the transaction that keeps it. */
export async function prepareCase(
  dependencies: OpenDependencies,
  { body, hash }: DecisionRecord,
  { origin, actor, request }: Origin,
): Promise<NewCase> {
  const { portfolio, policy, now: at, vault } = dependencies;
  const caseId = dependencies.newId();
  const { decisionId, application } = body;
  const amountMinor = numberOrNull(application.columns['amount_minor']);
  const priorityMinor = priorityOf(body, policy);
  const needsSecond = (amountMinor ?? 0) > (policy.secondApprovalAboveMinor ?? DEFAULT_SECOND_ABOVE_MINOR);
  const { person, seal } = await vault.sealOf(application.borrowerId);
  const sealed = request === undefined ? null : seal(request, `request ${caseId}`);
  const requestHash = request === undefined ? null : sha256Hex(request);
  return {
    ...{ caseId, portfolio, actor, at, person },
    values: [
      ...[caseId, portfolio, decisionId, application.applicationId, origin, at, priorityMinor, amountMinor],
      ...[body.actor, leanOf(body), needsSecond, sealed, person],
    ],
    data: { decisionId, decisionHash: hash, origin, priorityMinor, needsSecond, requestHash },
  };
}

/** Inside a transaction. False when the decision has a case already. */
export async function openCase(transaction: Database, one: NewCase): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO review_cases (case_id, portfolio, decision_id, application_id, origin, opened_at, priority_minor, amount_minor,
       submitted_by, lean, needs_second, request, person, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'open') ON CONFLICT (decision_id) DO NOTHING RETURNING 1`,
    one.values,
  );
  if (rows.length === 0) return false;
  const { portfolio, caseId: subject, actor, at, data } = one;
  await enterAudit(transaction, { portfolio, kind: 'review_opened', subject, actor, at, data });
  return true;
}
