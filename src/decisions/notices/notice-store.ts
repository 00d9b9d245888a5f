import { AssayError, sha256Hex } from '../../domain/index.ts';
import { type Clock, type Database, enterAudit, type PersonVault } from '../../platform/index.ts';
import type { ExplainDependencies } from '../explain.ts';
import { findDecision } from '../replay.ts';
import type { ReviewCode, ReviewOutcome } from '../reviews/review.ts';
import { ERASED } from '../store.ts';
import type { FinalReview } from './build-notice.ts';
import { addDays } from './deadlines.ts';
import {
  type DutyState,
  type DutySubject,
  documentContext,
  type NoticeChannel,
  type NoticeDuty,
  URGENT_DAYS,
} from './duty.ts';
import type { Notice, NoticeKind } from './notice.ts';
import { noticeOfDecision } from './notice-of-decision.ts';
import { openDuties } from './open-duties.ts';
import { noticeHtml } from './render-html.ts';

type Row = {
  decision_id: string;
  about: DutySubject;
  application_id: string;
  case_id: string | null;
  kind: NoticeKind;
  jurisdiction: string;
  state: DutyState;
  opened_at: Date;
  due_on: string | null;
  rule: string | null;
  issued_at: Date | null;
  issued_by: string | null;
  channel: NoticeChannel | null;
  document_hash: string | null;
};

const COLUMNS = `decision_id, about, application_id, case_id, kind, jurisdiction, state, opened_at, due_on, rule, issued_at,
  issued_by, channel, document_hash`;

const fromRow = (row: Row): NoticeDuty => ({
  decisionId: row.decision_id,
  about: row.about,
  applicationId: row.application_id,
  caseId: row.case_id,
  kind: row.kind,
  jurisdiction: row.jurisdiction,
  state: row.state,
  openedAt: row.opened_at,
  dueOn: row.due_on,
  rule: row.rule,
  issuedAt: row.issued_at,
  issuedBy: row.issued_by,
  channel: row.channel,
  documentHash: row.document_hash,
});

export type DutyFilter = {
  /** Unset: everything that is not issued. */
  readonly state?: DutyState | 'overdue' | undefined;
  readonly limit: number;
  readonly offset: number;
};

export type DutyCounts = {
  readonly due: number;
  readonly overdue: number;
  /** Due within URGENT_DAYS, overdue not counted. */
  readonly urgent: number;
  readonly waits: number;
};

export type NoticeStoreOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly vault: PersonVault;
  readonly explain: ExplainDependencies;
};

export type Issuing = { readonly channel: NoticeChannel; readonly actor: string };

/** What applicants of one portfolio must be told, and what they were told. */
export class NoticeStore {
  readonly #options: NoticeStoreOptions;

  constructor(options: NoticeStoreOptions) {
    this.#options = options;
  }

  /** Opens duties of what was decided since; called by the server every second, and before the queue is shown. Nothing without a lender. */
  async open(): Promise<number> {
    const { database, explain } = this.#options;
    const jurisdiction = explain.portfolio.lender?.jurisdiction;
    return jurisdiction === undefined ? 0 : openDuties({ database, explain, jurisdiction, now: this.#now() });
  }

  /** What is due first comes first; of issued ones, the latest. */
  async list(filter: DutyFilter): Promise<{ rows: NoticeDuty[]; total: number }> {
    const { database } = this.#options;
    const where = `portfolio = $1 AND CASE WHEN $2::text IS NULL THEN state <> 'issued'
      WHEN $2 = 'overdue' THEN state <> 'issued' AND due_on < $3 ELSE state = $2 END`;
    const values = [this.#portfolio(), filter.state ?? null, this.#today()];
    const rows = await database.query<Row>(
      `SELECT ${COLUMNS} FROM notice_duties WHERE ${where}
       ORDER BY issued_at DESC NULLS FIRST, due_on NULLS LAST, opened_at, decision_id, about LIMIT $4 OFFSET $5`,
      [...values, filter.limit, filter.offset],
    );
    const [counted] = await database.query<{ total: number }>(
      `SELECT count(*) AS total FROM notice_duties WHERE ${where}`,
      values,
    );
    return { rows: rows.map(fromRow), total: counted?.total ?? 0 };
  }

  async counts(): Promise<DutyCounts> {
    const [row] = await this.#options.database.query<DutyCounts>(
      `SELECT count(*) FILTER (WHERE state = 'due') AS due, count(*) FILTER (WHERE due_on < $2) AS overdue,
         count(*) FILTER (WHERE due_on BETWEEN $2 AND $3) AS urgent, count(*) FILTER (WHERE state = 'waits') AS waits
       FROM notice_duties WHERE portfolio = $1 AND state <> 'issued'`,
      [this.#portfolio(), this.#today(), addDays(this.#today(), URGENT_DAYS)],
    );
    return row ?? { due: 0, overdue: 0, urgent: 0, waits: 0 };
  }

  /**
   * What the borrower of a decision is to be told now: the answer of a person where one decided, else the decision itself.
   * @throws AssayError not_found, and as `buildNotice`
   */
  async current(decisionId: string, jurisdiction?: string): Promise<Notice> {
    const review = await this.#finalReview(decisionId);
    return noticeOfDecision(this.#options.explain, decisionId, { jurisdiction, review });
  }

  /**
   * Issues a notice: the exact document is kept, sealed under the person's key, and its hash is entered in the audit log. Issuing the same
   * again through the same channel changes nothing.
   * @throws AssayError not_found; conflict when it waits for a person, or was issued through another channel; as `buildNotice`
   */
  async issue(decisionId: string, about: DutySubject, { channel, actor }: Issuing): Promise<NoticeDuty> {
    await this.open();
    const found = await this.duty(decisionId, about);
    if (found.state === 'issued') return issuedBefore(found, channel);
    if (found.state === 'waits') throw waitsForPerson(found);
    const review = about === 'review' ? await this.#finalReview(decisionId) : undefined;
    const notice = await noticeOfDecision(this.#options.explain, decisionId, {
      jurisdiction: found.jurisdiction,
      review,
    });
    const html = noticeHtml(notice);
    const { body } = await findDecision(this.#options.explain.store, decisionId);
    const { person, seal } = await this.#options.vault.sealOf(body.application.borrowerId);
    const document = seal(html, documentContext(found));
    return this.#keep(found, { channel, actor, person, document, documentHash: sha256Hex(html), kind: notice.kind });
  }

  /** The very document that was issued. @throws AssayError not_found when none was; conflict when the person was erased */
  async document(decisionId: string, about: DutySubject): Promise<string> {
    const [row] = await this.#options.database.query<{ document: string; person: string; document_hash: string }>(
      `SELECT document, person, document_hash FROM notice_duties
       WHERE portfolio = $1 AND decision_id = $2 AND about = $3 AND state = 'issued'`,
      [this.#portfolio(), decisionId, about],
    );
    if (!row) throw notFound('no such notice was issued', decisionId);
    const html = await this.#options.vault.open(row.person, row.document, documentContext({ decisionId, about }));
    if (html === undefined) throw new AssayError('conflict', { what: 'the person was erased', given: ERASED });
    if (sha256Hex(html) === row.document_hash) return html;
    throw new AssayError('tampered', { what: 'this document is not what was issued', given: decisionId });
  }

  /** @throws AssayError not_found */
  async duty(decisionId: string, about: DutySubject): Promise<NoticeDuty> {
    return fromRow(await this.#row(this.#options.database, decisionId, about, ''));
  }

  async #keep(
    duty: NoticeDuty,
    issued: Issuing & { person: string; document: string; documentHash: string; kind: NoticeKind },
  ): Promise<NoticeDuty> {
    const { decisionId, about, dueOn } = duty;
    const { channel, actor, person, document, documentHash, kind } = issued;
    const at = this.#now();
    return this.#options.database.transaction(async (transaction) => {
      const now = fromRow(await this.#row(transaction, decisionId, about, 'FOR UPDATE'));
      if (now.state === 'issued') return issuedBefore(now, channel);
      await transaction.query(
        `UPDATE notice_duties SET state = 'issued', kind = $3, issued_at = $4, issued_by = $5, channel = $6, person = $7, document = $8,
           document_hash = $9 WHERE decision_id = $1 AND about = $2`,
        [decisionId, about, kind, at, actor, channel, person, document, documentHash],
      );
      const isLate = dueOn !== null && dueOn < this.#today();
      const data = { about, kind, jurisdiction: duty.jurisdiction, channel, documentHash, dueOn, isLate };
      const portfolio = this.#portfolio();
      await enterAudit(transaction, { portfolio, kind: 'notice_issued', subject: decisionId, actor, at, data });
      return fromRow(await this.#row(transaction, decisionId, about, ''));
    });
  }

  async #row(database: Database, decisionId: string, about: DutySubject, lock: '' | 'FOR UPDATE'): Promise<Row> {
    const [row] = await database.query<Row>(
      `SELECT ${COLUMNS} FROM notice_duties WHERE portfolio = $1 AND decision_id = $2 AND about = $3 ${lock}`,
      [this.#portfolio(), decisionId, about],
    );
    if (row) return row;
    throw notFound('nobody has to be told anything about this', `${decisionId}, ${about}`);
  }

  async #finalReview(decisionId: string): Promise<FinalReview | undefined> {
    const [row] = await this.#options.database.query<{
      outcome: ReviewOutcome;
      code: ReviewCode;
      offer_minor: number | null;
      decided_at: Date;
    }>(
      `SELECT outcome, code, offer_minor, decided_at FROM review_cases
       WHERE portfolio = $1 AND decision_id = $2 AND status = 'decided'`,
      [this.#portfolio(), decisionId],
    );
    if (!row) return undefined;
    const { outcome, code, offer_minor, decided_at } = row;
    return { outcome, code, offerMinor: offer_minor ?? undefined, decidedOn: decided_at.toISOString().slice(0, 10) };
  }

  #now(): Date {
    return this.#options.clock.now();
  }

  #today(): string {
    return this.#now().toISOString().slice(0, 10);
  }

  #portfolio(): string {
    return this.#options.explain.portfolio.name;
  }
}

function issuedBefore(duty: NoticeDuty, channel: NoticeChannel): NoticeDuty {
  if (duty.channel === channel) return duty;
  const given = `${duty.decisionId}, by ${duty.channel} on ${duty.issuedAt?.toISOString()}`;
  const fix = 'read what was issued: GET /notices/:decisionId/:about/document';
  throw new AssayError('conflict', { what: 'this notice was issued', given, fix });
}

function waitsForPerson({ decisionId }: NoticeDuty): AssayError {
  const fix = 'decide its review case first';
  return new AssayError('conflict', { what: 'a person has not decided this yet', given: decisionId, fix });
}

function notFound(what: string, given: string): AssayError {
  return new AssayError('not_found', { what, given, fix: 'list the duties with GET /notices' });
}
