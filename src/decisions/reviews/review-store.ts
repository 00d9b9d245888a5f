import { AssayError, sha256Hex } from '../../domain/index.ts';
import { type AuditKind, type Clock, type Database, enterAudit, type PersonVault } from '../../platform/index.ts';
import type { PolicySource } from '../policies/policy-version.ts';
import { findDecision } from '../replay.ts';
import { type DecisionStore, ERASED } from '../store.ts';
import { type ReviewerReport, reviewerReports } from './alarms.ts';
import { checkAnswer } from './check-answer.ts';
import type { LentCase } from './lent-cases.ts';
import { openCase, openReferredCases, prepareCase } from './open-cases.ts';
import {
  needsSecondPerson,
  overrideOf,
  type ReviewAnswer,
  type ReviewCase,
  type ReviewCode,
  type ReviewOutcome,
  type ReviewStatus,
} from './review.ts';

/** How long a case stays with the person who took it; abandoned, it is everybody's again. */
export const LEASE_MINUTES = 30;
/** Cases one person may hold at once. */
const MAX_HELD = 5;
/** Answers read for the reports on reviewers, and loans for those on what became of them; the newest. */
const MAX_ANSWERS = 5_000;

type Row = {
  case_id: string;
  decision_id: string;
  application_id: string;
  origin: ReviewCase['origin'];
  request: string | null;
  opened_at: Date;
  priority_minor: number;
  amount_minor: number | null;
  submitted_by: string;
  lean: ReviewOutcome;
  needs_second: boolean;
  status: ReviewStatus;
  claimed_by: string | null;
  claimed_at: Date | null;
  leased_until: Date | null;
  outcome: ReviewOutcome | null;
  offer_minor: number | null;
  code: ReviewCode | null;
  note: string | null;
  first_by: string | null;
  first_at: Date | null;
  dwell_ms: number | null;
  second_by: string | null;
  decided_at: Date | null;
  person: string | null;
};

const fromRow = (row: Row): ReviewCase => ({
  caseId: row.case_id,
  decisionId: row.decision_id,
  applicationId: row.application_id,
  origin: row.origin,
  request: row.request,
  openedAt: row.opened_at,
  priorityMinor: row.priority_minor,
  amountMinor: row.amount_minor,
  submittedBy: row.submitted_by,
  lean: row.lean,
  needsSecond: row.needs_second,
  status: row.status,
  claimedBy: row.claimed_by,
  claimedAt: row.claimed_at,
  leasedUntil: row.leased_until,
  outcome: row.outcome,
  offerMinor: row.offer_minor,
  code: row.code,
  note: row.note,
  firstBy: row.first_by,
  firstAt: row.first_at,
  dwellMs: row.dwell_ms,
  secondBy: row.second_by,
  decidedAt: row.decided_at,
});

export type ReviewFilter = {
  /** Unset: everything that waits for somebody. */
  readonly status?: ReviewStatus | undefined;
  readonly limit: number;
  readonly offset: number;
};

export type ReviewStoreOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly portfolio: string;
  readonly store: DecisionStore;
  readonly policies: PolicySource;
  readonly vault: PersonVault;
  readonly newId: () => string;
};

/** The review queue of one portfolio. Whoever acts names themselves; every step is entered in the audit log. */
export class ReviewStore {
  readonly #options: ReviewStoreOptions;

  constructor(options: ReviewStoreOptions) {
    this.#options = options;
  }

  /** Opens cases of decisions referred since; called by the server every second, and before the queue is shown. */
  async openReferred(): Promise<number> {
    const { policy } = await this.#options.policies.live();
    return openReferredCases({ ...this.#options, policy, now: this.#now() });
  }

  /** What matters most first. A lease that ran out counts as open. */
  async list(filter: ReviewFilter): Promise<{ rows: ReviewCase[]; total: number }> {
    const { database, portfolio } = this.#options;
    const where = `portfolio = $1 AND CASE WHEN $2::text IS NULL THEN status <> 'decided'
      WHEN $2 = 'open' THEN status = 'open' OR (status = 'claimed' AND leased_until <= $3)
      WHEN $2 = 'claimed' THEN status = 'claimed' AND leased_until > $3 ELSE status = $2 END`;
    const values = [portfolio, filter.status ?? null, this.#now()];
    const rows = await database.query<Row>(
      `SELECT * FROM review_cases WHERE ${where}
       ORDER BY decided_at DESC NULLS FIRST, priority_minor DESC, opened_at, case_id LIMIT $4 OFFSET $5`,
      [...values, filter.limit, filter.offset],
    );
    const [counted] = await database.query<{ total: number }>(
      `SELECT count(*) AS total FROM review_cases WHERE ${where}`,
      values,
    );
    return { rows: await Promise.all(rows.map((row) => this.#shown(row))), total: counted?.total ?? 0 };
  }

  /** @throws AssayError not_found */
  async get(caseId: string): Promise<ReviewCase> {
    return this.#shown(await this.#row(this.#options.database, caseId, ''));
  }

  /** The case of a decision, where it has one. */
  async ofDecision(decisionId: string): Promise<ReviewCase | undefined> {
    const rows = await this.#options.database.query<Row>('SELECT * FROM review_cases WHERE decision_id = $1', [
      decisionId,
    ]);
    return rows[0] && this.#shown(rows[0]);
  }

  /**
   * A person is asked to look again at a decision that was not referred (GDPR Art. 22(3)).
   * @throws AssayError conflict when it has a case already, or was approved as asked
   */
  async contest(decisionId: string, actor: string, request: string): Promise<ReviewCase> {
    const { database, store, policies } = this.#options;
    const record = await findDecision(store, decisionId);
    if (record.body.result.outcome === 'approved') {
      throw new AssayError('conflict', { what: 'an approval is not contested', given: decisionId });
    }
    const { policy } = await policies.live();
    const one = await prepareCase({ ...this.#options, policy, now: this.#now() }, record, {
      origin: 'contested',
      actor,
      request,
    });
    const isNew = await database.transaction((transaction) => openCase(transaction, one));
    const opened = await this.ofDecision(decisionId);
    if (isNew && opened) return opened;
    throw new AssayError('conflict', {
      what: 'this decision has a review case already',
      given: opened?.caseId ?? decisionId,
      fix: 'open that case',
    });
  }

  /**
   * Takes a case for LEASE_MINUTES, or renews one's own lease; the case of somebody who left is free again.
   * @throws AssayError conflict when another holds it, it waits for a second person who may not be this one, or it is decided
   */
  async claim(caseId: string, actor: string): Promise<ReviewCase> {
    return this.#change(caseId, async (database, found) => {
      const now = this.#now();
      if (found.status === 'decided') throw decidedAlready(found);
      if (found.status === 'second') throw waitsForSecond(found);
      const isHeld = found.status === 'claimed' && (found.leasedUntil ?? now) > now;
      if (isHeld && found.claimedBy !== actor) {
        const fix = `take another case, or wait until ${found.leasedUntil?.toISOString()}`;
        throw new AssayError('conflict', { what: 'another person has this case', given: found.claimedBy ?? '', fix });
      }
      if (!isHeld) await this.#refuseTooMany(database, actor);
      if (found.status === 'claimed' && !isHeld)
        await this.#enter(database, found, 'review_expired', found.claimedBy ?? '', {});
      const claimedAt = isHeld ? found.claimedAt : now;
      const leasedUntil = new Date(now.getTime() + LEASE_MINUTES * 60_000);
      await database.query(
        `UPDATE review_cases SET status = 'claimed', claimed_by = $2, claimed_at = $3, leased_until = $4 WHERE case_id = $1`,
        [caseId, actor, claimedAt, leasedUntil],
      );
      if (!isHeld) await this.#enter(database, found, 'review_claimed', actor, {});
    });
  }

  /** Gives a case back to the queue. @throws AssayError conflict when this person does not hold it */
  async release(caseId: string, actor: string): Promise<ReviewCase> {
    return this.#change(caseId, async (database, found) => {
      this.#refuseNotHeld(found, actor);
      await this.#free(database, caseId);
      await this.#enter(database, found, 'review_released', actor, {});
    });
  }

  /**
   * The answer of the person who holds the case. It stands, or waits for a second person. Sending the same answer again changes nothing.
   * @throws AssayError conflict when this person does not hold it (any more), or it is decided; bad_input for an answer that the borrower
   *   could not be told
   */
  async decide(caseId: string, actor: string, answer: ReviewAnswer): Promise<ReviewCase> {
    const before = await this.get(caseId);
    const { store, vault } = this.#options;
    const { body } = await findDecision(store, before.decisionId);
    const isAnswered = before.status === 'decided' || before.status === 'second';
    if (!isAnswered) checkAnswer(answer, body, await store.policy(body.policyHash));
    const note = (await vault.sealOf(body.application.borrowerId)).seal(answer.note, `note ${caseId}`);
    const offerMinor = answer.offerMinor ?? null;
    return this.#change(caseId, async (database, found) => {
      const isRepeated = found.firstBy === actor && found.outcome === answer.outcome && before.note === answer.note;
      if (isRepeated && (found.status === 'decided' || found.status === 'second')) return;
      if (found.status === 'decided') throw decidedAlready(found);
      if (found.status === 'second') throw waitsForSecond(found);
      this.#refuseNotHeld(found, actor);
      const now = this.#now();
      const waits = needsSecondPerson(found, answer, actor);
      const dwellMs = Math.max(0, now.getTime() - (found.claimedAt ?? now).getTime());
      await database.query(
        `UPDATE review_cases SET status = $2, outcome = $3, code = $4, note = $5, first_by = $6, first_at = $7, dwell_ms = $8,
           needs_second = $9, decided_at = $10, offer_minor = $11, claimed_by = NULL, claimed_at = NULL, leased_until = NULL WHERE case_id = $1`,
        [
          ...[caseId, waits ? 'second' : 'decided', answer.outcome, answer.code, note, actor, now, dwellMs],
          ...[waits, waits ? null : now, offerMinor],
        ],
      );
      const override = overrideOf(found.lean, answer.outcome);
      const { outcome, code } = answer;
      const data = { outcome, offerMinor, code, noteHash: sha256Hex(answer.note), dwellMs, override };
      await this.#enter(database, found, waits ? 'review_answered' : 'review_decided', actor, data);
    });
  }

  /**
   * The second person agrees, and the answer stands; or not, and the case goes back to the queue.
   * @throws AssayError forbidden for the person who answered or who submitted the application; conflict when none is asked for
   */
  async second(
    caseId: string,
    actor: string,
    vote: { readonly agrees: boolean; readonly note: string },
  ): Promise<ReviewCase> {
    return this.#change(caseId, async (database, found) => {
      if (found.status === 'decided') throw decidedAlready(found);
      if (found.status !== 'second') {
        throw new AssayError('conflict', { what: 'this case does not wait for a second person', given: caseId });
      }
      if (actor === found.firstBy || actor === found.submittedBy) {
        const what = 'the second person may be neither who answered nor who submitted the application';
        throw new AssayError('forbidden', { what, given: actor, fix: 'ask somebody else' });
      }
      const data = {
        outcome: found.outcome,
        offerMinor: found.offerMinor,
        firstBy: found.firstBy,
        noteHash: sha256Hex(vote.note),
      };
      if (vote.agrees) {
        await database.query(
          `UPDATE review_cases SET status = 'decided', second_by = $2, decided_at = $3 WHERE case_id = $1`,
          [caseId, actor, this.#now()],
        );
        await this.#enter(database, found, 'review_decided', actor, { ...data, secondBy: actor, code: found.code });
      } else {
        await this.#free(database, caseId);
        await this.#enter(database, found, 'review_returned', actor, data);
      }
    });
  }

  /** Dwell time, outcomes and alarms of everybody who answered. */
  async reviewers(): Promise<ReviewerReport[]> {
    const { database, portfolio } = this.#options;
    const rows = await database.query<{ by: string; outcome: ReviewOutcome; dwell_ms: number }>(
      `SELECT first_by AS by, outcome, dwell_ms FROM review_cases
       WHERE portfolio = $1 AND first_by IS NOT NULL AND outcome IS NOT NULL ORDER BY first_at DESC LIMIT ${MAX_ANSWERS}`,
      [portfolio],
    );
    return reviewerReports(rows.map(({ by, outcome, dwell_ms }) => ({ by, outcome, dwellMs: dwell_ms })));
  }

  /** Decided cases in which money was lent, newest first. */
  async lent(): Promise<LentCase[]> {
    const { database, portfolio } = this.#options;
    const rows = await database.query<{
      application_id: string;
      reviewer: string;
      code: string;
      lean: ReviewOutcome;
      outcome: ReviewOutcome;
      pd: number;
    }>(
      `SELECT c.application_id, c.first_by AS reviewer, c.code, c.lean, c.outcome, d.pd
       FROM review_cases c JOIN decisions d USING (decision_id)
       WHERE c.portfolio = $1 AND c.status = 'decided' AND c.outcome <> 'declined'
       ORDER BY c.decided_at DESC, c.case_id LIMIT ${MAX_ANSWERS}`,
      [portfolio],
    );
    return rows.map(({ application_id, lean, outcome, ...row }) => ({
      ...row,
      applicationId: application_id,
      override: overrideOf(lean, outcome),
    }));
  }

  #now(): Date {
    return this.#options.clock.now();
  }

  /**
   * One person at a time changes a case: its row is locked until the change is kept. Nothing in `work` may ask for another connection:
   * as many changes at once as there are connections would wait for each other for ever.
   */
  async #change(caseId: string, work: (database: Database, found: ReviewCase) => Promise<void>): Promise<ReviewCase> {
    const row = await this.#options.database.transaction(async (database) => {
      await work(database, fromRow(await this.#row(database, caseId, 'FOR UPDATE')));
      return this.#row(database, caseId, '');
    });
    return this.#opened(row);
  }

  /** @throws AssayError not_found */
  async #row(database: Database, caseId: string, lock: '' | 'FOR UPDATE'): Promise<Row> {
    const { portfolio } = this.#options;
    const [row] = await database.query<Row>(
      `SELECT * FROM review_cases WHERE portfolio = $1 AND case_id = $2 ${lock}`,
      [portfolio, caseId],
    );
    if (row) return row;
    throw new AssayError('not_found', {
      what: 'no such review case',
      given: caseId,
      fix: 'list them with GET /reviews',
    });
  }

  async #shown(row: Row): Promise<ReviewCase> {
    return this.#withoutStaleLease(await this.#opened(row));
  }

  /** With what people wrote in clear; of an erased person it is gone. */
  async #opened(row: Row): Promise<ReviewCase> {
    const open = async (text: string | null, name: string): Promise<string | null> =>
      text === null
        ? null
        : ((await this.#options.vault.open(row.person ?? '', text, `${name} ${row.case_id}`)) ?? ERASED);
    const [note, request] = [await open(row.note, 'note'), await open(row.request, 'request')];
    return fromRow({ ...row, note, request });
  }

  #withoutStaleLease(found: ReviewCase): ReviewCase {
    if (found.status !== 'claimed' || (found.leasedUntil ?? new Date(0)) > this.#now()) return found;
    return { ...found, status: 'open', claimedBy: null, claimedAt: null, leasedUntil: null };
  }

  #refuseNotHeld(found: ReviewCase, actor: string): void {
    const isHeld =
      found.status === 'claimed' && found.claimedBy === actor && (found.leasedUntil ?? new Date(0)) > this.#now();
    if (isHeld) return;
    throw new AssayError('conflict', {
      what: 'you do not hold this case',
      given:
        found.claimedBy === actor
          ? `your time ran out at ${found.leasedUntil?.toISOString()}`
          : (found.claimedBy ?? 'nobody does'),
      fix: 'claim it first: POST /reviews/:caseId/claim',
    });
  }

  async #refuseTooMany(database: Database, actor: string): Promise<void> {
    const [held] = await database.query<{ count: number }>(
      `SELECT count(*) AS count FROM review_cases WHERE portfolio = $1 AND status = 'claimed' AND claimed_by = $2 AND leased_until > $3`,
      [this.#options.portfolio, actor, this.#now()],
    );
    if ((held?.count ?? 0) < MAX_HELD) return;
    const fix = 'decide or release one of them first';
    throw new AssayError('conflict', { what: `at most ${MAX_HELD} cases are held by one person`, given: actor, fix });
  }

  async #free(database: Database, caseId: string): Promise<void> {
    await database.query(
      `UPDATE review_cases SET status = 'open', claimed_by = NULL, claimed_at = NULL, leased_until = NULL, outcome = NULL,
         offer_minor = NULL, code = NULL, note = NULL, first_by = NULL, first_at = NULL, dwell_ms = NULL WHERE case_id = $1`,
      [caseId],
    );
  }

  async #enter(
    database: Database,
    { caseId, decisionId }: ReviewCase,
    kind: AuditKind,
    actor: string,
    data: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { portfolio } = this.#options;
    const [row] = await database.query<{ hash: string }>('SELECT hash FROM decisions WHERE decision_id = $1', [
      decisionId,
    ]);
    const entry = { decisionId, decisionHash: row?.hash ?? null, ...data };
    await enterAudit(database, { portfolio, kind, subject: caseId, actor, at: this.#now(), data: entry });
  }
}

function decidedAlready({ caseId, outcome, decidedAt }: ReviewCase): AssayError {
  const given = `${caseId}: ${outcome} on ${decidedAt?.toISOString()}`;
  return new AssayError('conflict', { what: 'this case is decided', given, fix: 'a case is decided once' });
}

function waitsForSecond({ caseId, firstBy }: ReviewCase): AssayError {
  const fix = 'a second person agrees or not: POST /reviews/:caseId/second';
  return new AssayError('conflict', {
    what: 'this case waits for a second person',
    given: `${caseId}, answered by ${firstBy}`,
    fix,
  });
}
