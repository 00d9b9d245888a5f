import { AssayError, longestRetention, type Portfolio } from '../../domain/index.ts';
import {
  type AuditKind,
  type Clock,
  type Database,
  type ErasedRegister,
  enterAudit,
  type PersonVault,
} from '../../platform/index.ts';
import { addMonths } from '../notices/deadlines.ts';
import { type DutySubject, documentContext } from '../notices/duty.ts';
import type { DecisionStore } from '../store.ts';

/** Decisions of one person that are read at once; a person with more is told so. */
const MAX_DECISIONS = 1_000;

export type LegalHold = { readonly reason: string; readonly placedBy: string; readonly placedAt: Date };

/** What is known of a person here, without the data itself. */
export type PersonStatus = {
  readonly person: string;
  readonly decisions: number;
  readonly erasedDecisions: number;
  readonly hold: LegalHold | null;
  /** Until when records must be kept, by which rule; null where none says so. */
  readonly keptUntil: { readonly day: string; readonly rule: string; readonly source: string } | null;
};

/** Everything kept of a person in records: what an access request is answered with. */
export type PersonExport = PersonStatus & {
  readonly borrowerId: string;
  readonly records: readonly {
    readonly decision: unknown;
    readonly request: unknown;
    readonly features: unknown;
    readonly provenance: unknown;
  }[];
  readonly reviews: readonly Readonly<Record<string, unknown>>[];
  /** The notices that were issued, as they were. */
  readonly notices: readonly Readonly<Record<string, unknown>>[];
  /** What is known for the next decision: facts by table. */
  readonly facts: unknown;
  /** What the person agreed to, and keyed hashes by which applications are compared for fraud. */
  readonly consents: readonly unknown[];
  readonly fraudKeys: readonly unknown[];
  /** Suspicions that people looked into, with their notes. */
  readonly fraudCases: readonly unknown[];
};

export type PersonStoreOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly portfolio: Pick<Portfolio, 'name' | 'lender'>;
  readonly store: DecisionStore;
  readonly vault: PersonVault;
  /** Facts of the online store about a borrower, and their removal. */
  readonly facts: {
    read(borrowerId: string): Promise<unknown>;
    remove(database: Database, borrowerId: string): Promise<number>;
  };
  /** What else is kept under the pseudonym; unset: nothing. */
  readonly held?: {
    consents(borrowerId: string): Promise<readonly unknown[]>;
    fraudKeys(borrowerId: string): Promise<readonly unknown[]>;
    fraudCases(borrowerId: string): Promise<readonly unknown[]>;
  };
  /** Refused events that name a borrower. */
  readonly letters: { removeOf(transaction: Database, borrowerId: string): Promise<number> };
  /** What keeps an erased person from coming back with the next file or event. */
  readonly erased: Pick<ErasedRegister, 'add'>;
};

/** What an erasure did, and what still lies somewhere until when. */
export type Erasure = {
  readonly person: string;
  readonly decisions: number;
  readonly facts: number;
  readonly deadLetters: number;
  readonly pending: readonly { readonly where: string; readonly until: string }[];
};

/** What cannot go in the transaction of an erasure. */
const PENDING: Erasure['pending'] = [
  {
    where:
      'processed and sealed zone, features, training set, scores and marts of the lake; streamed events in its raw zone',
    until: 'the next run of the pipeline',
  },
  { where: 'models trained before', until: 'they are trained again, by the next run of the pipeline' },
  { where: 'events on the stream that were consumed', until: 'a day after they came' },
  {
    where: 'source files as delivered, in the raw zone and where they came from',
    until: 'the lender removes or replaces them',
  },
];

/** Rights of a person over what is kept of them. Every use is entered in the audit log, under the pseudonym. */
export class PersonStore {
  readonly #options: PersonStoreOptions;

  constructor(options: PersonStoreOptions) {
    this.#options = options;
  }

  async status(borrowerId: string): Promise<PersonStatus> {
    const { store, vault, portfolio } = this.#options;
    const person = vault.pseudonym(borrowerId);
    const read = await store.ofBorrower(borrowerId, MAX_DECISIONS);
    const days = read.flatMap(({ record }) => (record ? [record.body.decidedAt.slice(0, 10)] : []));
    const hold = await this.#hold(person);
    return {
      person,
      decisions: read.length,
      erasedDecisions: read.filter(({ record, error }) => !record && !error).length,
      hold: hold ?? null,
      keptUntil: portfolio.lender ? keptUntil(portfolio.lender.jurisdiction, days) : null,
    };
  }

  /** A copy of everything, for the person (GDPR Art. 15 and 20). */
  async export(borrowerId: string, actor: string): Promise<PersonExport> {
    const { store, facts, held } = this.#options;
    const status = await this.status(borrowerId);
    const read = await store.ofBorrower(borrowerId, MAX_DECISIONS);
    const records = read.flatMap(({ record }) => (record ? [record] : []));
    const decisionIds = records.map(({ body }) => body.decisionId);
    await this.#enter('person_exported', status.person, actor, { decisions: records.length });
    return {
      ...status,
      borrowerId,
      records: records.map(({ body, response }) => ({
        decision: JSON.parse(response),
        request: body.request,
        features: body.features,
        provenance: body.provenance,
      })),
      reviews: await this.#reviews(status.person, decisionIds),
      notices: await this.#notices(status.person, decisionIds),
      facts: await facts.read(borrowerId),
      consents: (await held?.consents(borrowerId)) ?? [],
      fraudKeys: (await held?.fraudKeys(borrowerId)) ?? [],
      fraudCases: (await held?.fraudCases(borrowerId)) ?? [],
    };
  }

  /**
   * Erases a person: every key destroyed, so that what is sealed in records, copies and backups can be read by nobody; the facts for
   * coming decisions and refused events removed; and the person's pseudonym put on the list by which ingestion keeps what files and feeds
   * still hold from coming back. Hashes, chain and checkpoints stay as they are.
   * @throws AssayError conflict under a legal hold, or while a rule keeps the records; not_found when nothing is kept
   */
  async erase(borrowerId: string, actor: string, reason: string): Promise<Erasure> {
    const { database, vault, facts, letters, erased } = this.#options;
    const status = await this.status(borrowerId);
    refuseHeld(status);
    this.#refuseKept(status);
    return database.transaction(async (transaction) => {
      // first: waits for those who are storing facts, and those after it see the list
      await erased.add(transaction, borrowerId);
      const hadKey = await vault.destroy(transaction, status.person);
      const removed = await facts.remove(transaction, borrowerId);
      const deadLetters = await letters.removeOf(transaction, borrowerId);
      if (!hadKey && removed + deadLetters === 0) throw notKnown(borrowerId);
      // the hash of a request is not of the request alone any more once nobody can say what it was
      await transaction.query(
        `UPDATE idempotency_keys SET request_hash = 'erased'
         WHERE decision_id IN (SELECT decision_id FROM decisions WHERE portfolio = $1 AND borrower_id = $2)`,
        [this.#options.portfolio.name, status.person],
      );
      const decisions = status.decisions - status.erasedDecisions;
      const done = { decisions, facts: removed, deadLetters };
      await this.#enterIn(transaction, 'person_erased', status.person, actor, { ...done, reason });
      return { person: status.person, ...done, pending: PENDING };
    });
  }

  /** While a hold stands nobody erases the person. @throws AssayError conflict when one stands */
  async placeHold(borrowerId: string, actor: string, reason: string): Promise<PersonStatus> {
    const status = await this.status(borrowerId);
    if (status.hold) throw new AssayError('conflict', { what: 'a legal hold stands already', given: status.person });
    await this.#options.database.transaction(async (transaction) => {
      await transaction.query(
        'INSERT INTO legal_holds (portfolio, person, reason, placed_by, placed_at) VALUES ($1, $2, $3, $4, $5)',
        [this.#options.portfolio.name, status.person, reason, actor, this.#options.clock.now()],
      );
      await this.#enterIn(transaction, 'hold_placed', status.person, actor, { reason });
    });
    return this.status(borrowerId);
  }

  /** @throws AssayError conflict when none stands; forbidden for the one who placed it */
  async liftHold(borrowerId: string, actor: string, reason: string): Promise<PersonStatus> {
    const status = await this.status(borrowerId);
    if (!status.hold) throw new AssayError('conflict', { what: 'no legal hold stands', given: status.person });
    if (status.hold.placedBy === actor) {
      const fix = 'ask a second person';
      throw new AssayError('forbidden', { what: 'who placed a legal hold may not lift it', given: actor, fix });
    }
    await this.#options.database.transaction(async (transaction) => {
      await transaction.query(
        'UPDATE legal_holds SET lifted_by = $3, lifted_at = $4 WHERE portfolio = $1 AND person = $2 AND lifted_at IS NULL',
        [this.#options.portfolio.name, status.person, actor, this.#options.clock.now()],
      );
      await this.#enterIn(transaction, 'hold_lifted', status.person, actor, { reason });
    });
    return this.status(borrowerId);
  }

  /** Notes that data of a person was corrected and decided anew. */
  async noteCorrection(
    borrowerId: string,
    actor: string,
    data: { readonly from: string; readonly to: string; readonly fields: readonly string[] },
  ): Promise<void> {
    await this.#enter('person_corrected', this.#options.vault.pseudonym(borrowerId), actor, data);
  }

  #refuseKept({ keptUntil: kept, decisions, erasedDecisions }: PersonStatus): void {
    const today = this.#options.clock.now().toISOString().slice(0, 10);
    if (!kept || kept.day <= today || decisions === erasedDecisions) return;
    throw new AssayError('conflict', {
      what: 'a rule keeps the records of this person',
      given: `${kept.rule} (${kept.source})`,
      allowed: `from ${kept.day}`,
      fix: 'tell the person the rule and the day; it is erased when asked again after it',
    });
  }

  async #hold(person: string): Promise<LegalHold | undefined> {
    const [row] = await this.#options.database.query<{ reason: string; placed_by: string; placed_at: Date }>(
      'SELECT reason, placed_by, placed_at FROM legal_holds WHERE portfolio = $1 AND person = $2 AND lifted_at IS NULL',
      [this.#options.portfolio.name, person],
    );
    return row && { reason: row.reason, placedBy: row.placed_by, placedAt: row.placed_at };
  }

  async #reviews(person: string, decisionIds: readonly string[]): Promise<Readonly<Record<string, unknown>>[]> {
    const rows = await this.#options.database.query<{ case_id: string; note: string | null; request: string | null }>(
      `SELECT case_id, decision_id, origin, opened_at, status, outcome, code, note, request, decided_at FROM review_cases
       WHERE portfolio = $1 AND decision_id = ANY ($2) ORDER BY opened_at`,
      [this.#options.portfolio.name, decisionIds],
    );
    return Promise.all(
      rows.map(async (row) => ({
        ...row,
        note: row.note && (await this.#options.vault.open(person, row.note, `note ${row.case_id}`)),
        request: row.request && (await this.#options.vault.open(person, row.request, `request ${row.case_id}`)),
      })),
    );
  }

  async #notices(person: string, decisionIds: readonly string[]): Promise<Readonly<Record<string, unknown>>[]> {
    const rows = await this.#options.database.query<{ decision_id: string; about: DutySubject; document: string }>(
      `SELECT decision_id, about, kind, jurisdiction, issued_at, channel, document FROM notice_duties
       WHERE portfolio = $1 AND decision_id = ANY ($2) AND state = 'issued' ORDER BY issued_at`,
      [this.#options.portfolio.name, decisionIds],
    );
    const open = async (row: (typeof rows)[number]) => {
      const context = documentContext({ decisionId: row.decision_id, about: row.about });
      return { ...row, document: await this.#options.vault.open(person, row.document, context) };
    };
    return Promise.all(rows.map(open));
  }

  #enter(kind: AuditKind, person: string, actor: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#options.database.transaction((transaction) => this.#enterIn(transaction, kind, person, actor, data));
  }

  async #enterIn(
    transaction: Database,
    kind: AuditKind,
    person: string,
    ...[actor, data]: [string, Readonly<Record<string, unknown>>]
  ): Promise<void> {
    const { portfolio, clock } = this.#options;
    await enterAudit(transaction, { portfolio: portfolio.name, kind, subject: person, actor, at: clock.now(), data });
  }
}

/** The last day any decision must be kept, and by which rule. */
function keptUntil(jurisdiction: string, days: readonly string[]): PersonStatus['keptUntil'] {
  return days.reduce<PersonStatus['keptUntil']>((latest, decided) => {
    const rule = longestRetention(jurisdiction, decided);
    const day = rule && addMonths(decided, rule.months);
    return day && day > (latest?.day ?? '') ? { day, rule: rule.id, source: rule.source } : latest;
  }, null);
}

function refuseHeld({ hold, person }: PersonStatus): void {
  if (!hold) return;
  throw new AssayError('conflict', {
    what: 'a legal hold stands on this person',
    given: `${person}, since ${hold.placedAt.toISOString().slice(0, 10)}`,
    fix: 'nothing is erased until another person than the one who placed it lifts it',
  });
}

const notKnown = (given: string): AssayError =>
  new AssayError('not_found', { what: 'nothing is kept of this person', given, fix: 'check the id' });
