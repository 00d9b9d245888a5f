import { AssayError, sha256Hex } from '../domain/index.ts';
import { type AuditKind, type Clock, type Database, enterAudit, type PersonVault } from '../platform/index.ts';
import type { FraudCase, FraudLabel, FraudVerdict } from './fraud-case.ts';
import type { ScannedApplication } from './scan-book.ts';

/** How long a case stays with the person who took it; abandoned, it is everybody's again. */
export const FRAUD_LEASE_MINUTES = 30;
/** Cases one person may hold at once. */
const MAX_HELD = 5;
/** Labels read for figures, newest first. */
const MAX_LABELS = 20_000;

type Row = {
  application_id: string;
  person: string;
  score: number;
  band: FraudCase['band'];
  signals: string[];
  status: FraudCase['status'];
  claimed_by: string | null;
  claimed_at: Date | null;
  leased_until: Date | null;
  verdict: FraudVerdict | null;
  note: string | null;
  decided_by: string | null;
  decided_at: Date | null;
  dwell_ms: number | null;
};

export type FraudCaseStoreOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly portfolio: string;
  readonly vault: Pick<PersonVault, 'pseudonym' | 'sealOf' | 'open'>;
};

/** The fraud cases of one portfolio. Whoever acts names themselves; every step is entered in the audit log. */
export class FraudCaseStore {
  readonly #options: FraudCaseStoreOptions;

  constructor(options: FraudCaseStoreOptions) {
    this.#options = options;
  }

  /** The cases of some applications, by application; those nobody took have none. */
  async of(applicationIds: readonly string[]): Promise<ReadonlyMap<string, FraudCase>> {
    const { database, portfolio } = this.#options;
    const rows = await database.query<Row>(
      'SELECT * FROM fraud_cases WHERE portfolio = $1 AND application_id = ANY ($2)',
      [portfolio, applicationIds],
    );
    const cases = await Promise.all(rows.map((row) => this.#shown(row)));
    return new Map(cases.map((found) => [found.applicationId, found]));
  }

  /** The cases about a person, with what was written of them; oldest first. */
  async ofBorrower(borrowerId: string): Promise<FraudCase[]> {
    const { database, portfolio, vault } = this.#options;
    const rows = await database.query<Row>(
      'SELECT * FROM fraud_cases WHERE portfolio = $1 AND person = $2 ORDER BY opened_at, application_id',
      [portfolio, vault.pseudonym(borrowerId)],
    );
    return Promise.all(rows.map((row) => this.#shown(row)));
  }

  /**
   * Takes a case for FRAUD_LEASE_MINUTES, or renews one's own lease. An unsure one may be taken up again, by whoever finds more.
   * @throws AssayError conflict when another holds it, it is settled, or this person holds as many as one may
   */
  async claim({ application, score, band, signals }: ScannedApplication, actor: string): Promise<FraudCase> {
    const { database: pool, portfolio, vault } = this.#options;
    const { applicationId, borrowerId } = application;
    const row = await pool.transaction(async (database) => {
      const now = this.#now();
      await database.query(
        `INSERT INTO fraud_cases (portfolio, application_id, person, score, band, signals, opened_at, status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open') ON CONFLICT DO NOTHING`,
        [portfolio, applicationId, vault.pseudonym(borrowerId), score, band, signals.map(({ id }) => id), now],
      );
      const found = await this.#row(database, applicationId, 'FOR UPDATE');
      if (isSettled(found)) throw settledAlready(found);
      const isHeld = isHeldAt(found, now);
      if (isHeld && found.claimed_by !== actor) throw heldByAnother(found);
      if (!isHeld) await this.#refuseTooMany(database, actor);
      const until = new Date(now.getTime() + FRAUD_LEASE_MINUTES * 60_000);
      await database.query(
        `UPDATE fraud_cases SET status = 'claimed', claimed_by = $3, claimed_at = $4, leased_until = $5
         WHERE portfolio = $1 AND application_id = $2`,
        [portfolio, applicationId, actor, isHeld ? found.claimed_at : now, until],
      );
      if (!isHeld) await this.#enter(database, 'fraud_claimed', applicationId, actor, { score, band });
      return this.#row(database, applicationId, '');
    });
    return this.#shown(row);
  }

  /** Gives a case back. @throws AssayError conflict when this person does not hold it */
  async release(applicationId: string, actor: string): Promise<FraudCase> {
    const { portfolio } = this.#options;
    return this.#change(applicationId, async (database, found) => {
      this.#refuseNotHeld(found, actor);
      // what was unsure before somebody took it up again is unsure still
      await database.query(
        `UPDATE fraud_cases SET status = CASE WHEN verdict IS NULL THEN 'open' ELSE 'decided' END, claimed_by = NULL,
           claimed_at = NULL, leased_until = NULL WHERE portfolio = $1 AND application_id = $2`,
        [portfolio, applicationId],
      );
      await this.#enter(database, 'fraud_released', applicationId, actor, {});
    });
  }

  /**
   * What the person who holds the case found, and why. Sending the same again changes nothing.
   * @throws AssayError conflict when this person does not hold it (any more), or it is settled
   */
  async decide(
    application: { readonly applicationId: string; readonly borrowerId: string },
    actor: string,
    answer: { readonly verdict: FraudVerdict; readonly note: string },
  ): Promise<FraudCase> {
    const { portfolio, vault } = this.#options;
    const { applicationId, borrowerId } = application;
    const before = (await this.of([applicationId])).get(applicationId);
    const sealed = (await vault.sealOf(borrowerId)).seal(answer.note, noteContext(applicationId));
    return this.#change(applicationId, async (database, found) => {
      const isSame = found.decided_by === actor && found.verdict === answer.verdict && before?.note === answer.note;
      if (found.status === 'decided' && isSame) return;
      if (isSettled(found)) throw settledAlready(found);
      this.#refuseNotHeld(found, actor);
      const now = this.#now();
      const dwellMs = Math.max(0, now.getTime() - (found.claimed_at ?? now).getTime());
      await database.query(
        `UPDATE fraud_cases SET status = 'decided', verdict = $3, note = $4, decided_by = $5, decided_at = $6, dwell_ms = $7,
           claimed_by = NULL, claimed_at = NULL, leased_until = NULL WHERE portfolio = $1 AND application_id = $2`,
        [portfolio, applicationId, answer.verdict, sealed, actor, now, dwellMs],
      );
      const data = { verdict: answer.verdict, noteHash: sha256Hex(answer.note), dwellMs };
      await this.#enter(database, 'fraud_decided', applicationId, actor, data);
    });
  }

  /** What people found, newest first: for figures about the signals, never as a label of default. */
  async labels(): Promise<FraudLabel[]> {
    const { database, portfolio } = this.#options;
    const rows = await database.query<Pick<Row, 'application_id' | 'signals'> & { verdict: FraudVerdict }>(
      `SELECT application_id, verdict, signals FROM fraud_cases WHERE portfolio = $1 AND verdict IS NOT NULL
       ORDER BY decided_at DESC, application_id LIMIT ${MAX_LABELS}`,
      [portfolio],
    );
    return rows.map(({ application_id, verdict, signals }) => ({ applicationId: application_id, verdict, signals }));
  }

  #now(): Date {
    return this.#options.clock.now();
  }

  /** One person at a time changes a case: its row is locked until the change is kept. */
  async #change(applicationId: string, work: (database: Database, found: Row) => Promise<void>): Promise<FraudCase> {
    const row = await this.#options.database.transaction(async (database) => {
      await work(database, await this.#row(database, applicationId, 'FOR UPDATE'));
      return this.#row(database, applicationId, '');
    });
    return this.#shown(row);
  }

  /** @throws AssayError conflict: nobody took it */
  async #row(database: Database, applicationId: string, lock: '' | 'FOR UPDATE'): Promise<Row> {
    const [row] = await database.query<Row>(
      `SELECT * FROM fraud_cases WHERE portfolio = $1 AND application_id = $2 ${lock}`,
      [this.#options.portfolio, applicationId],
    );
    if (row) return row;
    throw new AssayError('conflict', { what: 'you do not hold this case', given: applicationId, fix: CLAIM_FIRST });
  }

  async #shown(row: Row): Promise<FraudCase> {
    const isStale = row.status === 'claimed' && !isHeldAt(row, this.#now());
    const note = row.note === null ? null : await this.#opened(row.person, row.note, row.application_id);
    return {
      applicationId: row.application_id,
      score: row.score,
      band: row.band,
      signals: row.signals,
      status: isStale ? (row.verdict === null ? 'open' : 'decided') : row.status,
      claimedBy: isStale ? null : row.claimed_by,
      leasedUntil: isStale ? null : row.leased_until,
      verdict: row.verdict,
      note,
      decidedBy: row.decided_by,
      decidedAt: row.decided_at,
      dwellMs: row.dwell_ms,
    };
  }

  async #opened(person: string, sealed: string, applicationId: string): Promise<string> {
    return (await this.#options.vault.open(person, sealed, noteContext(applicationId))) ?? 'erased';
  }

  #refuseNotHeld(found: Row, actor: string): void {
    if (isHeldAt(found, this.#now()) && found.claimed_by === actor) return;
    const given =
      found.claimed_by === actor ? `your time ran out at ${found.leased_until?.toISOString()}` : found.application_id;
    throw new AssayError('conflict', { what: 'you do not hold this case', given, fix: CLAIM_FIRST });
  }

  async #refuseTooMany(database: Database, actor: string): Promise<void> {
    const [held] = await database.query<{ count: number }>(
      `SELECT count(*) AS count FROM fraud_cases WHERE portfolio = $1 AND status = 'claimed' AND claimed_by = $2 AND leased_until > $3`,
      [this.#options.portfolio, actor, this.#now()],
    );
    if ((held?.count ?? 0) < MAX_HELD) return;
    const fix = 'decide or release one of them first';
    throw new AssayError('conflict', { what: `at most ${MAX_HELD} cases are held by one person`, given: actor, fix });
  }

  async #enter(
    database: Database,
    kind: AuditKind,
    subject: string,
    actor: string,
    data: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    await enterAudit(database, { portfolio: this.#options.portfolio, kind, subject, actor, at: this.#now(), data });
  }
}

const CLAIM_FIRST = 'claim it first: POST /fraud/cases/:applicationId/claim';

const noteContext = (applicationId: string): string => `fraud note ${applicationId}`;

const isHeldAt = (row: Row, now: Date): boolean =>
  row.status === 'claimed' && row.leased_until !== null && row.leased_until > now;

const isSettled = ({ status, verdict }: Row): boolean => status === 'decided' && verdict !== 'unsure';

function settledAlready({ application_id, verdict, decided_at }: Row): AssayError {
  const given = `${application_id}: ${verdict} on ${decided_at?.toISOString()}`;
  return new AssayError('conflict', { what: 'this case is settled', given, fix: 'a case is settled once' });
}

function heldByAnother({ claimed_by, leased_until }: Row): AssayError {
  const fix = `take another case, or wait until ${leased_until?.toISOString()}`;
  return new AssayError('conflict', { what: 'another person has this case', given: claimed_by ?? '', fix });
}
